// Catches: a verdict that claims equal bits where they are not equal, or across engines; a difference without its reason.
import assert from "node:assert/strict";
import { comparedText, type Found, type Reason, talkWords } from "../../engine/wording_of_talk.ts";

const side = (iteration: number, weights_only = false) => ({ about: { iteration }, weights_only });
const equal: Found = {
  ours: side(40),
  theirs: side(40),
  same_weights: true,
  same_state: true,
  losses: 42,
  first: null,
  reason: null,
};
const made = (engine: string, adapter: string | null = null, until: number | null = null) => ({
  engine,
  revision: "r",
  adapter,
  until,
});
const engines = (ours: ReturnType<typeof made>[], theirs: ReturnType<typeof made>[]): Reason => (
  { kind: "engine", ours, theirs }
);
const apart: Found = { ...equal, same_weights: false, same_state: false, first: 7 };

Deno.test("only two files of one engine are equal to the last bit without a reservation", () => {
  assert.equal(comparedText(equal), "Equal to the last bit: all weights, both moments and the 42 losses.");
  const across = comparedText({ ...equal, reason: engines([made("cpu-fma")], [made("cpu-base")]) });
  assert.match(
    across,
    / The CPU engine’s module fma made one, .*module base the other\..* Next time they may differ\.$/,
  );
  const on_card = comparedText({ ...equal, reason: { kind: "driver", engine: "webgpu", adapter: "A" } });
  assert.match(on_card, /on A made both.* do not name the driver, or the browser.*Next time they may differ\.$/);
  assert.match(
    comparedText({ ...equal, same_state: null, losses: 0 }),
    /^The weights are equal to the last bit; one of/,
  );
});

Deno.test("a difference names its first iteration and the reason", () => {
  const text = (reason: Reason | null) => comparedText({ ...apart, reason });
  assert.match(text({ kind: "seed", ours: "a", theirs: "b" }), /^The losses differ from iteration 7 on\. Their seeds/);
  assert.match(text(engines([made("webgpu", "A")], [made("webgpu", "B")])), /cards add .* in different orders/);
  assert.match(
    text(engines([made("webgpu", "A")], [made("cpu-fma")])),
    /adds in a different order from the CPU engine/,
  );
  assert.match(text(engines([made("cpu-fma")], [made("cpu-fma", null, 3), made("cpu-base")])), /changed its engine/);
  assert.match(text({ kind: "training", name: "learning_rate", ours: 0.003, theirs: 0.01 }), /learning_rate is 0\.003/);
  assert.match(text(null), /Nothing in the files explains it/);
});

Deno.test("files of two iterations are not called different runs, and weights without losses still differ", () => {
  const later = comparedText({ ...apart, first: null, theirs: side(50) });
  assert.match(later, /^One is at iteration 40, the other at 50, so their weights differ\. The 42 losses that both/);
  assert.doesNotMatch(later, /Nothing in the files explains/);
  assert.match(comparedText({ ...apart, first: null, losses: 0, same_state: null }), /^The weights differ\. Nothing/);
  assert.match(
    comparedText({ ...apart, first: null, same_weights: true }),
    /equal to the last bit, but not the moments/,
  );
});

Deno.test("unknown characters are named, at most ten of them", () => {
  assert.equal(
    talkWords.unknown(["é"]),
    "The model does not know “é”: its text has no such character. Replace it and ask again.",
  );
  assert.match(talkWords.unknown([..."abcdefghijkl"]), /“j” and 2 more: .* Replace them/);
  assert.match(talkWords.unknown(["\t"]), /"\\t"/);
});
