// A picture of a model's weights: one pixel for each, coloured by its size. Drawn from recorded weights by `python3 build
// record --checkpoint`, and from the reader's own by widgets/checkpoint/. Does not use the DOM.
import type { ModelConfig } from "../training/config.ts";
import { type Tensor, tensors } from "../training/params.ts";

/** A colour covers sizes up to twice its smallest; the first covers all below this, so that 0 has one. */
const FIRST_SIZE = 0.01;
/** Sizes on either side of 0. */
export const STEPS = 8;
/** The colour of pixels that are no weight. */
export const NOTHING = 2 * STEPS;
/** Pixels between two tensors, and the height of a vector. */
const GAP = 3, VECTOR_HEIGHT = 5;

/** Red, green, blue, 0 to 255, from the most negative to the most positive: blue, pale, orange; readable in grey. */
export const PALETTE: [number, number, number][] = [
  ...ramp([8, 48, 107], [222, 235, 247]),
  ...ramp([254, 230, 206], [127, 39, 4]),
];

function ramp(from: [number, number, number], to: [number, number, number]): [number, number, number][] {
  return Array.from({ length: STEPS }, (_, step) => {
    const part = step / (STEPS - 1);
    return from.map((value, i) => Math.round(value + (to[i] - value) * part)) as [number, number, number];
  });
}

/** @returns the colour of a number, as its place in PALETTE; NaN looks like the largest */
export function colourOf(value: number): number {
  let step = 0;
  for (let size = FIRST_SIZE; step < STEPS - 1 && !(Math.abs(value) < size); size *= 2) step++;
  return value < 0 ? STEPS - 1 - step : STEPS + step;
}

/** What a tensor's numbers are like: root mean square and extremes. Of a gain, its distance from 1. */
export interface TensorFacts {
  shape: number[];
  rms: number;
  smallest: number;
  largest: number;
}

export function tensorFacts({ name, shape, offset, size }: Tensor, weights: Float32Array): TensorFacts {
  const usual = isGain({ name }) ? 1 : 0;
  let squares = 0, smallest = Infinity, largest = -Infinity;
  for (let i = offset; i < offset + size; i++) {
    const value = weights[i] - usual;
    squares += value * value;
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  return { shape, rms: Math.sqrt(squares / size), smallest, largest };
}

/** Where a tensor is in the picture, in pixels. */
export interface Place {
  tensor: Tensor;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Whether its rows go down the picture (as they do in the engine), or across. */
  across: boolean;
}

export interface WeightMap {
  width: number;
  height: number;
  places: Place[];
}

/** Layers beside one another. */
const BESIDE = 2;

/** Embeddings and the last LayerNorm above, then a block for each layer: its LayerNorms, attention, and MLP. */
export function weightMap(model: ModelConfig): WeightMap {
  const all = new Map(tensors(model).map((tensor) => [tensor.name, tensor])), places: Place[] = [];
  const block = 4 * Math.max(model.n_embd, model.n_embd * model.mlp_ratio / 4) + 3 * GAP;
  let y = 0;
  const row = (left: number, ...names: string[]) => {
    let x = left, tallest = 0;
    for (const name of names) {
      const tensor = all.get(name)!, across = name === "wte" || name.endsWith("mlp.proj");
      const [rows, columns = 0] = tensor.shape;
      const [width, height] = columns === 0 ? [rows, VECTOR_HEIGHT] : across ? [rows, columns] : [columns, rows];
      places.push({ tensor, x, y, width, height, across });
      x += width + GAP;
      tallest = Math.max(tallest, height);
    }
    y += tallest + GAP;
  };
  row(0, "wte", "wpe", "ln_f.weight", "ln_f.bias");
  for (let first = 0; first < model.n_layer; first += BESIDE) {
    const top = y;
    for (let layer = first; layer < Math.min(first + BESIDE, model.n_layer); layer++) {
      const left = (layer - first) * block, of = (name: string) => `h.${layer}.${name}`;
      y = top;
      row(left, of("ln_1.weight"), of("ln_1.bias"), of("ln_2.weight"), of("ln_2.bias"));
      row(left, of("attn.qkv"), of("attn.proj"));
      row(left, of("mlp.fc"));
      row(left, of("mlp.proj"));
    }
  }
  return { width: Math.max(...places.map(({ x, width }) => x + width)), height: y - GAP, places };
}

/** Whether it is a gain, which begins at 1 and is drawn by its distance from that. */
export function isGain({ name }: Pick<Tensor, "name">): boolean {
  return name.endsWith(".weight");
}

/** @returns [height, width]: the colour of each pixel of one tensor's picture */
export function pixelsOf({ tensor, width, height, across }: Place, weights: Float32Array): Uint8Array<ArrayBuffer> {
  const { offset, shape: [, columns = width] } = tensor, usual = isGain(tensor) ? 1 : 0;
  const vector = tensor.shape.length === 1, pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = vector ? x : across ? x * columns + y : y * columns + x;
      pixels[y * width + x] = colourOf(weights[offset + at] - usual);
    }
  }
  return pixels;
}

/** @returns [height, width]: the colour of each pixel of the whole picture */
export function picture(map: WeightMap, weights: Float32Array): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(map.width * map.height).fill(NOTHING);
  for (const place of map.places) {
    const own = pixelsOf(place, weights);
    for (let y = 0; y < place.height; y++) {
      const row = own.subarray(y * place.width, (y + 1) * place.width);
      pixels.set(row, (place.y + y) * map.width + place.x);
    }
  }
  return pixels;
}
