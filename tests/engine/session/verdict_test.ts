// Catches: a curve that gets the wrong verdict. The curves here are made up; test_verdicts.py has real ones.
import assert from "node:assert/strict";
import type { Columns } from "../../../engine/session/history.ts";
import type { Rungs } from "../../../engine/training/phase.ts";
import { type VerdictName, verdictOf } from "../../../engine/session/verdict.ts";

/** Reproducible noise with standard deviation 1. */
function noise(seed: number): () => number {
  let state = seed;
  const draw = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  return () => (draw() + draw() + draw() + draw() - 2) * Math.sqrt(3);
}

/** `train` and `val` give the loss at an iteration as a fraction of ln V; val is measured every 25 iterations. */
function curve(
  n: number,
  V: number,
  train: (i: number) => number,
  tremble = 0.01,
  val: ((i: number) => number) | null = train,
): Columns {
  const shake = noise(n), ln_v = Math.log(V), rows = Array.from({ length: n + 1 }, (_, i) => i);
  return {
    iteration: rows,
    train: rows.map((i) => i === n ? null : ln_v * (train(i) + tremble * shake())),
    val: rows.map((i) => val && i % 25 === 0 ? ln_v * val(i) : null),
  };
}

const healthy = (i: number) => 0.5 + 0.5 / (1 + i / 30);
const name = (history: Columns, V = 65): VerdictName => verdictOf(history, V).name;

Deno.test("each textbook curve gets its verdict, whatever the vocabulary", () => {
  for (const V of [27, 65, 200]) {
    const drawn: [VerdictName, Columns][] = [
      ["clean", curve(300, V, healthy)],
      ["exploded", curve(100, V, (i) => i < 3 ? 1 : Math.min(400, 1.6 * 1.3 ** (i - 3)))],
      ["unwound", curve(150, V, (i) => i < 70 ? healthy(i) : Math.min(30, 0.7 * 1.4 ** (i - 70)))],
      ["flat", curve(150, V, (i) => 1 - 0.00001 * i, 0.0015)],
      [
        "memorising",
        curve(250, V, (i) => Math.exp(-i / 60), 0.003, (i) => i < 50 ? 1 - i / 200 : 0.75 + (i - 50) / 400),
      ],
      ["noisy", curve(400, V, healthy, 0.035)],
      ["plateau", curve(300, V, (i) => i < 15 ? 1 - i / 75 : 0.8)],
      ["plateau", curve(400, V, (i) => i < 15 ? 1 - i / 75 : i < 110 ? 0.8 : 0.6 + 22 / i)],
      ["slow", curve(300, V, (i) => 1 - i / 1500, 0.003)],
    ];
    for (const [wanted, history] of drawn) assert.equal(name(history, V), wanted, verdictOf(history, V).words);
  }
});

Deno.test("a healthy curve, short, long or smooth, never gets a bad verdict", () => {
  for (const [tremble, n] of [[0.01, 300], [0.012, 2000], [0.002, 300]]) {
    const { iteration, train, val } = curve(n, 65, healthy, tremble);
    for (let rows = 0; rows <= n; rows += rows < 400 ? 1 : 50) {
      const so_far = { iteration: iteration.slice(0, rows), train: train.slice(0, rows), val: val.slice(0, rows) };
      assert.equal(name(so_far), rows < 100 ? "too short to tell" : "clean", `${rows} rows of ${n}`);
    }
  }
});

Deno.test("without validation text there is still a verdict", () => {
  assert.equal(name(curve(300, 65, healthy, 0.01, null)), "clean");
  assert.equal(name(curve(250, 65, (i) => Math.exp(-i / 60), 0.003, null)), "clean", "nothing else could show it");
});

Deno.test("a verdict's iteration is the first at which it happened, and the words name it", () => {
  const history = curve(150, 65, (i) => i < 70 ? healthy(i) : 9);
  assert.equal(verdictOf(history, 65).iteration, 70);
  assert.match(verdictOf(history, 65).words, /^Unwound at iteration 70: it had come down to 2\.\d\d/);
  const leap = curve(40, 65, (i) => i < 5 ? 1 : 500);
  assert.equal(verdictOf(leap, 65).iteration, 5);
  assert.match(verdictOf(leap, 65).words, /^Exploded at iteration 5: .* peaking at 2,0\d\d\.$/);
});

Deno.test("a leap counts as unwinding only if the run had been learning for a while", () => {
  const after = (learning: number) => curve(150, 65, (i) => i < 20 ? 1 : i < 20 + learning ? 0.8 : 9);
  assert.deepEqual([name(after(10)), name(after(40))], ["exploded", "unwound"]);
});

Deno.test("a leap is measured against ln V, and the words give its height", () => {
  const { words } = verdictOf(curve(150, 65, (i) => i < 70 ? healthy(i) : 9), 65);
  assert.match(words, /then climbed above 6\.26 nats \(1\.5 × ln V\), peaking at 3\d\.\d\d\.$/);
});

