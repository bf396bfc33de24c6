// Catches: the slower engine taken, or noise that changes the engine from visit to visit; a comparison that changes the
// run, that goes on in a hidden page, that a reader has to wait for, or that leaves Workers behind.
import assert from "node:assert/strict";
import "../../../engine/session/late_answers.ts";
import { type Preset, PresetRuns } from "../../../engine/session/preset_runs.ts";
import { CPU_MUST_WIN_BY } from "../../../engine/session/measured_engines.ts";
import { type Kept, type Machine, machine, Page, rest, test, until } from "./made_up_machine.ts";
import { options } from "./sessions.ts";

/** An estimate of that much training, and a little more for measurements. */
function assertNear(estimate_ms: number, training_ms: number): void {
  assert.ok(estimate_ms > training_ms && estimate_ms < 1.2 * training_ms, `${estimate_ms} for ${training_ms} ms`);
}

test("a slow card: the CPU engine is taken, nothing of the card or the rehearsal remains", async () => {
  const { session, alive, ...page } = await new Page(machine(100, 50)).rehearsed();
  assert.equal(session.engine?.description, "CPU engine, 2 Workers");
  assert.deepEqual([session.engine!.adapter, session.engine!.instead], ["ACME 1", null]);
  assert.deepEqual(session.measured, { webgpu: 10, cpu: 20, workers: 2 });
  assert.equal(alive.size, 2);
  assert.deepEqual([session.status, session.iteration, session.history.train, session.log], ["idle", 0, [], []]);
  assert.equal(await session.fingerprint(), "cpu 2 0", "the engine is back at its first weights");
  assertNear(session.time_left_ms!, 50 * session.iterations);
  session.start();
  await until(() => session.iteration > 5);
  assert.deepEqual(page.did, ["webgpu", "train webgpu", "cpu 2", "train cpu 2", "train cpu 2"]);
  session.dispose();
});

test("a slow CPU engine: the card stays, and the CPU engine's Workers end", async () => {
  const { session, alive } = await new Page(machine(50, 100)).rehearsed();
  assert.equal(session.engine?.description, "WebGPU engine, ACME 1");
  assert.deepEqual(session.measured, { webgpu: 20, cpu: 10, workers: 2 });
  assert.equal(alive.size, 1);
  assert.equal(await session.fingerprint(), "webgpu 0");
  assertNear(session.time_left_ms!, 50 * session.iterations);
  session.dispose();
});

test("the CPU engine has to win clearly", async () => {
  assert.equal(CPU_MUST_WIN_BY, 1.2);
  for (const [times, engine] of [[1.15, "WebGPU engine, ACME 1"], [1.25, "CPU engine, 2 Workers"]] as const) {
    const page = await new Page(machine(60 * times, 60)).rehearsed();
    assert.equal(page.engine, engine, `${times}`);
    page.session.dispose();
  }
});

test("the choice is remembered, whatever another measurement would say", async () => {
  for (const [card, cpu, engine] of [[100, 50, "cpu 2"], [50, 100, "webgpu"]] as const) {
    const kept: Kept = { json: "null" };
    (await new Page(machine(card, cpu), kept).rehearsed()).session.dispose();
    const before = kept.json, again = await new Page(machine(cpu, card), kept).rehearsed();
    assert.deepEqual(again.did, [engine, `train ${engine}`], "only the chosen one is rehearsed, for the run's time");
    assert.deepEqual(again.session.measured, { webgpu: 1000 / card, cpu: 1000 / cpu, workers: 2 });
    assert.equal(kept.json, before);
    again.session.dispose();
    const at_once = new Page(machine(cpu, card), kept);
    at_once.session.start();
    await until(() => at_once.session.iteration > 0);
    assert.equal(at_once.did[0], engine, "without a rehearsal, too");
    at_once.session.dispose();
  }
});

test("another card, or another browser, is measured; the first card's result stays", async () => {
  const kept: Kept = { json: "null" };
  (await new Page(machine(100, 50), kept).rehearsed()).session.dispose();
  const other = await new Page(machine(50, 100, "ACME 2"), kept).rehearsed();
  assert.equal(other.engine, "WebGPU engine, ACME 2");
  other.session.dispose();
  const first = await new Page(machine(50, 100), kept).rehearsed();
  assert.equal(first.engine, "CPU engine, 2 Workers");
  first.session.dispose();
  const updated = await new Page(machine(50, 100), kept, "Browser 2").rehearsed();
  assert.equal(updated.engine, "WebGPU engine, ACME 1");
  updated.session.dispose();
});

