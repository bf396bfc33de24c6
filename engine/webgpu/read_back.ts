// Copies tensors from the GPU into main memory, through buffers that can be mapped.
import { allocating } from "../training/allocate.ts";
import type { CompiledPlan } from "./compile.ts";
import type { OpenDevice } from "./device.ts";

/** @returns a buffer that the GPU can copy into, and read() can read */
export function readable(device: GPUDevice, label: string, size: number): GPUBuffer {
  return device.createBuffer({ label, size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
}

/** @returns the first `count` numbers of a buffer once the GPU has written them; then the buffer is free again */
export async function read(buffer: GPUBuffer, count: number): Promise<Float32Array<ArrayBuffer>> {
  await buffer.mapAsync(GPUMapMode.READ, 0, 4 * count);
  const copy = allocating(() => new Float32Array(buffer.getMappedRange(0, 4 * count)).slice());
  buffer.unmap();
  return copy;
}

/** @returns the bytes that readTensors() needs for these tensors */
export function bytesOf({ place }: CompiledPlan, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + place(name).size_bytes, 0);
}

/**
 * @param readback free, and large enough for all of them
 * @returns copies of tensors; those of u32 tensors have the same bits, read as f32
 */
export async function readTensors(
  { device, guard }: OpenDevice,
  plan: CompiledPlan,
  names: readonly string[],
  readback: GPUBuffer,
): Promise<Float32Array<ArrayBuffer>[]> {
  const encoder = device.createCommandEncoder();
  let at_bytes = 0;
  for (const name of names) {
    const { buffer, offset_bytes, size_bytes } = plan.place(name);
    encoder.copyBufferToBuffer(buffer, offset_bytes, readback, at_bytes, size_bytes);
    at_bytes += size_bytes;
  }
  device.queue.submit([encoder.finish()]);
  const all = await guard(read(readback, at_bytes / 4));
  let at = 0;
  return names.map((name) => {
    const { size_bytes } = plan.place(name);
    return all.slice(at, at += size_bytes / 4);
  });
}
