// What stands at the axis of losses, from the thousandths of a model that has learnt by heart to a run whose numbers end.
import { powerOfTen } from "../../wording.ts";

/** From here on, and below a hundredth, a label is a power of ten: no axis has room for twenty digits. */
const POWERS_FROM = 10_000, POWERS_BELOW = 0.01;
/** The smallest steps of 1, 2, 5, 10 on a logarithmic axis, in decades. */
const SMALLEST_STEP = Math.log10(2);
/** Between two labels there is at least this, in heights of a label. */
const AIR = 1.6;
/** A tick, and what lies between it and its label, in CSS pixels. */
const TICK_PX = 5, GAP_PX = 3;

/**
 * Places for the labels of a logarithmic axis: 1, 2, 5, 10 where there is room, else powers of ten, or every second or
 * third of them; beyond 10,000 powers alone.
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

/** 0.05, 2, 5,000, 10⁴, 2.5 × 10⁹; 0 is 0. */
export function lossLabel(value: number): string {
  if (value === 0 || isPlain(value)) return value.toLocaleString("en-GB");
  const [digits, exponent] = value.toExponential().split("e"), power = powerOfTen(Number(exponent));
  return digits === "1" ? power : `${digits} × ${power}`;
}

/** Room beside the axis for the longest label, in CSS pixels, and never less than for "4.00". */
export function labelRoom(context: CanvasRenderingContext2D, font: string, label_px: number, labels: string[]): number {
  context.save();
  context.font = font;
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width));
  context.restore();
  return Math.max(2.9 * label_px, Math.ceil(widest) + TICK_PX + GAP_PX + 2);
}
