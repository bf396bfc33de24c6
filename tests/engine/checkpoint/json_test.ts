// Catches: JSON that two readers understand differently, a text that overflows the stack, a value with two canonical
// texts.
import assert from "node:assert/strict";
import { canonicalJson } from "../../../engine/checkpoint/canonical_json.ts";
import { FileError } from "../../../engine/checkpoint/file_error.ts";
import { strictJson } from "../../../engine/checkpoint/strict_json.ts";

Deno.test("what JSON.parse reads, the strict reader reads the same way", () => {
  const texts = [
    '{"a":[1,-2.5e-3,0,1e10,true,false,null],"":{"x":"y"}}',
    " [ ] ",
    "{}",
    '"\\u00e9\\n\\"\\\\ é \u{1f30a}"',
    "-0",
  ];
  for (const text of [...texts, '[{"__proto__":1},{"constructor":{}}]']) {
    assert.deepEqual(strictJson(text, "header"), JSON.parse(text), text);
  }
});

Deno.test("what JSON.parse refuses, the strict reader refuses, and says where", () => {
  const bad = ["", "{", "[1,]", "{,}", '{"a"}', '{"a":}', "{a:1}", "01", "1.", ".5", "+1", "NaN", "Infinity", "tru"];
  for (
    const text of [...bad, '"\n"', '"\\x"', "'a'", "[1 2]", "{}x", '{"a":1,}', "\u00a0{}", '"\\ud83c', "1e", "--1"]
  ) {
    assert.throws(() => JSON.parse(text), SyntaxError, text);
    assert.throws(() => strictJson(text, "header"), { name: "Error", kind: "json" }, text);
  }
  assert.throws(
    () => strictJson('{"a": nul}', "press_start"),
    new FileError({ kind: "json", part: "press_start", at: 6, found: "nul}" }),
  );
});

Deno.test("a key that occurs twice is refused, even when it is written in two ways", () => {
  for (const text of ['{"a":1,"a":1}', '[{"a":1,"b":2,"\\u0061":3}]', '{"__proto__":1,"__proto__":2}']) {
    assert.throws(() => strictJson(text, "header"), /has the key “(a|__proto__)” twice\.$/, text);
  }
  strictJson('[{"a":1},{"a":1}]', "header");
});

Deno.test("deep and huge values are refused instead of overflowing", () => {
  assert.throws(() => strictJson("[".repeat(60_000), "header"), { kind: "json" });
  assert.throws(() => strictJson("1e999", "header"), { kind: "json" });
});

Deno.test("a value has one canonical text: keys sorted by their code units, numbers as ECMAScript writes them", () => {
  const value = {
    b: [1e-8, 0.003, -0, 1e21, 100],
    "a\n": 'é\u2028"',
    "\u{1f30a}": null,
    "\uff00": true,
    B: { z: 1, y: undefined },
  };
  const text = '{"B":{"z":1},"a\\n":"é\u2028\\"","b":[1e-8,0.003,0,1e+21,100],"\u{1f30a}":null,"\uff00":true}';
  assert.equal(canonicalJson(value), text);
  assert.equal(canonicalJson(Object.fromEntries(Object.entries(value).reverse())), text);
  assert.equal(canonicalJson(JSON.parse(text)), text);
  assert.throws(() => canonicalJson([NaN]), /JSON cannot hold NaN/);
});
