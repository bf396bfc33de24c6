// Catches: a report card that mixes up its engines, is made from half a measurement, says more than it should, or is
// too long for its QR code or not ASCII; a fingerprint taken where recorded runs have none.
import assert from "node:assert/strict";
import { type BenchPart, rowOf } from "../../../engine/bench/bench_run.ts";
import { FINGERPRINT_AT } from "../../../engine/bench/lesson_fingerprint.ts";
import { CardDraft, cardFile, cardText, MOST_BYTES, type ReportCard } from "../../../engine/session/report_card.ts";
import { defaultRun } from "../../../engine/training/config.ts";
import { milestones } from "../../../engine/training/milestones.ts";
import { qrPath } from "../../../engine/widgets/speed/qr_drawing.ts";

const FACTS = { date: "2026-01-02", browser: "Firefox 150, Windows", cores: 8, batch_size: 32 };
const RUN = { text: "shakespeare", seed: "hamlet" };
const ON_GPU = "a".repeat(64), ON_CPU = "b".repeat(64);

const row = (B: number, rate: number, plan = "fused"): BenchPart => {
  const run = defaultRun(65);
  run.training.batch_size = B;
  return { kind: "row", row: rowOf(run, plan, rate, null) };
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
  const made = draft.finished({ ...FACTS, ...RUN, seed }, null)!;
  if ("adapter" in made.webgpu) made.webgpu.adapter = adapter;
  return made;
}

Deno.test("a card says of each engine how fast it is, at the first batch size, and what it computes", () => {
  assert.deepEqual(card(), {
    format: 1,
    ...FACTS,
    run: { ...RUN, iterations: FINGERPRINT_AT },
    webgpu: { adapter: "A Card", plan: "fused", iterations_per_second: 900, fingerprint: ON_GPU },
    cpu: { module: "fma", iterations_per_second: { 1: 9, 4: 31.42 }, fingerprint: ON_CPU },
  });
});

Deno.test("without a graphics card, a card says why", () => {
  const draft = new CardDraft();
  onCpu(draft);
  assert.deepEqual(draft.finished({ ...FACTS, ...RUN }, "software")!.webgpu, { missing: "software" });
  onGpu(draft); // the device was lost after its measurement
  assert.deepEqual(draft.finished({ ...FACTS, ...RUN }, "lost")!.webgpu, { missing: "lost" });
});

Deno.test("half a measurement makes no card", () => {
  const none = new CardDraft(), gpu_alone = new CardDraft(), cpu_alone = new CardDraft(), no_print = new CardDraft();
  onGpu(gpu_alone);
  onCpu(cpu_alone);
  onGpu(no_print);
  take(no_print, 1, row(32, 9));
  for (const draft of [none, gpu_alone, cpu_alone, no_print]) {
    assert.equal(draft.finished({ ...FACTS, ...RUN }, null), null);
  }
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
  const made = draft.finished({ ...FACTS, browser: "headless Chrome 156, Mac OS X", ...RUN }, null)!;
  const text = cardText(made);
  assert.ok(text.length <= MOST_BYTES, `${text.length} bytes`);
  const { size } = qrPath(text);
  assert.ok(size <= 120, `${size} modules`);
});

Deno.test("recorded runs have a fingerprint at the card's iteration", () => {
  assert.ok(milestones(defaultRun(65)).some(({ iteration }) => iteration === FINGERPRINT_AT));
});
