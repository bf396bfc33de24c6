// Catches: a failure text that does not say what to do, a raw error instead of a sentence, a badge that differs from
// the lesson's words.
import assert from "node:assert/strict";
import { allocating, OutOfMemoryError } from "../../engine/training/allocate.ts";
import { badge, note, shortened } from "../../engine/wording.ts";
import {
  type FailureKind,
  failureText,
  type WebGpuErrorKind,
  widgetFailure,
} from "../../engine/wording_of_failures.ts";
import { webGpuErrorText } from "../../engine/webgpu/webgpu_error.ts";

/** All kinds: if one is missing here, this does not compile. */
const FAILURES: Record<FailureKind, true> = {
  "no-program": true,
  "no-text": true,
  "no-wasm-simd": true,
  "no-memory": true,
  "corpus-damaged": true,
  "worker-died": true,
  "worker-silent": true,
  "unsuitable": true,
  "no-clock": true,
  "no-wasm": true,
  "wasm-forbidden": true,
  "no-worker": true,
  "worker-forbidden": true,
  "gpu-error": true,
  "gpu-silent": true,
};

/** Kinds whose sentence is the error's own message. */
const QUOTING: FailureKind[] = ["unsuitable"];

Deno.test("each failure has a sentence and says what to do, even if the browser gave no message", () => {
  for (const kind of Object.keys(FAILURES) as FailureKind[]) {
    for (const detail of ["", "The text has 1 distinct characters."]) {
      const { message, way_out } = failureText(kind, detail);
      if (detail || !QUOTING.includes(kind)) assert.match(message, /^[A-Z].*\.$/, kind);
      assert.match(way_out, /^[A-Z].*\.$/, kind);
      assert.doesNotMatch(message, /undefined|\(\)/);
    }
  }
});

Deno.test("after a failure, a preset or a measurement does not ask for a reset: they have no such button", () => {
  for (const kind of Object.keys(FAILURES) as FailureKind[]) {
    for (const place of ["preset", "measurement"] as const) {
      assert.doesNotMatch(failureText(kind, "", place).way_out, /reset|seed/, `${kind} of a ${place}`);
    }
  }
  assert.match(failureText("no-memory", "", "preset").way_out, /button/);
  assert.match(failureText("worker-died", "", "measurement").way_out, /^Measure again\.$/);
});

Deno.test("the error that ended a Worker appears in brackets", () => {
  assert.match(failureText("worker-died", "boom").message, /\(boom\)\.$/);
});

Deno.test("the badge uses the words that the lesson promises", () => {
  assert.equal(badge.hidden, "paused (tab in background)");
  assert.equal(
    badge.back(1234),
    "was paused at iteration 1,234 while the tab was in the background, then continued",
  );
  assert.equal(badge.diverged(17), "diverged: the loss at iteration 17 is not a number");
  assert.equal(
    badge.done(2000, 1.741),
    "done: 2,000 iterations; 1.7410 nats per character on the whole validation text",
  );
  assert.equal(badge.done(60, null), "done: 60 iterations");
});

Deno.test("the note about a missing validation text gives the length it would need", () => {
  assert.match(note.no_validation(64), /shorter than 65 characters/);
});

Deno.test("the browser's message about a graphics card appears in brackets at the end of the page's sentence", () => {
  const raw = "A valid external Instance reference no longer exists.";
  const kinds: WebGpuErrorKind[] = ["no-adapter", "memory", "kernel", "lost", "error", "unforeseen"];
  for (const kind of kinds) {
    assert.match(webGpuErrorText(kind, raw).message, /^The [^(]+ \(A valid external Instance .* exists\)\.$/, kind);
    assert.match(webGpuErrorText(kind, "").message, /^The [^()]+(\(it gives no reason\))?\.$/, kind);
  }
  assert.match(
    failureText("gpu-error", raw).message,
    /^The graphics card's engine stopped .* \(A valid .* exists\)\.$/,
  );
});

Deno.test("a widget that a browser's error stops says so in a sentence; the page's own errors are sentences", () => {
  assert.equal(widgetFailure(new Error("The text “x” did not arrive.")), "The text “x” did not arrive.");
  for (const raw of [new SyntaxError("Unexpected end of JSON input"), new DOMException("Access is denied.")]) {
    const words = raw.message.replace(/\.$/, "");
    assert.equal(
      widgetFailure(raw),
      `This part of the page could not be set up (${words}). Reload the page, or build the site again.`,
    );
  }
});

Deno.test("a RangeError means out of memory only around an allocation", () => {
  assert.throws(() => allocating(() => new Float32Array(2 ** 52)), OutOfMemoryError);
  assert.throws(() => allocating((): number => (undefined as unknown as string).length), TypeError);
  assert.equal(new RangeError("a sample is too long") instanceof OutOfMemoryError, false);
});

Deno.test("a sentence shows only the beginning, the end and the length of a long seed", () => {
  assert.equal(shortened("macbeth"), "macbeth");
  const long = shortened(`${"a".repeat(3990)} / dead run`);
  assert.equal(long, `${"a".repeat(24)} … aaaaa / dead run (4,001 characters)`);
  assert.ok(shortened("\u{1f30a}".repeat(4000)).startsWith("\u{1f30a}".repeat(24) + " … \u{1f30a}"));
});
