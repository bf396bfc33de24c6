// What the hex view says of a checkpoint's bytes.
//
// Catches: bytes that belong to no part or to two, a part named after its neighbour, a wrong number for a byte, a seed with
// quotation marks or beyond ASCII that moves the parts of the header.
import assert from "node:assert/strict";
import { layoutOf } from "../../../../engine/checkpoint/safetensors.ts";
import { numberAt, partAt, partsOf } from "../../../../engine/widgets/checkpoint/file_map.ts";
import { ofByte } from "../../../../engine/widgets/checkpoint/file_words.ts";
import { weightsIn } from "../../../../engine/widgets/checkpoint/own_file.ts";
import { savedFile } from "./small_file.ts";

const SEED = 'ham"let, "wte":{ ☃';
const bytes = await savedFile(SEED), parts = partsOf(bytes);
const named = (name: string) => parts.find((part) => part.name === name)!;

Deno.test("the parts cover the file, one after the other", () => {
  let last = 0;
  for (const { begin, end } of parts) {
    assert.equal(begin, last);
    assert.ok(end > begin);
    last = end;
  }
  assert.equal(last, bytes.length);
});

Deno.test("each part of the header begins with its own name", () => {
  const text = ({ begin, end }: { begin: number; end: number }) => new TextDecoder().decode(bytes.subarray(begin, end));
  assert.ok(text(named("metadata")).startsWith('{"__metadata__":{"press_start":'));
  assert.ok(text(named("entry of wte")).startsWith('"wte":{"dtype":"F32","shape":'));
  assert.ok(text(named("entry of adamw.m.wte")).startsWith('"adamw.m.wte":{'));
  assert.match(text(parts.find(({ kind }) => kind === "padding") ?? { begin: 0, end: 0 }), /^ *$/);
});

Deno.test("a byte of a tensor belongs to the number that the engine has there", async () => {
  const { weights } = await weightsIn(new Blob([bytes])), wte = named("wte"), [, columns] = wte.shape!;
  const at = wte.begin + 4 * (2 * columns + 3) + 1, { index, value, begin } = numberAt(bytes, wte, at);
  assert.deepEqual(index, [2, 3]);
  assert.equal(value, weights[2 * columns + 3]);
  assert.equal(begin, at - 1);
});

Deno.test("the words name byte, part and value", () => {
  const length = layoutOf(bytes, bytes.length).data_at - 8, word = (at: number) => ofByte(bytes, partAt(parts, at), at);
  assert.ok(word(0).includes(`The header has ${length.toLocaleString("en-GB")} bytes.`));
  assert.match(word(8), /Part: metadata.* As a character: \{\.$/);
  assert.match(word(named("wte").begin), /^Byte .* Part|wte\[0, 0\] = .*byte 1 of 4/);
  assert.match(word(named("history.val").begin), /history\.val\[0\] = NaN: not measured/);
});
