// Catches: an answer whose numbers do not explain what was drawn: a share, a throw of the dice or a sum that differs from
// what the engine computed, a drawn character that is missing, or one that did not win.
import assert from "node:assert/strict";
import { sampleReading, softmax } from "../../../../engine/training/observation.ts";
import { samplingNoise } from "../../../../engine/training/sampling_noise.ts";
import { streamKey } from "../../../../engine/training/rng.ts";
import { answerAt } from "../../../../engine/widgets/instruments/answer.ts";
import { heard, place, signed, surpriseOf, whyDrawn } from "../../../../engine/widgets/instruments/ask_words.ts";

const CHARACTERS = [..."\n abcdefgh"], V = CHARACTERS.length, COUNT = 60, L = 2, TEMPERATURE = 0.8;
const KEY = streamKey("a seed", "samples");
const MODEL = {
  n_layer: L,
  n_head: 1,
  n_embd: 16,
  block_size: 8,
  vocab_size: V,
  mlp_ratio: 4,
  layer_norm_eps: 1e-5,
  init_std: 0.02,
};
/** Logits as uneven as a trained model's, from the noise of another stream. */
const logits = samplingNoise(streamKey("logits", "samples"), COUNT, V, 1.5);
const early_logits = samplingNoise(streamKey("early", "samples"), COUNT * L, V, 1.5);
const noise = samplingNoise(KEY, COUNT, V, TEMPERATURE);
const row = (numbers: Float32Array, i: number) => numbers.subarray(i * V, (i + 1) * V);
/** The largest sum of logit and noise, as an engine draws. */
const written = Uint8Array.from({ length: COUNT }, (_, i) => {
  const sums = row(logits, i).map((logit, v) => logit + row(noise, i)[v]);
  return sums.indexOf(Math.max(...sums));
});
const reading = sampleReading(MODEL, written, { logits, early: early_logits }, TEMPERATURE);
const text = Array.from(written, (v) => CHARACTERS[v]);
const drawing = { characters: CHARACTERS, temperature: TEMPERATURE, key: KEY, n_layer: L };
const answers = text.map((_, at) => answerAt(reading, text, at, drawing));

Deno.test("the drawn character has the largest sum, wherever it stands in the list", () => {
  const places = answers.map(({ drawn, candidates }) => {
    assert.ok(candidates.every(({ sum }) => sum <= drawn.sum));
    return candidates.indexOf(drawn);
  });
  assert.ok([0, 1, 5].every((at) => places.includes(at)), places.join());
  assert.deepEqual(answers.map(({ drawn }) => drawn.character), text);
  assert.ok(answers.every(({ candidates }) => candidates.length <= 6));
});

Deno.test("probability, surprise and share are those of the model at this place", () => {
  answers.forEach(({ at, nats, candidates, drawn }) => {
    const p = softmax(row(logits, at)), shares = softmax(row(logits, at).map((logit) => logit / TEMPERATURE));
    for (const one of candidates) {
      const v = CHARACTERS.indexOf(one.character);
      assert.ok(Math.abs(one.p - p[v]) < 1e-6 && Math.abs(one.share - shares[v]) < 1e-6);
      assert.equal(one.noise, row(noise, at)[v]);
      assert.ok(Math.abs(one.sum - Math.log(p[v]) - one.noise) < 1e-5);
    }
    assert.ok(Math.abs(nats + Math.log(drawn.p)) < 1e-5);
  });
});

Deno.test("the stream read early ends with the answer, and is missing where it was not kept", () => {
  const { early, candidates } = answers[7];
  assert.deepEqual(early!.map((one) => one.length), [5, 5, 5]);
  assert.deepEqual(early![2].map(({ character }) => character), candidates.slice(0, 5).map((one) => one.character));
  const [first] = early![1], p = softmax(row(early_logits, 7 * L + 1));
  assert.ok(Math.abs(first.p - Math.max(...p)) < 1e-6);
  const without = { ...reading, early_likeliest: new Uint8Array(0), early_probabilities: new Float32Array(0) };
  assert.equal(answerAt(without, text, 7, drawing).early, null);
});

const LIKELIEST = { character: "h", p: 0.431, share: 0.38, noise: 0.1, sum: -0.74, drawn: true };
const OTHER = { character: "\n", p: 0.2, share: 0.17, noise: -0.62, sum: -2.23, drawn: false };
const answer = { at: 22, length: 160, nats: 0.8416, temperature: 0.8, early: null };

Deno.test("the sentences work out the surprise, and say why the character was drawn", () => {
  const likeliest = { ...answer, candidates: [LIKELIEST, OTHER], drawn: LIKELIEST };
  assert.equal(place(likeliest, 400), "Iteration 400, character 23 of 160");
  assert.equal(
    surpriseOf(likeliest),
    "The model gave “h” p = 0.431. Its surprise is −ln 0.431 = 0.84 nats.",
  );
  assert.equal(
    whyDrawn(likeliest),
    "At a temperature of 0.8 the model writes “h” here in 38% of all cases. It is the likeliest, and its sum is the " +
      "largest: it was drawn.",
  );
  const drawn = { ...OTHER, noise: 1.9, drawn: true }, first = { ...LIKELIEST, drawn: false };
  assert.equal(
    whyDrawn({ ...answer, candidates: [first, drawn], drawn }),
    "At a temperature of 0.8 the model writes a line break here in 17% of all cases. The likeliest is “h”, but the " +
      "dice gave a line break 1.80 more: its sum is the largest, so it was drawn.",
  );
});

Deno.test("a screen reader hears one sentence, in which every character has a name", () => {
  const heard_of = heard({ ...answer, candidates: [LIKELIEST, OTHER], drawn: LIKELIEST });
  assert.equal(heard_of, "h, p 0.43, 0.84 nats; likeliest: h 0.43, line break 0.20");
  const rare = { character: " ", p: 1e-9, share: 1e-11, noise: 20, sum: 0, drawn: true };
  assert.match(heard({ ...answer, nats: 20.72, candidates: [rare], drawn: rare }), /^space, p below 0.01, 20.72 nats;/);
  assert.match(
    surpriseOf({ ...answer, nats: 20.72, candidates: [rare], drawn: rare }),
    /p = 1\.0 × 10⁻⁹\. /,
  );
  assert.match(whyDrawn({ ...answer, candidates: [rare], drawn: rare }), /in less than 0\.1% of all cases/);
});

Deno.test("a sum has its sign, and 0 has none", () => {
  assert.deepEqual([0.313, -1.941, -0.004, 0].map(signed), ["+0.31", "−1.94", "0.00", "0.00"]);
});
