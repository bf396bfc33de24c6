// JSON with exactly one text for each value (RFC 8785): keys sorted, no spaces, numbers as JavaScript writes them. So a
// checksum of the text is a checksum of the value.

/** @param value what JSON can hold; properties that are undefined are left out. @throws Error for NaN and infinity */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join()}]`;
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`JSON cannot hold ${value}`);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => a < b ? -1 : 1); // by UTF-16 code units
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join()}}`;
}
