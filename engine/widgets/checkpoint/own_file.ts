// Reads a file that this page's engine has just made. A file from elsewhere is read by the Worker, which checks it.
import { layoutOf } from "../../checkpoint/safetensors.ts";

/** The weights in the order of training/params.ts, and their iteration. */
export async function weightsIn(file: Blob): Promise<{ weights: Float32Array<ArrayBuffer>; iteration: number }> {
  const bytes = new Uint8Array(await file.arrayBuffer()),
    { data_at, metadata, tensors } = layoutOf(bytes, bytes.length);
  const own = [...tensors].filter(([name]) => !/^(adamw|history)\./.test(name));
  const end = Math.max(...own.map(([, { end }]) => end));
  const { iteration } = JSON.parse(metadata.press_start) as { iteration: number };
  return { weights: new Float32Array(bytes.slice(data_at, data_at + end).buffer), iteration };
}