test("what another program has stored is ignored, and another tab's result counts", async () => {
  for (const cards of [null, { "ACME 1": 7 }, { "ACME 1": { webgpu: 1, cpu: "9", workers: 2 } }]) {
    const page = await new Page(machine(50, 100), { json: JSON.stringify({ "Browser 1": { cards } }) }).rehearsed();
    assert.equal(page.did[0], "webgpu");
    assert.equal(page.session.measured?.webgpu, 20);
    page.session.dispose();
  }
  const kept: Kept = { json: "null" }, page = new Page(machine(50, 100), kept);
  page.session.prepare();
  await until(() => page.session.engine);
  (await new Page(machine(100, 50), kept).rehearsed()).session.dispose();
  await page.rehearsed();
  assert.equal(page.engine, "CPU engine, 2 Workers");
  page.session.dispose();
});

test("where nothing can be stored, the choice holds for the page and all its runs", async () => {
  const page = new Page(machine(100, 50), null), second = page.makeSession("second");
  second.prepare();
  await until(() => second.engine?.kind === "webgpu");
  await page.rehearsed();
  assert.equal(page.engine, "CPU engine, 2 Workers");
  second.start();
  await until(() => second.iteration > 0);
  assert.equal(second.engine!.description, "CPU engine, 2 Workers", "its card was ready, but it had not begun");
  second.dispose();
  const { evaluation, sampling } = options(),
    presets = new PresetRuns(page.session, { evaluation, sampling }, page.host, 0);
  presets.run({ name: "clean", label: "clean", training: page.session.options.training } as Preset);
  await until(() => presets.session!.iteration > 0);
  assert.equal(presets.session!.engine!.description, "CPU engine, 2 Workers");
  presets.stop();
  page.session.dispose();
  assert.equal(page.alive.size, 0);
});

test("a start during either rehearsal begins on the card, and nothing is remembered", async () => {
  for (const part of ["train webgpu", "train cpu 2"]) {
    const kept: Kept = { json: "null" }, page = new Page(machine(100, 95), kept), { session } = page;
    session.prepare();
    session.rehearse();
    await until(() => page.did.includes(part));
    await rest(200);
    const before = page.iterations;
    session.start();
    await until(() => session.iteration > 0);
    assert.ok(page.iterations - before < 5, "the start waits for one iteration, not for the rest of a second");
    assert.deepEqual([page.engine, session.history.train[0], kept.json], ["WebGPU engine, ACME 1", 4, "null"]);
    assert.equal(page.alive.size, 1);
    session.dispose();
  }
});

test("a start when the CPU engine has already won begins on it", async () => {
  const page = new Page(machine(400, 20)), { session } = page;
  session.prepare();
  session.rehearse();
  await until(() => page.did.includes("train cpu 2"));
  await rest(300);
  session.start();
  await until(() => session.iteration > 0);
  assert.equal(page.engine, "CPU engine, 2 Workers");
  session.dispose();
});

test("a hidden page compares nothing; in sight again, it does", async () => {
  for (const part of ["train webgpu", "train cpu 2"]) {
    const kept: Kept = { json: "null" }, page = new Page(machine(50, 50), kept), { session } = page;
    session.prepare();
    session.rehearse();
    await until(() => page.did.includes(part));
    await rest(150);
    session.hide();
    await page.quiet();
    const before = page.messages;
    await rest(1000);
    assert.deepEqual([page.messages, kept.json, page.engine], [before, "null", "WebGPU engine, ACME 1"]);
    session.show();
    await page.rehearsed();
    assert.deepEqual(session.measured, { webgpu: 20, cpu: 20, workers: 2 });
    session.dispose();
  }
});

test("another turn on the page, a reset and a question end a comparison and get what they want", async () => {
  const page = new Page(machine(50, 50)), { session } = page;
  session.prepare();
  session.rehearse();
  await until(() => page.did.includes("train cpu 2"));
  session.wait("something else");
  await page.quiet();
  assert.equal(session.measured, null);
  session.goOn();
  session.rehearse();
  await until(() => page.did.filter((what) => what === "train cpu 2").length === 2);
  session.reset("ophelia");
  assert.equal(await session.fingerprint(), "webgpu 0");
  await page.quiet();
  assert.equal(session.seed, "ophelia");
  session.dispose();
  assert.equal(page.alive.size, 0);
});

test("the reader chooses either engine, whatever was measured, and back", async () => {
  const page = await new Page(machine(100, 50)).rehearsed(), { session } = page;
  session.prefer("webgpu");
  await until(() => session.engine);
  await page.rehearsed();
  assert.deepEqual([page.engine, session.measured?.cpu], ["WebGPU engine, ACME 1", 20]);
  session.prefer("cpu");
  await until(() => session.engine);
  assert.deepEqual([page.engine, session.engine!.adapter], ["CPU engine, 2 Workers", null]);
  session.prefer("fastest");
  await until(() => session.engine);
  assert.deepEqual([page.engine, session.engine!.adapter], ["CPU engine, 2 Workers", "ACME 1"]);
  session.dispose();
});

