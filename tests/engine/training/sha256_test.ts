// Catches: a wrong digest, especially if the padding needs an extra block.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sha256Hex, sha256Words } from "../../../engine/training/sha256.ts";

Deno.test("every length up to three blocks gives the digest of node:crypto", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 255);
    assert.equal(sha256Hex(bytes), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});

Deno.test("the digest is right for as many bytes as the lesson's weights have", () => {
  const bytes = Uint8Array.from({ length: 824_064 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  assert.equal(sha256Hex(bytes), createHash("sha256").update(bytes).digest("hex"));
});

Deno.test("the words are the digest, most significant first", () => {
  const words = sha256Words(new TextEncoder().encode("weights:hamlet"));
  const hex = createHash("sha256").update("weights:hamlet").digest("hex");
  assert.equal(words[0], Number.parseInt(hex.slice(0, 8), 16));
  assert.equal(words[7], Number.parseInt(hex.slice(56), 16));
});
