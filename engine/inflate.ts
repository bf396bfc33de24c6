// Unpacking a corpus that came as base64 in a script, because a page opened from file:// can fetch nothing.

/** Characters of base64 decoded at a time: a multiple of four. */
const PIECE = 1 << 16;

/**
 * @param gzip_base64 a text in UTF-8, gzipped, in base64
 * @returns the text
 * @throws where the data is damaged
 */
export async function inflate(gzip_base64: string): Promise<string> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < gzip_base64.length; at += PIECE) {
    const binary = atob(gzip_base64.slice(at, at + PIECE));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    pieces.push(bytes);
  }
  const inflated = new Blob(pieces).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(inflated).text();
}