test("the reader's choice in the middle of a comparison ends all of it", async () => {
  for (const part of ["train webgpu", "cpu 2", "train cpu 2"]) {
    const page = new Page(machine(50, 50)), { session } = page;
    session.prepare();
    session.rehearse();
    await until(() => page.did.includes(part));
    session.prefer("cpu");
    await page.quiet();
    assert.deepEqual([page.engine, page.alive.size, session.measured], ["CPU engine, 2 Workers", 2, null]);
    assert.equal(session.time_left_ms, null);
    session.start();
    await until(() => session.iteration > 0);
    session.dispose();
    assert.equal(page.alive.size, 0);
  }
});

test("a card whose iterations take seconds: the page says that it waits, and the CPU engine begins at once", async () => {
  const page = new Page(machine(8000, 50)), { session } = page;
  session.prepare();
  session.rehearse();
  await until(() => page.did.includes("train webgpu"));
  await rest(500);
  assert.equal(session.waits_for_gpu, false, "most cards answer before a reader could read it");
  session.start();
  await until(() => session.waits_for_gpu);
  assert.deepEqual([session.status, session.detail], ["loading", "waiting for the graphics card to answer"]);
  session.prefer("cpu");
  await until(() => session.iteration > 0);
  assert.deepEqual([page.engine, page.alive.size, session.waits_for_gpu], ["CPU engine, 2 Workers", 2, false]);
  session.dispose();
  const patient = await new Page(machine(8000, 50)).rehearsed();
  await until(() => patient.session.measured);
  assert.deepEqual([patient.engine, patient.session.waits_for_gpu], ["CPU engine, 2 Workers", false]);
  patient.session.dispose();
});

test("eight Workers are taken where they are faster than four, and only there", async () => {
  for (const [ms, workers] of [[25, 8], [60, 4]] as const) {
    const kept: Kept = { json: "null" };
    const many: Machine = { cores: 12, card: null, cpu: (workers) => workers === 8 ? ms : 50 };
    const page = await new Page(many, kept).rehearsed();
    assert.equal(page.engine, `CPU engine, ${workers} Workers`);
    assert.equal(page.alive.size, workers, "the others have ended");
    assert.deepEqual(page.did, ["cpu 4", "train cpu 4", "train cpu 8"]);
    assertNear(page.session.time_left_ms!, Math.min(ms, 50) * page.session.iterations);
    assert.equal(await page.session.fingerprint(), `cpu ${workers} 0`);
    page.session.dispose();
    const again = await new Page(many, kept).rehearsed();
    assert.deepEqual(again.did, [`cpu ${workers}`, `train cpu ${workers}`]);
    again.session.dispose();
  }
  const few = await new Page({ cores: 6, card: null, cpu: () => 50 }).rehearsed();
  assert.deepEqual(few.did, ["cpu 4", "train cpu 4"]);
  few.session.dispose();
});

test("eight Workers may beat a card that four do not, and are not tried where they cannot", async () => {
  const with_card = (card: number): Machine => ({
    cores: 8,
    card: { name: "ACME 1", ms: card },
    cpu: (workers) => 200 / workers,
  });
  const close = await new Page(with_card(40)).rehearsed();
  assert.deepEqual([close.engine, close.alive.size], ["CPU engine, 8 Workers", 8]);
  assert.deepEqual(close.session.measured, { webgpu: 25, cpu: 40, workers: 8 });
  close.session.dispose();
  const far = await new Page(with_card(10)).rehearsed();
  assert.deepEqual([far.engine, far.did.includes("train cpu 8")], ["WebGPU engine, ACME 1", false]);
  assert.equal(far.host.measured!.workers, null, "it is not known how many would be fastest");
  far.session.dispose();
});

test("without a CPU engine the card stays, and the page does not try again", async () => {
  const page = await new Page({ ...machine(50, 50), cpu: () => NaN }).rehearsed(), { session } = page;
  assert.deepEqual([page.engine, page.alive.size, session.measured], ["WebGPU engine, ACME 1", 1, null]);
  session.rehearse();
  await page.quiet();
  assert.deepEqual(page.did, ["webgpu", "train webgpu", "cpu 2"]);
  assert.ok(session.time_left_ms! > 0);
  session.start();
  await until(() => session.iteration > 0);
  session.dispose();
});

test("a start while eight Workers are measured goes on with four", async () => {
  const page = new Page({ cores: 8, card: null, cpu: () => 50 }), { session } = page;
  session.rehearse();
  await until(() => page.did.includes("train cpu 8"));
  session.start();
  await until(() => session.iteration > 0);
  assert.deepEqual([page.engine, page.alive.size], ["CPU engine, 4 Workers", 4]);
  assert.equal(page.host.measured!.workers, null);
  session.dispose();
});
