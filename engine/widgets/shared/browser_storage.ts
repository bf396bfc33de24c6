// What this browser remembers for a page, in localStorage. On file:// Chromium shares one store among all files, so
// each key contains the name of this program and the page's path, which is empty for what all pages share.

/** The key for `what` on the page at `path`. */
export function memoryKey(path: string, what: string): string {
  return `press-start:${path}:${what}`;
}

/** @returns the value stored for the page at `path`, or null if there is none or it cannot be read. */
export function recall(what: string, path = pagePath()): unknown {
  try {
    return JSON.parse(localStorage.getItem(memoryKey(path, what)) ?? "null");
  } catch {
    return null; // no storage for this page, or a value that is not ours
  }
}

/** Stores a value, or deletes it if null. @returns whether the browser allowed it: some store nothing. */
export function remember(what: string, value: unknown, path = pagePath()): boolean {
  const key = memoryKey(path, what);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Empty where there is no page, as in tests. */
function pagePath(): string {
  return globalThis.location?.pathname ?? "";
}
