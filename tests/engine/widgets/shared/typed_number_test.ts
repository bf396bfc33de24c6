// Catches: a rate that the page reads differently from its reader, a usual notation that the page refuses, a refusal
// that does not say what was read.
import assert from "node:assert/strict";
import { plainNumber, readingWords } from "../../../../engine/widgets/shared/number_words.ts";
import { readNumber } from "../../../../engine/widgets/shared/typed_number.ts";

const HUNDREDTH = [
  ...["0.01", " 0.01 ", ".01", "+.01", "0,01", ",01", "00.01", "0.010"],
  ...[
    "1e-2",
    "1E-2",
    "1e\u22122",
    "1e\u20132",
    "1e\u20112",
    "1 e -2",
    "1.e-2",
    "1,0e-2",
    "1\u0435-2",
    "10e-3",
    ".1e-1",
  ],
  ...["10^-2", "10^\u22122", "10^(-2)", "10 ^ -2", "10**-2", "10\u207b\u00b2", "10^\u207b\u00b2", "\u200b10^-2\ufeff"],
  ...[
    "1 x 10^-2",
    "1x10^-2",
    "1 X 10^-2",
    "1 \u00d7 10^-2",
    "1\u00a0\u00d7\u00a010^\u22122",
    "1*10^-2",
    "1 \u00b7 10\u207b\u00b2",
  ],
  ...["1\u22c510^-2", "1 \u0445 10^-2", "0,1 x 10^-1", "100\u202f\u00d7\u202f10\u207b\u2074", "1*10**-2"],
  ...[
    "\uff10\uff0e\uff10\uff11",
    "\uff11\uff45\uff0d\uff12",
    "\u0660\u066b\u0660\u0661",
    "\u06f0\u066b\u06f0\u06f1",
    "\u0966.\u0966\u0967",
  ],
];
const OTHERS: [text: string, value: number][] = [
  ["1", 1],
  ["1.", 1],
  ["1,", 1],
  ["1.000", 1],
  ["0,001", 0.001],
  ["1,00", 1],
  ["1,0000", 1],
  ["1234,567", 1234.567],
  ["1000", 1000],
  ["1 000", 1000],
  ["1\u202f000,5", 1000.5],
  ["1'000.5", 1000.5],
  ["1\u2019000", 1000],
  ["1_000", 1000],
  ["1.000,5", 1000.5],
  ["1,000.5", 1000.5],
  ["1,000,000", 1e6],
  ["1.000.000", 1e6],
  ["1e37", 1e37],
  ["3.4e38", 3.4e38],
  ["1e-45", 1e-45],
  ["10\u00b2", 100],
  ["10\u207a\u00b2", 100],
  ["2^-7", 2 ** -7],
  ["3 x 2^-7", 3 * 2 ** -7],
  ["3e0", 3],
];
const NOT_READ: [text: string, refused: string][] = [
  ...["", " ", "\u00a0\u200b"].map((text): [string, string] => [text, "empty"]),
  ...["0", "0.0", "0,000", "-0", "0e5", "0 x 10^-2", "\uff10"].map((text): [string, string] => [text, "zero"]),
  ...["-1", "\u22121", "\u20130,01", "-1e-2", "- 10^-2", "-1e99"].map((text): [string, string] => [text, "negative"]),
  ...["1,000", "12,345", "999,999", "1,000e-3", "1,000 x 10^-2", "\uff11,\uff10\uff10\uff10"]
    .map((text): [string, string] => [text, "ambiguous"]),
  ...["1e39", "3.5e38", "1e400", "10^99", "1e999999999999", "2^128", "9".repeat(50)]
    .map((text): [string, string] => [text, "too large"]),
  ...["1e-50", "1e-400", "10^-99", "2^-200", "0." + "0".repeat(60) + "1"].map((text): [string, string] => [
    text,
    "too small",
  ]),
  ...["Infinity", "-inf", "\u221e", "NaN", "nan"].map((text): [string, string] => [text, "not finite"]),
  ...[
    "0x10",
    "0b1",
    "1x10",
    "x10^-2",
    "e-2",
    "1e",
    "1e-",
    "1e0.5",
    "10-2",
    "1 x 10-2",
    "a lot",
    "0.01.",
    "1..2",
    "1.2.3",
  ],
  ...[
    "1,2,3",
    "1,00,5",
    "1 0",
    "1 00",
    "110^-2 ",
    "5^2",
    "1/100",
    "1%",
    "0.01 0.02",
    ",",
    ".",
    "--1",
    "1e-2e-2",
    "lr = 1",
  ],
].map((one): [string, string] => typeof one === "string" ? [one, "unreadable"] : one);

Deno.test("every usual way to type a hundredth is read", () => {
  for (const text of HUNDREDTH) {
    const reading = readNumber(text);
    assert.ok(
      "value" in reading && Math.abs(reading.value - 0.01) < 1e-17,
      `${JSON.stringify(text)} ${JSON.stringify(reading)}`,
    );
  }
});

Deno.test("points and commas are read if they are unambiguous", () => {
  for (const [text, value] of OTHERS) assert.deepEqual(readNumber(text), { value }, JSON.stringify(text));
});

Deno.test("text that is not one positive number is refused, with the reason", () => {
  for (const [text, refused] of NOT_READ) {
    const reading = readNumber(text);
    assert.equal(
      "refused" in reading && reading.refused,
      refused,
      `${JSON.stringify(text)} ${JSON.stringify(reading)}`,
    );
  }
});

Deno.test("the words say what was read and what to type", () => {
  const words = (text: string) => readingWords(text, readNumber(text));
  for (const text of ["0.01", "1e-2", " 10 ", "1."]) assert.equal(words(text), "");
  assert.equal(words("1 x 10^\u22122"), "“1 x 10^\u22122” was read as 0.01.");
  assert.equal(words("0,5"), "“0,5” was read as 0.5.");
  assert.equal(words("1,000"), "“1,000” can be read in two ways. Type 1000 or 1.000.");
  assert.match(words("1e39"), /^“1e39” was read as 1e39\. .*32-bit numbers, which end near 3\.4e38\. Type a smaller/);
  assert.match(words("10^-50"), /was read as 1e-50\. .* round that to 0: .* Type a larger number\.$/);
  assert.match(words("\u22121"), /was read as -1, which is below 0\. Type a number above 0/);
  assert.match(words("0"), /was read as 0, a rate at which nothing is learnt\. Type/);
  assert.match(words("0x10"), /^“0x10” cannot be read as one number\. Type a number above 0, such as 0\.01 or 1e-2\.$/);
  assert.match(words(""), /^Type a number above 0/);
  assert.ok(words("9".repeat(4000)).length < 300);
  assert.deepEqual([0.003, 10, 1e-7, 1e37].map(plainNumber), ["0.003", "10", "1e-7", "1e37"]);
});
