// The CPU engine's two modules, made from the same C, and the test that chooses between them. Their results differ through
// one operation, a b + c: gpt_fma.wasm rounds it once and is faster, gpt.wasm rounds the product and then the sum. Each
// gives the same bytes on every machine that runs it.
import type { CpuModule } from "../training/backend.ts";
import { inflateBytes } from "../training/inflate.ts";
import base from "./gpt.wasm" with { type: "bytes" };
import fma from "./gpt_fma.wasm" with { type: "bytes" };

/** In the page's script, modules are packed together, `turn` bytes of each in turn; `which` is this module's number. */
interface PackedModule {
  together: { gzip_base64: string; turn: number; lengths: number[] };
  which: number;
}

/** In deno an import gives a module's bytes; in the page's script they are packed. */
const SOURCES: Record<CpuModule, unknown> = { base, fma };

export async function moduleBytes(module: CpuModule): Promise<Uint8Array<ArrayBuffer>> {
  const source = SOURCES[module];
  if (source instanceof Uint8Array) return source as Uint8Array<ArrayBuffer>;
  const { together: { gzip_base64, turn, lengths }, which } = source as PackedModule;
  const together = new Uint8Array(await inflateBytes(gzip_base64)), bytes = new Uint8Array(lengths[which]);
  for (let at = 0; at < bytes.length; at += turn) {
    const begin = at * lengths.length + which * turn;
    bytes.set(together.subarray(begin, begin + Math.min(turn, bytes.length - at)), at);
  }
  return bytes;
}

/** A module with one function, which splats an f32 over four lanes and takes the first. */
const SIMD_TEST = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 6, 1, 0x60, 1, 0x7d, 1, 0x7d],
  ...[3, 2, 1, 0],
  ...[10, 11, 1, 9, 0, 0x20, 0, 0xfd, 0x13, 0xfd, 0x1f, 0, 0x0b],
);

/** Whether this browser can run the module base. Its other features are older than SIMD. */
export const hasSimd = () => WebAssembly.validate(SIMD_TEST);

/**
 * A module with one function: rounded(a, b, c) = relaxed_madd(a, b, c) - relaxed_nmadd(a, b, -c), which are
 * (a b + c) - (-c - a b). WebAssembly lets a machine round each of them once or twice, but always in the same way
 * (relaxed SIMD proposal, "fused or unfused"), so a test at the start holds for the whole run.
 */
const START_TEST = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // "\0asm", version 1
  ...[1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d], // type 0: (f32, f32, f32) -> f32
  ...[3, 2, 1, 0], // function 0 has type 0
  ...[7, 11, 1, 7, 114, 111, 117, 110, 100, 101, 100, 0, 0], // it is exported as "rounded"
  ...[10, 41, 1, 39, 0], // its code: 39 bytes, no locals
  ...[0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0xfd, 0x13], // f32x4.splat of a, of b, of c
  ...[0xfd, 0x85, 2], // f32x4.relaxed_madd
  ...[0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0x8c, 0xfd, 0x13], // of a, of b, of -c
  ...[0xfd, 0x86, 2], // f32x4.relaxed_nmadd
  ...[0xfd, 0xe5, 1, 0xfd, 0x1f, 0, 0x0b], // f32x4.sub, f32x4.extract_lane 0, end
);

/** (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24: an f32 product loses its last term, which only a sum rounded with it keeps. */
const FACTOR = 1 + 2 ** -12, SUMMAND = -(1 + 2 ** -11), BOTH_ONCE = 2 * 2 ** -24;

/** Whether this browser has a fused multiply-add, and uses it. */
export function roundsOnce(): boolean {
  if (!WebAssembly.validate(START_TEST)) return false;
  const { rounded } = new WebAssembly.Instance(new WebAssembly.Module(START_TEST)).exports;
  return (rounded as (a: number, b: number, c: number) => number)(FACTOR, FACTOR, SUMMAND) === BOTH_ONCE;
}

let chosen: CpuModule | null = null;

/** The module to train with in this browser. */
export function cpuModule(): CpuModule {
  return chosen ??= roundsOnce() ? "fma" : "base";
}
