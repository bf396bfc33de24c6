// What the block about surprise says of a line.
//
// Catches: a mean that is not that of its terms, a character attributed to its neighbour, a wrong list of characters
// that the model predicts better, a probability rounded to certainty.
import assert from "node:assert/strict";
import { betterAt, meanOf } from "../../../../engine/widgets/instruments/surprise_sums.ts";
import { ofCharacter, whereBetter, workedOut } from "../../../../engine/widgets/instruments/surprise_words.ts";

const LINE = [..."GREMIO:\nGood"];
const COUNTING = {
  title: "trigram",
  looks_back: 2,
  surprise: [3.14, 0.21, 2.63, 0.1, 1.19, 0.28, 0, 3.57, 1.11, 1.68, 0.86],
};
const MODEL = [3, 0.3, 1.6, 0.2, 0.05, 0.4, 0, 3.9, 1.2, 0.5, 0.001];

Deno.test("the mean is worked out from its terms", () => {
  assert.equal(workedOut([0.31, 2.1, 0.02, 0.57]), "(0.31 + 2.10 + 0.02 + 0.57) / 4 = 3.00 / 4 = 0.75");
  const long = [1, 2, 3, ...Array.from({ length: 36 }, () => 0), 4];
  assert.equal(workedOut(long), "(1.00 + 2.00 + 3.00 + … + 4.00) / 40 = 10.00 / 40 = 0.25");
  assert.equal(meanOf(long), 0.25);
});

Deno.test("the largest gains come first, and a nat is enough", () => {
  assert.deepEqual(betterAt(MODEL, COUNTING.surprise, 1), [9, 4, 2]);
  assert.deepEqual(betterAt([1], [2], 1), [0]);
  assert.deepEqual(betterAt([1], [1.9], 1), []);
});

Deno.test("a character is named with what stands before it and with both numbers", () => {
  assert.equal(
    ofCharacter(LINE, 10, MODEL, COUNTING),
    "“o” after “IO:↵Go”: the model 0.50 nats (p = 61%), the trigram 1.68 nats (p = 19%)",
  );
  assert.equal(ofCharacter(LINE, 1, null, COUNTING), "“R” after “G”: the trigram 3.14 nats (p = 4.3%)");
  assert.match(ofCharacter(LINE, 11, MODEL, COUNTING), /the model 0\.00 nats \(p above 99%\)/);
  assert.match(ofCharacter(LINE, 1, [8, ...MODEL.slice(1)], COUNTING), /the model 8\.00 nats \(p below 0\.1%\)/);
});

Deno.test("it says where the model is better, and what only attention can bring there", () => {
  assert.equal(
    whereBetter(LINE, betterAt(MODEL, COUNTING.surprise, 1), MODEL, COUNTING, 1),
    "At 3 of 11 characters the model is at least 1 nat better than the trigram: “o” (0.50 instead of 1.68), " +
      "“O” (0.05 instead of 1.19), “M” (1.60 instead of 2.63). The trigram sees only the two characters before each. " +
      "The model sees further back, through attention alone.",
  );
  assert.equal(
    whereBetter(LINE, [], MODEL, COUNTING, 1),
    "At none of the 11 characters is the model at least 1 nat better than the trigram.",
  );
  const [bigram, unigram] = [{ ...COUNTING, title: "bigram", looks_back: 1 }, {
    ...COUNTING,
    title: "unigram",
    looks_back: 0,
  }];
  assert.match(
    whereBetter(LINE, [9], MODEL, bigram, 1),
    /The bigram sees only the character before each\. The model sees/,
  );
  assert.match(whereBetter(LINE, [9], MODEL, unigram, 1), /The unigram sees no character before them\.$/);
  const all = Array.from({ length: 11 }, (_, i) => i);
  assert.match(whereBetter(LINE, all, MODEL, COUNTING, 1), /“I” \(0\.20 instead of 0\.10\) and 7 more\./);
});
