// What a head's absence costs.
//
// Catches: a loss over characters that do not count, a mask that switches off another head, a difference with the wrong
// sign, a recorded amount of another head, an engine that cannot measure and is said to have found nothing.
import assert from "node:assert/strict";
import type { ObservedLine } from "../../../../engine/training/observation.ts";
import { countedOf, meanOf, measuredOff, recordedOff } from "../../../../engine/widgets/instruments/heads_off.ts";

const COUNTS = { n_layer: 2, n_head: 2 };
const LINE = "b ab ab\ncd";

function seen(...surprise: number[]): ObservedLine {
  return { surprise, attention: new Uint8Array(), stream_rms: [], previous: [], prefix: [] };
}

Deno.test("on a text of writings the copies count, elsewhere every character", () => {
  const copies = countedOf("\nab ab ab\nc", true);
  assert.deepEqual(copies.counts, [false, false, false, true, true, true, true, true, true, false]);
  assert.equal(copies.called, "of the copies on this line");
  assert.equal(countedOf("\nab ab ab\nc", false).counts.every((one) => one), true);
  assert.equal(countedOf("never a break", true).called, "on this line"); // it has no copy that is known to be one
  assert.equal(meanOf([1, 2, 3], { counts: [true, false, true], called: "" }), 2);
});

Deno.test("the engine measures with the heads off that the reader has switched off, and without", async () => {
  const masks: (number[] | null)[] = [];
  const observe = (_tokens: Uint8Array, off?: Uint8Array) => {
    masks.push(off ? [...off] : null);
    return Promise.resolve(off ? seen(2, 4) : seen(1, 2));
  };
  const counted = countedOf("abc", false), tokens = Uint8Array.of(0, 1, 2);
  assert.equal(await measuredOff(observe, tokens, new Set(), COUNTS, counted), "");
  assert.deepEqual(masks, []);
  assert.equal(
    await measuredOff(observe, tokens, new Set([2]), COUNTS, counted),
    "With layer 2, head 1 off, the loss on this line is 3.000 nats per character; with all heads on, it is 1.500 (+1.500).",
  );
  assert.deepEqual(masks, [null, [0, 0, 1, 0]]);
  assert.match((await measuredOff(observe, tokens, new Set([0, 3]), COUNTS, counted))!, /^With 2 heads off, /);
  assert.deepEqual(masks[3], [1, 0, 0, 1]);
});

Deno.test("an engine that measures nothing is not said to have found something", async () => {
  const nothing = () => Promise.resolve(null);
  assert.equal(await measuredOff(nothing, Uint8Array.of(0, 1), new Set([0]), COUNTS, countedOf(LINE, false)), null);
});

Deno.test("the recording says what one head costs", () => {
  const recorded = { called: "of the copies", loss: 0.05, without: [0.04, 1.25, 0.05, 0.06] };
  assert.equal(recordedOff(recorded, new Set(), COUNTS), "");
  assert.equal(
    recordedOff(recorded, new Set([1]), COUNTS),
    "At the end of the recorded run: with layer 1, head 2 off, the loss of the copies is 1.250 nats per character; " +
      "with all heads on, it is 0.050 (+1.200).",
  );
  assert.match(recordedOff(recorded, new Set([0]), COUNTS), /\(−0\.010\)\.$/);
});
