// How the fused plan divides its rows among workgroups. Each workgroup loads all weights that it multiplies by, so with 32
// rows, half as many workgroups load half as many bytes. That should help where memory is slow, as in a laptop whose graphics
// share the processor's memory; it has not been measured yet. On a large card, half as many workgroups leave cores idle.
import type { BackendOptions } from "../training/backend.ts";
import { type Card, fits } from "./card.ts";
import type { Plan } from "./plan.ts";

export type Rows = 16 | 32;

/**
 * Each weight gradient is summed in so many parts at most: enough to keep a card busy, few enough to add up quickly. With 32
 * rows, four parts make some 250 workgroups of the lesson's gradients.
 */
const MOST_PARTS: Record<Rows, number> = { 16: 16, 32: 4 };
/** And of so many sequences at least: on an H200, a batch of 12 is 1.06 times as fast with six parts as with twelve. */
const LEAST_SEQUENCES = 2;

/** @returns how many sequences of a batch of B are summed in one part */
export function sequencesOfPart(B: number, rows: Rows): number {
  return Math.max(LEAST_SEQUENCES, Math.ceil(B / MOST_PARTS[rows]));
}

/**
 * Makers whose cards mostly share the processor's memory. NVIDIA's have fast memory of their own, and up to more than 100
 * cores: on an H200, with 132, the lesson makes 0.8 times as many iterations with 32 rows as with 16. Apple's allow large
 * workgroups, but a kernel with many variables may be limited to smaller ones, and then some browsers do not run it and
 * report nothing (gpuweb/gpuweb, issue 5315).
 */
const SHARING_MEMORY = ["intel", "amd"];
/** With fewer workgroups, 32 rows would leave even a small card idle: an estimate, not measured. */
const LEAST_WORKGROUPS = 24;

/** What the workgroups of fused/tile.wgsl and fused/head.wgsl need: for each row, 50 vec4, 16 numbers and one. */
export function limitsOfRows(rows: Rows): Plan["limits"] {
  if (rows === 16) return {}; // WebGPU's defaults are enough
  const invocations = 16 * rows;
  return {
    maxComputeInvocationsPerWorkgroup: invocations,
    maxComputeWorkgroupSizeX: invocations,
    maxComputeWorkgroupStorageSize: rows * (50 * 16 + 16 * 4 + 4),
  };
}

/** The rows for a run on a card. Only the card and the run decide: same seed, same bytes. */
export function rowsFor({ run: { model, training } }: BackendOptions, card: Card): Rows {
  const workgroups = training.batch_size * model.block_size / 32;
  const suits = SHARING_MEMORY.includes(card.info.vendor ?? "") && fits(card, limitsOfRows(32));
  return suits && workgroups >= LEAST_WORKGROUPS ? 32 : 16;
}
