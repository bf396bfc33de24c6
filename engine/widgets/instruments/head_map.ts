// A head's attention as a picture: one square a number, darker where it looks more.
import { sideOf } from "./heads.ts";

/** @param weight in 255ths @returns opacity in 255ths; the root shows small weights, too */
export function opacity(weight: number): number {
  return Math.round(Math.sqrt(weight / 255) * 255);
}

/**
 * Draws into the canvas, which gets a pixel for each number, in its own text colour.
 * @param map [t, t], in 255ths: a row for each position that looks, a column for each that it looks at
 */
export function drawMap(canvas: HTMLCanvasElement, map: Uint8Array): void {
  const t = sideOf(map);
  if (canvas.width !== t) canvas.width = t;
  if (canvas.height !== t) canvas.height = t;
  const context = canvas.getContext("2d")!, image = context.createImageData(t, t);
  map.forEach((weight, i) => image.data[4 * i + 3] = opacity(weight));
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = getComputedStyle(canvas).color;
  context.fillRect(0, 0, t, t);
  context.globalCompositeOperation = "source-over";
}

/** The row and the column under the pointer. */
export function placeIn(canvas: HTMLCanvasElement, { clientX, clientY }: MouseEvent): { row: number; column: number } {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const at = (part: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(part * size)));
  return {
    row: at((clientY - top) / height, canvas.height),
    column: at((clientX - left) / width, canvas.width),
  };
}
