// Catches: a comparison of engines that does harm when it is ended or fails: a result that says too much, a run that
// fails or waits because of it, or a choice that a slow driver overturns.
import assert from "node:assert/strict";
import { type Kept, type Machine, machine, Page, rest, test, until } from "./made_up_machine.ts";

/** Eight cores; the CPU engine is slower than the card with four Workers, and faster with eight. */
const close: Machine = {
  cores: 8,
  card: { name: "ACME 1", ms: 40 },
  cpu: (workers) => workers === 8 ? 25 : 50,
};
const without_card: Machine = { ...close, card: null };

async function rehearsedUpTo(page: Page, part: string): Promise<void> {
  page.session.prepare();
  page.session.rehearse();
  await until(() => page.did.includes(part));
  await rest(100);
}

/** Starts, and waits for the first iteration. @returns how long that took, in milliseconds of the page's clock */
async function started({ session }: Page): Promise<number> {
  const begin = performance.now();
  session.start();
  await until(() => session.iteration > 0 || session.failure);
  assert.equal(session.failure, null);
  return performance.now() - begin;
}

test("a start while eight Workers are tried is no victory of the card", async () => {
  const kept: Kept = { json: "null" }, page = new Page(close, kept);
  await rehearsedUpTo(page, "train cpu 8");
  await started(page);
  assert.deepEqual([page.engine, page.alive.size, kept.json], ["WebGPU engine, ACME 1", 1, "null"]);
  page.session.dispose();
  const next = await new Page(close, kept).rehearsed();
  assert.deepEqual(next.session.measured, { webgpu: 25, cpu: 40, workers: 8 });
  next.session.dispose();
});

test("nor is a start before they are tried, when four have been timed", async () => {
  const startAtStaff = (what: string) => {
    if (what === "staff 8") page.session.start();
    return undefined;
  };
  const kept: Kept = { json: "null" }, page: Page = new Page({ ...close, trouble: startAtStaff }, kept);
  page.session.rehearse();
  await until(() => page.session.iteration > 0);
  assert.deepEqual([page.engine, kept.json], ["WebGPU engine, ACME 1", "null"]);
  page.session.dispose();
});

test("four Workers that have beaten the card are taken if eight are cut short", async () => {
  const page = new Page({ ...close, cpu: (workers) => workers === 8 ? 15 : 25 });
  await rehearsedUpTo(page, "train cpu 8");
  await started(page);
  assert.deepEqual([page.engine, page.alive.size], ["CPU engine, 4 Workers", 4]);
  assert.deepEqual(page.session.measured, { webgpu: 25, cpu: 40, workers: 4 });
  page.session.dispose();
});

test("where neither four nor eight beat the card, all of them end", async () => {
  const page = await new Page({ ...close, cpu: (workers) => workers === 8 ? 60 : 50 }).rehearsed();
  assert.deepEqual(page.session.measured, { webgpu: 25, cpu: 20, workers: 4 });
  assert.deepEqual([page.engine, page.alive.size, page.host.measured!.workers], ["WebGPU engine, ACME 1", 1, 4]);
  page.session.dispose();
});

test("a CPU engine that took over from a lost card is not given more Workers", async () => {
  const page = await new Page({ ...close, trouble: (what) => what === "train webgpu" ? "loss" : undefined })
    .rehearsed();
  assert.deepEqual([page.engine, page.did], ["CPU engine, 4 Workers", ["webgpu", "train webgpu"]]);
  assert.equal(page.session.engine?.instead?.kind, "lost");
  await started(page);
  assert.equal(
    page.did.filter((what) => what === "webgpu" || what === "cpu 4").length,
    1,
    "the engine is still the same",
  );
  page.session.dispose();
});

test("a try of more Workers that fails leaves the reader an engine with those that work", async () => {
  for (const starts of [false, true]) {
    let tries = 0;
    const trouble = (what: string) => {
      if (what !== "staff 8") return;
      tries++;
      if (starts) page.session.start();
      return "failure" as const;
    };
    const page: Page = new Page({ ...without_card, trouble });
    page.session.rehearse();
    if (starts) await until(() => page.session.iteration > 0);
    await rest(6000);
    assert.equal(page.session.failure, null);
    assert.deepEqual([page.engine, tries, page.host.measured!.workers], ["CPU engine, 4 Workers", 1, null]);
    assert.equal(page.session.time_left_ms !== null, true, "the time is known");
    if (!starts) await started(page);
    page.session.dispose();
    assert.equal(page.alive.size, 0);
  }
});

