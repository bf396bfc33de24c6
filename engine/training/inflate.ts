// Unpacks a corpus or a module. They arrive as base64 in a script, because a page opened from file:// cannot fetch
// anything.

/** Base64 characters decoded at a time; a multiple of four. */
const PIECE = 1 << 16;

/**
 * @param gzip_base64 a UTF-8 text, gzipped, then in base64
 * @param take receives the text in pieces of whole characters
 * @throws if the data is damaged
 */
export async function inflate(gzip_base64: string, take: (piece: string) => void): Promise<void> {
  const pieces = inflated(gzip_base64).pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) take(piece.value);
}

/** @param gzip_base64 bytes, gzipped, then in base64 */
export async function inflateBytes(gzip_base64: string): Promise<ArrayBuffer> {
  return await new Response(inflated(gzip_base64)).arrayBuffer();
}

function inflated(gzip_base64: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  // Not a Blob: on file://, WebKit lets a Worker make one but refuses to read it.
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= gzip_base64.length) return controller.close();
      controller.enqueue(bytesOf(atob(gzip_base64.slice(at, at += PIECE))));
    },
  });
  return packed.pipeThrough(new DecompressionStream("gzip"));
}

/** @param binary one character per byte, as atob returns it */
function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
