// Rehearses a CPU engine, and finds out whether more Workers make it faster.
import type { EngineLink } from "../workers/engine_link.ts";
import { cpuWins } from "./measured_engines.ts";
import type { Rehearsal } from "./rehearsal.ts";

/** What is known about a CPU engine before its rehearsal. */
export interface CpuEngine {
  link: EngineLink;
  /** Of the run, for starting again. */
  seed: string;
  iterations: number;
  workers: number;
  /** Workers to try as well; null if it is known how many are fastest. */
  more: number | null;
  /** What the graphics card made, in iterations per second; null without one. */
  card_rate: number | null;
  /** What it makes with `workers` Workers; null until this is known. */
  rate: number | null;
}

export interface CpuResult {
  /** Iterations per second; if the rehearsal was cut short, what the engine made at least. */
  rate: number;
  workers: number;
  /** How many Workers are fastest is known. */
  compared: boolean;
  /** The engine's new name; null if it has the Workers that it had. */
  description: string | null;
}

/** Whether it is known to be the engine to go on with. */
export function hasWon({ rate, card_rate }: CpuEngine): boolean {
  return card_rate === null || rate !== null && cpuWins({ cpu: rate, webgpu: card_rate });
}

/**
 * @returns null if the rehearsal was cut short before the engine's speed was known; where there is a card, before it was
 * known which of them wins
 */
export async function rehearseCpu(rehearsal: Rehearsal, engine: CpuEngine): Promise<CpuResult | null> {
  const { link, seed, iterations, workers, more, card_rate } = engine;
  const wins = (rate: number) => hasWon({ ...engine, rate });
  const rate = await rehearsal.hold(link, iterations, more !== null || card_rate !== null ? 2 : 1);
  const result = { rate: rate ?? rehearsal.rate ?? 0, workers, compared: false, description: null };
  if (rate === null) return card_rate !== null && wins(result.rate) ? result : null;
  engine.rate = rate;
  if (more === null || !wins(rate * more / workers)) return result;
  if (!rehearsal.ended) await link.ask({ type: "reset", seed }, "reset_done"); // a short run may have ended
  // Fewer Workers that lose say nothing about more of them, so such a result must not be remembered.
  if (rehearsal.ended) return wins(rate) ? result : null;
  const description = await link.staff(more);
  if (description === null) return { ...result, compared: true };
  const faster = rehearsal.ended ? null : await rehearsal.hold(link, iterations, 2);
  if (faster !== null && faster > rate) return { rate: faster, workers: more, compared: true, description };
  if (faster === null && !wins(rate)) return null;
  if (wins(rate)) await link.staff(workers); // where the card wins, all of them end
  return { ...result, compared: faster !== null };
}
