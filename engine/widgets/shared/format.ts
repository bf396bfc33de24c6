// Formats numbers as the page shows them, with their units. In all functions that accept it, null means "no value yet".
import { decimals, large } from "../../wording.ts";

/** Shown if there is no value yet. */
export const DASH = "–";

/** A loss in nats per character, with four decimals; 1.2 × 10¹⁸ if huge. Infinity and NaN are shown as ∞ and NaN. */
export function loss(nats: number | null): string {
  if (nats === null) return DASH;
  return Number.isFinite(nats) ? decimals(nats, 4) : notFinite(nats);
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
}

/** A whole number with thousands separators: 1,115,394. */
export function count(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: 0 });
}

/**
 * What a loss means: a model with loss L is as unsure as one that chooses evenly among e^L characters.
 * @param vocab_size V; if the loss is far above ln V the comparison is meaningless, and the words say something else.
 */
export function asUnsureAs(nats: number | null, vocab_size: number): string {
  if (nats === null) return "";
  const among = Math.exp(nats);
  if (!(among <= 4 * vocab_size)) return `much worse than guessing evenly among all ${vocab_size} characters`;
  return `like guessing among ${among < 9.95 ? among.toFixed(1) : count(among)} characters`;
}

/** Iterations per second, with three digits: more would not help a reader. */
export function rate(per_second: number | null): string {
  if (per_second === null || !Number.isFinite(per_second)) return DASH;
  if (per_second >= 99.95) return count(per_second);
  return per_second.toFixed(per_second >= 9.995 ? 1 : 2);
}

/** A learning rate: 3.00e-3 if small, otherwise 10.0, or 10³⁷ if huge. */
export function learningRate(value: number | null): string {
  if (value === null) return DASH;
  if (Math.abs(value) >= 999.5) return large(value);
  return value !== 0 && Math.abs(value) < 0.1 ? value.toExponential(2) : value.toPrecision(3);
}

/** Elapsed time: 8.2 s, 1 min 05 s, 2 h 03 min. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Remaining time, rounded because it is an estimate: "about 40 s left". Empty if unknown. */
export function timeLeft(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "";
  return ms < 5000 ? "a few seconds left" : `${roughly(ms, "s", "min", "h")} left`;
}

/** How long a whole run takes, for a run that has not begun; empty if unknown. */
export function timeAhead(ms: number | null, iterations: number): string {
  if (ms === null || !Number.isFinite(ms)) return "";
  const span = ms < 5000 ? "a few seconds" : roughly(ms, "seconds", "minutes", "hours");
  return `a run of ${count(iterations)} iterations takes ${span} here`;
}

/** @param units the words for seconds, minutes and hours; plurals lose their s after 1 */
function roughly(ms: number, ...units: [seconds: string, minutes: string, hours: string]): string {
  const said = (n: number, unit: string) => `${n} ${n === 1 && unit.length > 1 ? unit.replace(/s$/, "") : unit}`;
  const seconds = ms / 1000;
  if (seconds < 87.5) return `about ${said(Math.round(seconds / 5) * 5, units[0])}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${said(minutes, units[1])}`;
  const tens = Math.round(minutes / 10);
  const rest = tens % 6 === 0 ? "" : ` ${said((tens % 6) * 10, units[1])}`;
  return `about ${said(Math.floor(tens / 6), units[2])}${rest}`;
}
