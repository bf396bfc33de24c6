// Heads by number: their maps, names, scores and words.
//
// Catches: a head that is called by another's name, a map that is cut from its neighbours, heads in the wrong order, a
// character that is said to look ahead, words that the build and the page say differently.
import assert from "node:assert/strict";
import { opacity } from "../../../../engine/widgets/instruments/head_map.ts";
import { bestHeadText, does, headName, lookText } from "../../../../engine/widgets/instruments/head_words.ts";
import {
  best,
  distanceOf,
  type HeadsAt,
  looksAt,
  mapOf,
  ordered,
} from "../../../../engine/widgets/instruments/heads.ts";
import cases from "./head_cases.json" with { type: "json" };

/** One head on three characters: the second looks at the first and itself alike, the third mostly at the second. */
const MAP = Uint8Array.of(255, 0, 0, 128, 127, 0, 51, 204, 0);
const HEADS: HeadsAt = {
  iteration: 200,
  attention: Uint8Array.of(...MAP, ...MAP.toReversed()),
  previous: [0.65, 0.7],
  prefix: [0.3, 0.1],
};

Deno.test("layers and heads are counted from 1", () => {
  assert.deepEqual([0, 3, 4, 15].map((head) => headName(head, 4)), [
    "layer 1, head 1",
    "layer 1, head 4",
    "layer 2, head 1",
    "layer 4, head 4",
  ]);
});

Deno.test("each head has its own map", () => {
  assert.deepEqual([...mapOf(HEADS, 0, 2)], [...MAP]);
  assert.deepEqual([...mapOf(HEADS, 1, 2)], [...MAP.toReversed()]);
});

Deno.test("a character looks back, at most at itself", () => {
  assert.deepEqual(looksAt(MAP, 2, 5), [{ position: 1, part: 0.8 }, { position: 0, part: 0.2 }]);
  assert.deepEqual(looksAt(MAP, 2, 1), [{ position: 1, part: 0.8 }]);
  assert.deepEqual(looksAt(MAP, 0, 5), [{ position: 0, part: 1 }]);
  assert.deepEqual(looksAt(Uint8Array.of(255, 9, 0, 255), 0, 5), [{ position: 0, part: 1 }]);
});

Deno.test("the distance is a mean over all positions after the first", () => {
  assert.equal(distanceOf(MAP), (128 + 2 * 51 + 204) / 510);
  assert.equal(distanceOf(Uint8Array.of(255)), 0);
});

Deno.test("heads are in the order of layers, or of a score, the highest first", () => {
  assert.deepEqual(ordered(HEADS, "layer"), [0, 1]);
  assert.deepEqual(ordered(HEADS, "previous"), [1, 0]);
  assert.deepEqual(ordered(HEADS, "prefix"), [0, 1]);
  assert.equal(best(HEADS.previous), 1);
  assert.equal(bestHeadText(HEADS.previous, "previous", 2), "best previous character 0.70, layer 1, head 2");
});

Deno.test("a sentence says where a character looks", () => {
  const looks = looksAt(MAP, 2, 3);
  assert.equal(lookText("a\nc", 2, looks), "Character 3, “c”, looks at “↵” just before: 0.80; “a” 2 back: 0.20.");
  assert.equal(
    lookText("a c", 1, looksAt(MAP, 1, 3)),
    "Character 2, “␣”, looks at “a” just before: 0.50; itself: 0.50.",
  );
});

Deno.test("what a head does follows from its scores", () => {
  for (const { previous, prefix, distance, says } of cases) assert.equal(does(previous, prefix, distance), says);
});

Deno.test("a small weight is seen", () => {
  assert.deepEqual([0, 3, 64, 255].map(opacity), [0, 28, 128, 255]);
});
