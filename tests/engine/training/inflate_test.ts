// Catches: a text that arrives changed (a multi-byte character split between two pieces), and unnoticed damage.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { inflate } from "../../../engine/training/inflate.ts";

/** Long and varied enough that its base64 spans several pieces. */
function longText(): string {
  let state = 1;
  const letters = Array.from({ length: 200_000 }, () => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return Array.from("aeiou é∀😀\n—xyz!?")[state >>> 28];
  });
  return letters.join("");
}

async function inflated(packed: string): Promise<string> {
  const pieces: string[] = [];
  await inflate(packed, (piece) => pieces.push(piece));
  return pieces.join("");
}

Deno.test("a long text in many pieces arrives unchanged", async () => {
  const text = longText();
  const packed = gzipSync(text).toString("base64");
  assert.ok(packed.length > 2 ** 16, `${packed.length} characters of base64 are a single piece`);
  assert.equal(await inflated(packed), text);
});

Deno.test("damaged data gives an error, never a different text", async () => {
  const packed = gzipSync(longText()).toString("base64");
  const middle = packed.length >> 1;
  await assert.rejects(inflated(packed.slice(0, packed.length >> 3 << 2)));
  await assert.rejects(
    inflated(packed.slice(0, middle) + (packed[middle] === "A" ? "B" : "A") + packed.slice(middle + 1)),
  );
  await assert.rejects(inflated(packed.slice(0, middle) + "?" + packed.slice(middle + 1)));
  await assert.rejects(inflated(""));
});
