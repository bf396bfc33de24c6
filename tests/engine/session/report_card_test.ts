// Catches: a report card that mixes up its engines, is made from half a measurement, says more than it should, or is
// too long for its QR code or not ASCII; a fingerprint taken where recorded runs have none.
import assert from "node:assert/strict";
import { type BenchPart, rowOf } from "../../../engine/bench/bench_run.ts";
import { FINGERPRINT_AT } from "../../../engine/bench/lesson_fingerprint.ts";
import {
  asRecorded,
  CardDraft,
  cardFile,
  cardText,
  MOST_BYTES,
  type ReportCard,
} from "../../../engine/session/report_card.ts";
import { defaultRun } from "../../../engine/training/config.ts";
import { milestones } from "../../../engine/training/milestones.ts";
import { unnamed_adapter } from "../../../engine/wording.ts";
import { qrPath } from "../../../engine/widgets/speed/qr_drawing.ts";

const FACTS = { date: "2026-01-02", browser: "Firefox 150, Windows", cores: 8, batch_size: 32 };
const ON_GPU = "a".repeat(64), ON_CPU = "b".repeat(64), ON_BASE = "c".repeat(64);
const RUN = { text: "shakespeare", seed: "hamlet" };
const RECORDED = { fma: { 25: ON_GPU, 50: ON_CPU, 100: ON_GPU }, base: { 50: ON_BASE } };
const SHOWN = { ...FACTS, ...RUN, recorded: RECORDED };

const row = (B: number, rate: number, plan = "fused"): BenchPart => {
  const run = defaultRun(65);
  run.training.batch_size = B;
  return { kind: "row", row: rowOf(run, plan, rate, null), program: null };
};

function take(draft: CardDraft, workers: number | null, ...parts: BenchPart[]): void {
  for (const part of parts) draft.take(part, workers);
}

function onGpu(draft: CardDraft): void {
  take(draft, null, { kind: "adapter", adapter: "A Card" }, row(32, 900), { kind: "adapter", adapter: "A Card" });
  take(draft, null, row(12, 1200), { kind: "losses", losses: { 0: 4.2 } });
  take(draft, null, { kind: "fingerprint", module: null, fingerprint: ON_GPU });
}

function onCpu(draft: CardDraft): void {
  take(draft, 1, row(32, 9, "CPU engine, 1 Worker"), row(12, 20));
  take(draft, 4, row(32, 31.4159), row(12, 60), { kind: "fingerprint", module: "fma", fingerprint: ON_CPU });
}

function card(adapter = "A Card", seed = RUN.seed): ReportCard {
  const draft = new CardDraft();
  onGpu(draft);
  onCpu(draft);
  const made = draft.finished({ ...SHOWN, seed }, null)!;
  if ("adapter" in made.webgpu) made.webgpu.adapter = adapter;
  return made;
}

Deno.test("a card says of each engine how fast it is, at the first batch size, and what it computes", () => {
  assert.deepEqual(card(), {
    format: 1,
    ...FACTS,
    run: { ...RUN, iterations: FINGERPRINT_AT },
    webgpu: { adapter: "A Card", plan: "fused", iterations_per_second: 900, fingerprint: ON_GPU },
    cpu: { module: "fma", iterations_per_second: { 1: 9, 4: 31.42 }, fingerprint: ON_CPU, recorded: ON_CPU },
  });
});

Deno.test("without a graphics card, a card says why", () => {
  const draft = new CardDraft();
  onCpu(draft);
  assert.deepEqual(draft.finished(SHOWN, "software")!.webgpu, { missing: "software" });
  onGpu(draft); // the device was lost after its measurement
  assert.deepEqual(draft.finished(SHOWN, "lost")!.webgpu, { missing: "lost" });
});

Deno.test("half a measurement makes no card", () => {
  const none = new CardDraft(), gpu_alone = new CardDraft(), cpu_alone = new CardDraft(), no_print = new CardDraft();
  onGpu(gpu_alone);
  onCpu(cpu_alone);
  onGpu(no_print);
  take(no_print, 1, row(32, 9));
  for (const draft of [none, gpu_alone, cpu_alone, no_print]) {
    assert.equal(draft.finished(SHOWN, null), null);
  }
});

Deno.test("a card says what its module was compared with, so that it outlives the recording", () => {
  const on = (module: "fma" | "base", fingerprint: string, recorded: typeof SHOWN.recorded | Record<string, never>) => {
    const draft = new CardDraft();
    take(draft, 1, row(32, 9), { kind: "fingerprint", module, fingerprint });
    return draft.finished({ ...SHOWN, recorded }, "no-webgpu")!;
  };
  const same = on("base", ON_BASE, RECORDED), different = on("base", ON_CPU, RECORDED), unknown = on("fma", ON_CPU, {});
  assert.deepEqual([same, different].map(({ cpu }) => cpu.recorded), [ON_BASE, ON_BASE]);
  assert.ok(!("recorded" in unknown.cpu), "no recording");
  assert.deepEqual([same, different, unknown].map(asRecorded), [true, false, null]);
});

Deno.test("an adapter's name is cut between characters, and keeps only what can be seen", () => {
  const named = (adapter: string) => {
    const draft = new CardDraft();
    onCpu(draft);
    onGpu(draft);
    take(draft, null, { kind: "adapter", adapter });
    const { webgpu } = draft.finished(SHOWN, null)!;
    return "adapter" in webgpu ? webgpu.adapter : null;
  };
  assert.equal(named("x".repeat(79) + "\u{1F680}\u{1F680}"), "x".repeat(79) + "\u{1F680}");
  assert.equal(named("\u{1F680}".repeat(90)), "\u{1F680}".repeat(80));
  assert.equal(named("x".repeat(79) + " y"), "x".repeat(79), "no space at the end");
  assert.equal(named(" A\u0000 \u202eCard\n\ud800\u00a0(R)\u200b "), "A Card (R)");
  assert.equal(named("\u0007"), unnamed_adapter);
});

Deno.test("its text is JSON in ASCII, and says the same", () => {
  const awkward = card("Карта \u{1F680} “é”\n", "гамлет");
  assert.match(cardText(awkward), /^[\n -~]*$/);
  assert.deepEqual(JSON.parse(cardText(awkward)), awkward);
  assert.equal(cardFile(awkward), "press-start-report-2026-01-02.json");
});

Deno.test("a card of the longest adapter's name fits its QR code", () => {
  const draft = new CardDraft();
  onCpu(draft);
  take(draft, 2, row(32, 17.77));
  take(draft, 8, row(32, 62.83));
  onGpu(draft);
  take(draft, null, { kind: "adapter", adapter: "ANGLE (Some Vendor, ".repeat(20) });
  const made = draft.finished({ ...SHOWN, browser: "headless Chrome 156, Mac OS X" }, null)!;
  const text = cardText(made);
  assert.ok(text.length <= MOST_BYTES, `${text.length} bytes`);
  const { size } = qrPath(text);
  assert.ok(size <= 120, `${size} modules`);
});

Deno.test("recorded runs have a fingerprint at the card's iteration", () => {
  assert.ok(milestones(defaultRun(65)).some(({ iteration }) => iteration === FINGERPRINT_AT));
});
