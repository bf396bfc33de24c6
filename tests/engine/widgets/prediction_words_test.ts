// Catches: a guess described by the wrong ends; a typed loss that is refused although it is one, or taken although it is
// not.
import assert from "node:assert/strict";
import { guessedEnd, guessWords } from "../../../engine/widgets/prediction_words.ts";
import { readNumber } from "../../../engine/widgets/shared/typed_number.ts";

Deno.test("a guess is described by its ends and its shape", () => {
  assert.equal(guessWords([[2000, 1.2]], null), "1.20 nats per character");
  assert.equal(
    guessWords([[0, 4.174], [2000, 1.5]], "straight down"),
    "from 4.17 at iteration 0 to 1.50 at iteration 2,000, straight down",
  );
  assert.ok(guessWords([[0, 4], [100, 2]], null).endsWith("drawn by hand, 3.00 at iteration 50"));
});

Deno.test("a typed loss may be 0 or have a decimal comma; anything else that is no loss gets a sentence", () => {
  const read = (text: string) => guessedEnd(text, readNumber(text), 8);
  assert.deepEqual(["0", "1,5", " 2.5 ", "8"].map(read), [0, 1.5, 2.5, 8].map((value) => ({ value })));
  assert.deepEqual(read(""), { hint: "" });
  for (
    const [text, words] of [["8.01", "too high"], ["1e40", "too high"], ["-1", "below 0"], ["two", "cannot be read"], [
      "1,000",
      "two ways",
    ], ["nan", "cannot be read"]]
  ) {
    const found = read(text);
    assert.ok("hint" in found && found.hint.includes(words), `${text}: ${JSON.stringify(found)}`);
  }
});
