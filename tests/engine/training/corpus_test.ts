// Catches: a vocabulary in the wrong order, a split off by one, a window that reads past the text, a character of the
// validation text that is scored twice or never.
import assert from "node:assert/strict";
import { defaultRun, UnsuitableError } from "../../../engine/training/config.ts";
import {
  CorpusReader,
  decode,
  hasValidation,
  meanOfScored,
  normaliseText,
  readCorpus,
  validationWindows,
  wholeValidation,
} from "../../../engine/training/corpus.ts";

const evaluation = defaultRun(2).evaluation;
const letters = (length: number) => Array.from({ length }, (_, i) => "abcdefg"[i % 7]).join("");

Deno.test("a leading byte order mark and carriage returns are removed; a later byte order mark stays", () => {
  assert.equal(normaliseText("\uFEFFa\r\nb\rc\uFEFF"), "a\nbc\uFEFF");
});

Deno.test("the vocabulary is the sorted code points, and the indices decode to the text", () => {
  const text = "zé😀 a\n😀Z∀";
  const corpus = readCorpus(text, 0.9);
  assert.deepEqual(corpus.characters, ["\n", " ", "Z", "a", "z", "é", "∀", "😀"]);
  assert.equal(corpus.tokens.length, 9);
  assert.equal(decode(corpus, corpus.tokens), text);
});

Deno.test("a text read in pieces gives the same corpus as the whole text", () => {
  const text = "\uFEFFzé😀 a\r\n😀Z∀\uFEFF" + letters(200_000), whole = readCorpus(text, 0.9);
  for (const size of [1, 7, 65_536]) {
    const reader = new CorpusReader(), points = Array.from(text);
    for (let at = 0; at < points.length; at += size) reader.read(points.slice(at, at + size).join(""));
    assert.deepEqual(reader.corpus(0.9), whole);
  }
  assert.equal(decode(whole, whole.tokens), normaliseText(text));
});

Deno.test("the split is at floor(0.9 n), counted in characters", () => {
  for (const [length, split] of [[10, 9], [11, 9], [19, 17], [1_115_394, 1_003_854]]) {
    assert.equal(readCorpus(letters(length), 0.9).training_length, split);
  }
  assert.equal(readCorpus("😀a".repeat(50), 0.9).training_length, 90);
});

Deno.test("too few and too many distinct characters are reported", () => {
  const many = String.fromCodePoint(...Array.from({ length: 257 }, (_, i) => 0x4e00 + i));
  assert.throws(
    () => readCorpus("aaaa", 0.9),
    { constructor: UnsuitableError, message: "The text has 1 distinct characters; the engine takes 2 to 256." },
  );
  assert.throws(() => readCorpus(many, 0.9), /257 distinct/);
  assert.equal(readCorpus(many.slice(1), 0.9).characters.length, 256);
});

Deno.test("the fixed windows are spread evenly over the whole validation text", () => {
  const T = 64, corpus = readCorpus(letters(40_000), 0.9);
  const starts = validationWindows(corpus, T, evaluation);
  assert.equal(starts.length, 256);
  assert.equal(starts[0], corpus.training_length);
  assert.equal(starts[255] + T, corpus.tokens.length - 1, "the last target is the text's last character");
  const gaps = starts.slice(1).map((start, i) => start - starts[i]);
  assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1);
});

Deno.test("a short validation text has fewer windows, all different", () => {
  const T = 16;
  for (let length = 170; length < 330; length += 3) {
    const corpus = readCorpus(letters(length), 0.9), rest = length - corpus.training_length;
    assert.equal(hasValidation(corpus, T), rest >= T + 1);
    if (rest < T + 1) continue;
    const starts = [...validationWindows(corpus, T, evaluation)];
    assert.equal(new Set(starts).size, starts.length);
    assert.equal(starts.length, Math.min(256, rest - T));
    assert.ok(starts.every((start) => start >= corpus.training_length && start + T < length));
  }
});

Deno.test("the whole validation text is scored, each character but its first exactly once", () => {
  for (const T of [8, 16, 64]) {
    for (let rest = T + 1; rest < 5 * T; rest++) {
      const corpus = { ...readCorpus(letters(500), 0.9), training_length: 500 - rest };
      const { starts, skip } = wholeValidation(corpus, T);
      const scored = new Array(500).fill(0);
      starts.forEach((start, row) => {
        assert.ok(start >= corpus.training_length && start + T < 500);
        for (let t = skip[row]; t < T; t++) scored[start + t + 1]++;
      });
      assert.ok(scored.every((times, at) => times === (at > corpus.training_length ? 1 : 0)), `T ${T}, ${rest}`);
    }
  }
});

Deno.test("the mean covers only the scored entries", () => {
  const nll = Float32Array.of(1, 2, 3, 100, 100, 6);
  assert.equal(meanOfScored(nll, 3, Uint32Array.of(0, 2)), 3);
  assert.equal(meanOfScored(nll.subarray(0, 3), 3, null), 2);
});
