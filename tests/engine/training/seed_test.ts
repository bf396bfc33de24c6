// Catches: two seeds that look the same but train different runs, a seed whose printable ASCII has changed, a table
// without some invisible character, space or hyphen. tests/build/model/test_seeds.py checks Python with these cases.
import assert from "node:assert/strict";
import { streamKey } from "../../../engine/training/rng.ts";
import { normaliseSeed } from "../../../engine/training/seed.ts";
import cases from "./seed_cases.json" with { type: "json" };

Deno.test("a seed is normalised as the cases say, and normalising again changes nothing", () => {
  for (const [given, read] of cases) {
    assert.equal(normaliseSeed(given), read, JSON.stringify(given));
    assert.equal(normaliseSeed(read), read, JSON.stringify(read));
    assert.equal(streamKey(given, "weights"), streamKey(read, "weights"));
  }
});

Deno.test("all spaces, hyphens and invisible characters are treated alike; printable ASCII stays as it is", () => {
  // This JavaScript engine's Unicode may contain characters that Unicode 16, and so the table, does not.
  const newer = /\p{Unassigned}/u;
  let removed = 0, spaces = 0, hyphens = 0;
  for (let code = 0; code <= 0x10ffff; code++) {
    const one = String.fromCodePoint(code), read = normaliseSeed(`a${one}b`);
    if (newer.test(one) && !/\p{Default_Ignorable_Code_Point}/u.test(one)) continue;
    if (code >= 0x20 && code < 0x7f) assert.equal(read, `a${one}b`);
    else if (/\p{Zs}|[\t-\r\x85\u2028\u2029]/u.test(one)) assert.equal(read, "a b", code.toString(16)), spaces++;
    else if (/\p{Pd}/u.test(one)) assert.equal(read, "a-b", code.toString(16)), hyphens++;
    else if (/\p{Default_Ignorable_Code_Point}|\p{Cc}/u.test(one) && !/[\u3164\uffa0]/.test(one)) {
      assert.equal(read, "ab", code.toString(16)), removed++;
    } else if (/\p{Letter}|\p{Number}/u.test(one) && !/[\u02bc\u3164\uffa0]/.test(one)) {
      assert.equal(read, `a${one}b`.normalize("NFC"), code.toString(16));
    }
  }
  assert.ok(removed > 4000 && spaces > 20 && hyphens > 20, `${removed} ${spaces} ${hyphens}`);
});
