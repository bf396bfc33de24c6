// Catches: a recording whose packed numbers are read at the wrong place, another sample's or another milestone's; infinity
// that becomes text.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { defaultRun } from "../../../engine/training/config.ts";
import type { SampleReading } from "../../../engine/training/observation.ts";
import { readingBytes, seenAttention, seenObservations, seenReadings } from "../../../engine/training/seen.ts";

const { model } = defaultRun(65), K = 5, L = model.n_layer;
const packed = (bytes: Uint8Array) => gzipSync(bytes).toString("base64");

/** Numbers of which no two are alike. */
function reading(number: number, characters: number, has_early: boolean): SampleReading {
  const places = (count: number) => Uint8Array.from({ length: count }, (_, i) => (7 * i + number) % 65);
  const parts = (count: number, by: number) =>
    Float32Array.from({ length: count }, (_, i) => ((13 * i + by + number) % 1000 + 1) / 1001);
  const early = has_early ? characters * L * K : 0;
  return {
    candidates: K,
    likeliest: places(characters * K),
    probabilities: parts(characters * K, 1),
    surprise: parts(characters, 2).map((part) => 8 * part),
    tempered: parts(characters, 3),
    early_likeliest: places(early),
    early_probabilities: parts(early, 4),
  };
}

Deno.test("readings are unpacked as they were packed, each for its sample", async () => {
  const iterations = [0, 25, 200], characters = [80, 40, 80], early = [true, false, true];
  const readings = iterations.map((_, i) => reading(i, characters[i], early[i]));
  const whole = readings.map((one, i) => early[i] ? one : { ...one, ...reading(9, characters[i], true), ...one });
  const samples = {
    candidates: K,
    iterations,
    characters,
    early: [0, 200],
    packed: packed(readingBytes(whole, early)),
  };
  const found = await seenReadings(samples, model);
  assert.deepEqual([...found.keys()], iterations);
  readings.forEach((one, i) => {
    const { likeliest, early_likeliest, ...numbers } = found.get(iterations[i])!;
    assert.deepEqual([likeliest, early_likeliest], [one.likeliest, one.early_likeliest]);
    for (const name of ["probabilities", "surprise", "tempered", "early_probabilities"] as const) {
      assert.equal(numbers[name].length, one[name].length);
      numbers[name].forEach((found, j) => assert.ok(Math.abs(found - one[name][j]) < 0.001, `${name} ${j}`));
    }
  });
});

Deno.test("a small probability keeps three digits, and one that is 0 stays next to it", async () => {
  const one = { ...reading(0, 1, false), probabilities: Float32Array.of(0.9, 0.001234, 2e-9, 1e-20, 0) };
  const samples = {
    candidates: K,
    iterations: [0],
    characters: [1],
    early: [],
    packed: packed(readingBytes([one], [false])),
  };
  const { probabilities } = (await seenReadings(samples, model)).get(0)!;
  one.probabilities.subarray(0, 4).forEach((p, i) => assert.ok(Math.abs(probabilities[i] / p - 1) < 6e-4, `${i}`));
  assert.ok(probabilities[4] < 1e-28);
});

Deno.test("a surprise too large for two bytes is the largest that they hold", async () => {
  const one = { ...reading(0, 1, false), surprise: Float32Array.of(100) };
  const samples = {
    candidates: K,
    iterations: [0],
    characters: [1],
    early: [],
    packed: packed(readingBytes([one], [false])),
  };
  assert.equal((await seenReadings(samples, model)).get(0)!.surprise[0], Math.fround(65.535));
});

Deno.test("each milestone has its own maps, and numbers that JSON cannot hold are numbers again", async () => {
  const maps = Uint8Array.from({ length: 2 * 12 }, (_, i) => i);
  const attention = await seenAttention({ iterations: [0, 200], packed: packed(maps) });
  const line = { surprise: [1, 2], stream_rms: [1], previous: [0.5], prefix: [0.25] };
  const norms = { gradient: [1, "Infinity" as const], update: [1, "NaN" as const], weight: [1, 2] };
  const milestones = [0, 100, 200].map((iteration) => ({
    iteration,
    line,
    norms: iteration > 0 ? norms : null,
    writings: null,
  }));
  const found = seenObservations(milestones, attention);
  assert.deepEqual(found.map(({ line }) => [...line!.attention]), [[...maps.slice(0, 12)], [], [...maps.slice(12)]]);
  assert.deepEqual(found.map(({ norms }) => norms?.gradient), [undefined, [1, Infinity], [1, Infinity]]);
  assert.deepEqual(found[1].norms!.update, [1, NaN]);
  assert.deepEqual(found[1].line!.surprise, [1, 2]);
  assert.deepEqual(seenObservations([{ iteration: 5, norms }]).map(({ line, writings }) => [line, writings]), [[
    null,
    null,
  ]]);
});
