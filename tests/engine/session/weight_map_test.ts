// The picture of a model's weights, and what is said of a tensor.
//
// Catches: a weight that is drawn twice or not at all, a tensor drawn on its side, a committed picture of other weights
// than the recorded run's, colours that no longer fit the scale on the page.
import assert from "node:assert/strict";
import { defaultRun } from "../../../engine/training/config.ts";
import { countParameters, initialWeights, tensors } from "../../../engine/training/params.ts";
import { streamKey } from "../../../engine/training/rng.ts";
import {
  colourOf,
  NOTHING,
  PALETTE,
  picture,
  pixelsOf,
  STEPS,
  tensorFacts,
  weightMap,
} from "../../../engine/session/weight_map.ts";

const model = { ...defaultRun(2).model, vocab_size: 65 }, map = weightMap(model);

Deno.test("every weight of a matrix has one pixel, and no two tensors overlap", () => {
  const covered = new Uint8Array(map.width * map.height);
  let matrices = 0;
  for (const { tensor, x, y, width, height } of map.places) {
    if (tensor.shape.length > 1) {
      assert.equal(width * height, tensor.size);
      matrices++;
    }
    for (let row = y; row < y + height; row++) {
      for (let at = x; at < x + width; at++) {
        assert.equal(covered[row * map.width + at], 0, tensor.name);
        covered[row * map.width + at] = 1;
      }
    }
  }
  assert.equal(map.places.length, tensors(model).length);
  assert.equal(matrices, 2 + 4 * model.n_layer);
});

Deno.test("a pixel is where its weight is: channels of wte go down the picture, inputs of fc too", () => {
  const weights = new Float32Array(countParameters(model)), C = model.n_embd;
  const place = (name: string) => map.places.find(({ tensor }) => tensor.name === name)!;
  const wte = place("wte"), fc = place("h.2.mlp.fc");
  weights[wte.tensor.offset + 3 * C + 5] = 1; // character 3, channel 5
  weights[fc.tensor.offset + 7 * 4 * C + 9] = -1; // from channel 7 to neuron 9
  assert.equal(pixelsOf(wte, weights)[5 * wte.width + 3], 2 * STEPS - 1);
  assert.equal(pixelsOf(fc, weights)[7 * fc.width + 9], 0);
  assert.equal(picture(map, weights)[(fc.y + 7) * map.width + fc.x + 9], 0);
});

Deno.test("each step of colour is twice the size, and NaN is not drawn as zero", () => {
  assert.deepEqual([0, 0.009, 0.011, 0.021, 0.63, 0.65, Infinity].map(colourOf), [8, 8, 9, 10, 14, 15, 15]);
  assert.deepEqual([-0.009, -0.011, -0.65].map(colourOf), [7, 6, 0]);
  assert.equal(colourOf(NaN), 2 * STEPS - 1);
  assert.equal(PALETTE.length, NOTHING);
});

Deno.test("the distance of a gain from 1 is given", () => {
  const weights = new Float32Array(countParameters(model)).fill(1);
  const gain = tensors(model).find(({ name }) => name === "ln_f.weight")!;
  weights[gain.offset] = 3;
  const { smallest, largest, rms } = tensorFacts(gain, weights);
  assert.deepEqual([smallest, largest, rms], [0, 2, Math.sqrt(4 / gain.size)]);
});

Deno.test("the committed picture of iteration 0 shows the first weights of the recorded run", async () => {
  const recorded = JSON.parse(await Deno.readTextFile("docs/recorded/checkpoint-shakespeare.json"));
  const file = await Deno.readFile("docs/recorded/weights-shakespeare-0.png");
  const weights = initialWeights(recorded.config.model, streamKey(recorded.seed, "weights"));
  const { width, height, pixels } = await pixelsIn(file), drawn = picture(weightMap(recorded.config.model), weights);
  assert.deepEqual([width, height], [map.width, map.height]);
  assert.deepEqual(pixels, drawn);
});

/** Reads what build/recorded/png.py writes: one byte per pixel, no filters. */
async function pixelsIn(file: Uint8Array<ArrayBuffer>) {
  const view = new DataView(file.buffer), parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at < file.length; at += 12 + view.getUint32(at)) {
    const kind = new TextDecoder().decode(file.subarray(at + 4, at + 8));
    if (kind === "IDAT") parts.push(file.slice(at + 8, at + 8 + view.getUint32(at)));
  }
  const width = view.getUint32(16), height = view.getUint32(20);
  const rows = new Uint8Array(
    await new Response(new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer(),
  );
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    pixels.set(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)), y * width);
  }
  return { width, height, pixels };
}