test("a try of more Workers that never ends does not keep a start waiting", async () => {
  const trouble = (what: string) => what === "staff 8" ? "silence" : undefined;
  for (const made_up of [without_card, { ...close, cpu: () => 25 }, close]) {
    let tried = false;
    const page = new Page({ ...made_up, trouble: (what) => trouble(what) && (tried = true) ? "silence" : undefined });
    page.session.rehearse();
    await until(() => tried);
    assert.ok(await started(page) < 10_000);
    page.session.dispose();
    assert.equal(page.alive.size, 0);
  }
});

test("where more Workers fail, the card is compared with those that work", async () => {
  const trouble = (what: string) => what === "staff 8" ? "failure" : undefined;
  const page = await new Page({ ...close, cpu: () => 25, trouble }).rehearsed();
  assert.deepEqual([page.engine, page.alive.size], ["CPU engine, 4 Workers", 4]);
  assert.deepEqual(page.session.measured, { webgpu: 25, cpu: 40, workers: 4 });
  page.session.dispose();
});

test("Workers that end silently during the comparison do not stop a start, nor a reset", async () => {
  const trouble = (what: string) => what === "train cpu 2" ? "silence" : undefined;
  for (const resets of [false, true]) {
    const page = new Page({ ...machine(50, 50), trouble }), { session } = page;
    await rehearsedUpTo(page, "train cpu 2");
    if (resets) {
      session.reset("ophelia");
      await until(() => page.alive.size === 1);
    }
    assert.ok(await started(page) < (resets ? 3000 : 8000));
    assert.deepEqual([page.engine, page.alive.size], ["WebGPU engine, ACME 1", 1]);
    session.dispose();
  }
});

test("a start, another turn and a hidden page end a CPU engine that is still being created", async () => {
  const kept: Kept = { json: "null" }, slow = { ...machine(50, 25), creates_ms: 15_000 };
  const page = new Page(slow, kept), { session } = page;
  await rehearsedUpTo(page, "cpu 2");
  assert.ok(await started(page) < 3000, "the first iteration comes at once");
  assert.deepEqual([page.engine, page.alive.size, kept.json], ["WebGPU engine, ACME 1", 1, "null"]);
  session.dispose();

  for (const [end, goOn] of [["wait", "goOn"], ["hide", "show"]] as const) {
    const page = new Page({ ...slow }, kept), { session } = page;
    await rehearsedUpTo(page, "cpu 2");
    session[end]("something else");
    await rest(100);
    assert.deepEqual([page.engine, page.alive.size], ["WebGPU engine, ACME 1", 1], end);
    session[goOn]();
    page.machine.creates_ms = 0;
    await page.rehearsed();
    assert.equal(page.engine, "CPU engine, 2 Workers", "it was ended, and has not failed: it is compared later");
    session.dispose();
    kept.json = "null";
  }
});

test("a question is answered while the CPU engine is being created, and the comparison comes after it", async () => {
  const page = new Page({ ...machine(50, 25), creates_ms: 15_000 }), { session } = page;
  await rehearsedUpTo(page, "cpu 2");
  page.machine.creates_ms = 0;
  assert.equal(await session.fingerprint(), "webgpu 0");
  await page.quiet();
  assert.equal(page.engine, "CPU engine, 2 Workers");
  session.dispose();
});

test("a driver that answers too late does not overturn a remembered choice", async () => {
  const kept: Kept = { json: "null" };
  (await new Page(machine(100, 50), kept).rehearsed()).session.dispose();
  const late = new Page({ ...machine(100, 50), overlooked: true }, kept), { session } = late;
  await started(late);
  assert.deepEqual([late.engine, late.alive.size], ["CPU engine, 2 Workers", 2]);
  assert.deepEqual(late.did, ["webgpu", "cpu 2", "train cpu 2"], "the card's engine did no iteration");
  assert.deepEqual([session.engine!.adapter, session.engine!.instead], ["ACME 1", null]);
  assert.deepEqual(session.measured, { webgpu: 10, cpu: 20, workers: 2 });
  assert.equal(session.waits_for_gpu, false);
  session.dispose();
});
