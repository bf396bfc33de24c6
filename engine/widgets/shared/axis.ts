// Labels of a loss axis, from the thousandths of a model that has memorised its text to a run that overflows.
import { powerOfTen } from "../../wording.ts";

/** At or above the first, and below the second, labels are powers of ten: no axis has room for twenty digits. */
const POWERS_FROM = 10_000, POWERS_BELOW = 0.01;
/** The smallest step between 1, 2, 5 and 10 on a logarithmic axis, in decades. */
const SMALLEST_STEP = Math.log10(2);
/** Smallest distance between neighbouring labels, as a multiple of a label's height. */
const AIR = 1.6;
/** Length of a tick, and the gap between it and its label, in CSS pixels. */
const TICK_PX = 5, GAP_PX = 3;

/**
 * Values to label on a logarithmic axis: 1, 2, 5, 10 if there is room, otherwise powers of ten, or every second or
 * third of them. From 10,000 on, and below 0.01, only powers of ten.
 * @param height_px of the axis
 * @param label_px height of a label
 */
export function logLossTicks(low: number, high: number, height_px: number, label_px: number): number[] {
  const bottom = Math.log10(low), top = Math.log10(high), decade_px = height_px / (top - bottom);
  const every = Math.max(1, Math.ceil(AIR * label_px / decade_px));
  const steps = SMALLEST_STEP * decade_px >= AIR * label_px ? [1, 2, 5] : [1], ticks: number[] = [];
  for (let exponent = Math.floor(bottom / every) * every; exponent <= top; exponent += every) {
    for (const step of steps) {
      const tick = Number(`${step}e${exponent}`);
      if (tick >= low && tick <= high && (step === 1 || isPlain(tick))) ticks.push(tick);
    }
  }
  return ticks;
}

const isPlain = (value: number) => Math.abs(value) < POWERS_FROM && Math.abs(value) >= POWERS_BELOW;

/** The label for a loss: 0, 0.05, 2, 5,000, 10⁴ or 2.5 × 10⁹. */
export function lossLabel(value: number): string {
  if (value === 0 || isPlain(value)) return value.toLocaleString("en-GB");
  const [digits, exponent] = value.toExponential().split("e"), power = powerOfTen(Number(exponent));
  return digits === "1" ? power : `${digits} × ${power}`;
}

/** Width beside the axis for the longest label, in CSS pixels; at least enough for "4.00". */
export function labelRoom(context: CanvasRenderingContext2D, font: string, label_px: number, labels: string[]): number {
  context.save();
  context.font = font;
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width));
  context.restore();
  return Math.max(2.9 * label_px, Math.ceil(widest) + TICK_PX + GAP_PX + 2);
}
