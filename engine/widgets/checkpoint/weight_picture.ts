// The picture of a model's weights on a canvas: of the whole model, or of one tensor, enlarged.
import { PALETTE, type Place, type WeightMap } from "../../session/weight_map.ts";

/** A tensor is enlarged by the largest whole number with which it stays within this many pixels. */
const LARGEST_SIDE = 480;

/** @param pixels [height, width]: the colour of each pixel, as session/weight_map.ts gives it */
export function onCanvas({ width, height }: WeightMap, pixels: Uint8Array): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!, image = context.createImageData(width, height);
  // Whole pixels at a time: red comes first in memory, and every machine that runs the engine is little-endian.
  const colours = PALETTE.map(([red, green, blue]) => (255 << 24 | blue << 16 | green << 8 | red) >>> 0);
  new Uint32Array(image.data.buffer).set(Uint32Array.from(pixels, (colour) => colours[colour] ?? 0));
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param picture of the whole model, as large as the map
 * @param place the tensor to show; null for the whole model
 */
export function show(canvas: HTMLCanvasElement, picture: CanvasImageSource, map: WeightMap, place: Place | null): void {
  const { x, y, width, height } = place ?? { x: 0, y: 0, ...map };
  const scale = place ? Math.max(1, Math.floor(LARGEST_SIDE / Math.max(width, height))) : 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
}

/** The tensor at a point of the canvas that shows the whole model; null between two. */
export function placeAt(canvas: HTMLCanvasElement, map: WeightMap, { clientX, clientY }: MouseEvent): Place | null {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const across = (clientX - left) * map.width / width, down = (clientY - top) * map.height / height;
  return map.places.find(({ x, y, width, height }) =>
    across >= x && across < x + width && down >= y && down < y + height
  ) ?? null;
}
