// Catches: a reading that names other characters than the likeliest, or whose numbers are not those of the softmax, at a
// temperature of 1 or at the text's.
import assert from "node:assert/strict";
import { sampleReading, softmax } from "../../../engine/training/observation.ts";

const MODEL = {
    n_layer: 1,
    n_head: 1,
    n_embd: 16,
    block_size: 8,
    vocab_size: 7,
    mlp_ratio: 4,
    layer_norm_eps: 1e-5,
    init_std: 0.02,
  },
  V = MODEL.vocab_size;
const LOGITS = Float32Array.of(0, 3, 1, 3, -2, 0.5, 2, 5, 5, 5, 5, 5, 5, 5);
const EARLY = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1);
const reading = (temperature: number) =>
  sampleReading(MODEL, Uint8Array.of(4, 6), { logits: LOGITS, early: EARLY }, temperature);

Deno.test("the likeliest come first, and on a tie the first of the vocabulary", () => {
  const { candidates, likeliest, early_likeliest } = reading(0.8);
  assert.equal(candidates, 5);
  assert.deepEqual([...likeliest], [1, 3, 6, 2, 5, 0, 1, 2, 3, 4]);
  assert.deepEqual([...early_likeliest], [6, 5, 4, 3, 2, 0, 1, 2, 3, 4]);
});

Deno.test("probabilities and surprise are those of the softmax", () => {
  const { probabilities, surprise, early_probabilities } = reading(0.8), p = softmax(LOGITS.subarray(0, V));
  [1, 3, 6, 2, 5].forEach((v, i) => assert.ok(Math.abs(probabilities[i] - p[v]) < 1e-7));
  assert.ok(Math.abs(surprise[0] + Math.log(p[4])) < 1e-6 && Math.abs(surprise[1] - Math.log(7)) < 1e-6);
  assert.ok(Math.abs(early_probabilities[0] - softmax(EARLY.subarray(0, V))[6]) < 1e-7);
});

Deno.test("the sum of the powers gives each character's share at the text's temperature", () => {
  for (const temperature of [0.5, 0.8, 1, 2]) {
    const { probabilities, tempered } = reading(temperature);
    const shares = softmax(LOGITS.subarray(0, V).map((logit) => logit / temperature));
    const found = probabilities[0] ** (1 / temperature) / tempered[0];
    assert.ok(Math.abs(found / shares[1] - 1) < 1e-6, `${found} instead of ${shares[1]}`);
  }
});