Deno.test("a run that climbs back has unwound, without a leap and whatever val does; after a short spike it is clean", () => {
  const back = curve(170, 65, (i) => i < 110 ? healthy(i) : 0.82);
  const { name: unwound, iteration, words } = verdictOf(back, 65);
  assert.equal(unwound, "unwound");
  assert.ok(iteration! > 110 && iteration! < 130, `${iteration}`);
  assert.match(words, /^Unwound at iteration \d+: it had come down to 2\.\d\d, then climbed back to 3\.4\d\.$/);
  const val_climbs = curve(170, 65, (i) => i < 110 ? healthy(i) : 0.82, 0.01, (i) => i < 110 ? healthy(i) : 1.2);
  assert.equal(name(val_climbs), "unwound", "memorising lowers train");
  assert.equal(name(curve(200, 65, (i) => i >= 120 && i < 124 ? 1.2 : healthy(i))), "clean");
});

Deno.test("a run that has come down a little is not flat at the moment when it climbs past its beginning", () => {
  const beginning = [4.2, 4, 3.8, 3.6, 3.5, 3.4, 3.4, 3.4, 3.4, 3.3], climbing = [3.8, 5.1, 5.5];
  const train = [...beginning, ...Array(50).fill(3.3), ...climbing, null];
  const history = { iteration: train.map((_, i) => i), train, val: train.map(() => null) };
  assert.equal(name(history), "too short to tell");
});

Deno.test("an infinite or NaN loss takes precedence over every other verdict", () => {
  const history = curve(20, 65, (i) => i < 3 ? 1 : 300);
  history.train[7] = NaN;
  assert.deepEqual([name(history), verdictOf(history, 65).iteration], ["nan", 7]);
  assert.match(verdictOf(history, 65).words, /^NaN at iteration 7/);
  history.train[6] = Infinity;
  assert.match(verdictOf(history, 65).words, /^Infinite at iteration 6/);
});

Deno.test("a verdict is reproducible and does not change the history", () => {
  const history = curve(300, 65, healthy), before = structuredClone(history);
  assert.deepEqual(verdictOf(history, 65), verdictOf(history, 65));
  assert.deepEqual(history, before);
});

Deno.test("a run that has not begun is too short to tell", () => {
  assert.equal(name({ iteration: [], train: [], val: [] }), "too short to tell");
  assert.equal(name({ iteration: [0], train: [null], val: [4.2] }), "too short to tell");
});

/** Rungs of a text whose loss cannot go below `lowest`, in nats. */
const rungsOf = (V: number, unigram: number, lowest: number): Rungs => ({
  uniform: Math.log(V),
  unigram,
  bigram: lowest,
  trigram: lowest,
  fourgram: lowest,
  fivegram: lowest,
});

Deno.test("a text of one letter leaves nothing to learn, so no run on it is bad", () => {
  const zeros = (n: number): Columns => ({
    iteration: Array.from({ length: n + 1 }, (_, i) => i),
    train: [...new Array(n).fill(0), null],
    val: new Array(n + 1).fill(0),
  });
  for (const rungs of [null, rungsOf(1, 0, 0)]) {
    assert.equal(verdictOf(zeros(40), 1, rungs).name, "too short to tell");
    const { name, words } = verdictOf(zeros(150), 1, rungs);
    assert.deepEqual([name, /leaves nothing to learn/.test(words)], ["clean", true], words);
  }
});

Deno.test("on a text with little to learn, verdicts are relative to that little", () => {
  const V = 27, little = rungsOf(V, 0.95 * Math.log(V), 0.9 * Math.log(V)); // only a tenth of ln V can be learnt
  const onIt = (train: (i: number) => number, tremble = 0.002) => verdictOf(curve(200, V, train, tremble), V, little);
  assert.equal(onIt((i) => 0.905 + 0.095 / (1 + i / 10)).name, "clean");
  assert.equal(onIt((i) => 1 - i / 1e5).name, "flat");
  assert.equal(onIt((i) => i < 15 ? 1 - i / 300 : 0.95).name, "plateau");
  assert.equal(onIt((i) => i < 80 ? 0.92 + 0.08 / (1 + i / 10) : 9).name, "unwound");
});

Deno.test("one unusual batch does not count as a leap, three in a row do", () => {
  const spiked = (length: number) =>
    curve(200, 2, (i) => i >= 90 && i < 90 + length ? 4 : 0.3 + 0.7 / (1 + i / 15), 0.005);
  assert.deepEqual([1, 2, 3].map((length) => name(spiked(length), 2)), ["clean", "clean", "unwound"]);
});

Deno.test("on a mostly predictable text, memorising means smaller losses", () => {
  const V = 65, foreseen = rungsOf(V, 0.1, 0.08), part = 1 / Math.log(V);
  const train = (i: number) => part * (0.005 + 0.1 * Math.exp(-i / 60));
  const rising = curve(250, V, train, 0.0002, (i) => part * (i < 50 ? 0.1 : 0.1 + (i - 50) / 1000));
  assert.equal(verdictOf(rising, V, foreseen).name, "memorising");
  assert.equal(verdictOf(curve(250, V, train, 0.0002), V, foreseen).name, "clean");
});
