// What the lesson's blocks say of a flipped bit and of a choice of parts.
//
// Catches: a digit counted wrongly, a hash that is called different where it is not, a wrong choice that is called right.
import assert from "node:assert/strict";
import { lossText, partOf, sameDigits, whichDigit } from "../../../../engine/widgets/checkpoint/one_bit_words.ts";
import { ofChoice } from "../../../../engine/widgets/checkpoint/resumes_words.ts";
import { ofTensor } from "../../../../engine/widgets/checkpoint/weights_words.ts";

Deno.test("a loss changes from the decimal that differs first", () => {
  assert.equal(whichDigit("1.772577275", "1.772577276"), "It changes from decimal 9 on.");
  assert.equal(whichDigit("1.772577275", "1.872577275"), "It changes from decimal 1 on.");
  assert.equal(whichDigit("1.772577275", "1.772577275"), "None of its 9 decimals changes.");
  assert.equal(whichDigit("1.772577275", "4.1"), "Already its whole part changes.");
  assert.equal(whichDigit(lossText(1.7), lossText(1.1e37)), "Already its whole part changes.");
  assert.equal(lossText(1.146961e37), "1.15e37");
  assert.equal(lossText(NaN), "not measured");
});

Deno.test("every bit is of the sign, the exponent or the mantissa", () => {
  assert.deepEqual([31, 30, 23, 22, 0].map(partOf), ["sign", "exponent", "exponent", "mantissa", "mantissa"]);
});

Deno.test("hashes are compared digit by digit", () => {
  assert.equal(sameDigits("abcd", "abcd"), "The two hashes are the same.");
  assert.match(sameDigits("a".repeat(64), "a" + "b".repeat(63)), /^1 of their 64 digits agree/);
});

Deno.test("a choice is right only if nothing is missing and nothing is too much", () => {
  assert.equal(ofChoice([true, false], [true, false]).right, true);
  for (const chosen of [[false, false], [true, true], [false, true]]) {
    assert.equal(ofChoice(chosen, [true, false]).right, false);
  }
});

Deno.test("the words give the distance of a gain from 1", () => {
  const facts = { shape: [64], rms: 0.7, smallest: 0.334, largest: 0.98 };
  assert.match(ofTensor("ln_f.weight", facts), /Distance from 1: root mean square 0\.7, from 0\.33 to 0\.98/);
  assert.match(
    ofTensor("wte", { shape: [65, 64], rms: 0.02, smallest: -0.083, largest: 0.065 }),
    /65 × 64 numbers, 16,640/,
  );
});
