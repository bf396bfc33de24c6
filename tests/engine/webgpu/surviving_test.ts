// How the surviving backend handles lost devices, without a GPU: the CPU engine stands in for it, and is "lost" before,
// during and after its work. Thousands of losses, several in one run, take seconds this way.
import assert from "node:assert/strict";
import type { Backend, BackendOptions, StopSignal, SurvivalNotice } from "../../../engine/training/backend.ts";
import type { IterationReport } from "../../../engine/training/iteration_report.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { nextTurn } from "../../../engine/training/next_turn.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import { SCHEDULE_COLUMNS } from "../../../engine/training/schedule.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { optionsOf } from "./shapes.ts";

const ITERATIONS = 60, never = { requested: false };
const tiny = () => optionsOf({ B: 1, T: 8, C: 16, NH: 2, V: 7, L: 1 }, ITERATIONS);

/** Decides whether the device is lost now. Called before each update and after each piece of work. */
type Fate = () => boolean;

/** @param turns a snapshot arrives after so many turns of the event loop; without them, there are only saves */
async function standIn(options: BackendOptions, fate: Fate, turns?: () => number): Promise<Backend> {
  const cpu = await createCpuBackend(options, []);
  let lost = false;
  const live = () => {
    lost ||= fate();
    if (lost) throw new WebGpuError("lost", "as the test has it");
  };
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    live();
    const result = await work();
    live();
    return result;
  };
  return {
    kind: "webgpu",
    module: null,
    description: "stand-in",
    get iteration() {
      return cpu.iteration;
    },
    async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal) {
      live();
      while (cpu.iteration < until && !stop.requested) {
        await cpu.train(cpu.iteration + 1, on_report, stop);
        live();
      }
    },
    gradients: (starts) => guarded(() => cpu.gradients(starts)),
    evaluate: (starts) => guarded(() => cpu.evaluate(starts)),
    generate: (prompt, noise) => guarded(() => cpu.generate(prompt, noise)),
    expectations: () => guarded(() => cpu.expectations()),
    observe: (tokens, heads_off) => guarded(() => cpu.observe(tokens, heads_off)),
    norms: () => guarded(() => cpu.norms()),
    save: () => guarded(() => cpu.save()),
    snapshot: turns && (async () => {
      live();
      const state = cpu.save();
      for (let turn = turns(); turn > 0; turn--) await nextTurn();
      if (lost) throw new WebGpuError("lost", "before the snapshot arrived");
      return await state;
    }),
    load: (state, key) => guarded(() => cpu.load(state, key)),
    dispose: () => cpu.dispose(),
  };
}

function surviving(
  options: BackendOptions,
  fate: Fate,
  notices: SurvivalNotice[] = [],
  turns?: () => number,
): Promise<Backend> {
  return createSurvivingBackend(options, {
    makeGpu: (options) => standIn(options, fate, turns),
    makeCpu: (options) => createCpuBackend(options, []),
    on_notice: (notice) => notices.push(notice),
    snapshot_every: 5,
    retry_ms: [0],
  });
}

async function straight(): Promise<{ losses: number[]; fingerprint: string }> {
  const backend = await createCpuBackend(tiny(), []), losses: number[] = [];
  await backend.train(ITERATIONS, ({ losses: more }) => losses.push(...more), never);
  return { losses, fingerprint: (await backend.save()).params.join() };
}

Deno.test("however often the device is lost, each iteration is reported once and the weights are the same", async () => {
  const expected = await straight();
  for (let run = 0; run < 60; run++) {
    const notices: SurvivalNotice[] = [], losses: number[] = [];
    let asked = 0, taken = 0;
    // In two runs of three, snapshots arrive while training goes on.
    const turns = run % 3 === 0 ? undefined : () => hash32(79, run, taken++) % 12;
    const backend = await surviving(tiny(), () => hash32(77, run, asked++) % 12 === 0, notices, turns);
    while (backend.iteration < ITERATIONS) {
      const stop = { requested: false }, halt = losses.length + 1 + hash32(78, run, losses.length) % 20;
      await backend.train(ITERATIONS, ({ losses: more }) => {
        losses.push(...more);
        if (losses.length >= halt) stop.requested = true;
      }, stop);
      await backend.evaluate(Uint32Array.of(3));
    }
    assert.deepEqual(losses, expected.losses);
    assert.equal((await backend.save()).params.join(), expected.fingerprint);
    assert.ok(notices.some(({ kind }) => kind === "device-lost"));
    backend.dispose();
  }
});

Deno.test("after repeated losses without progress, the CPU engine takes over", async () => {
  const expected = await straight(), notices: SurvivalNotice[] = [], losses: number[] = [];
  const backend = await surviving(tiny(), () => losses.length >= 12, notices);
  await backend.train(ITERATIONS, ({ losses: more }) => losses.push(...more), never);
  assert.deepEqual(notices.map(({ kind, iteration }) => `${kind} ${iteration}`), [
    "device-lost 12",
    "device-back 12",
    "device-lost 12",
    "device-back 12",
    "device-lost 12",
    "cpu-instead 12",
  ]);
  assert.equal(backend.kind, "cpu");
  assert.deepEqual(losses, expected.losses);
});

Deno.test("what is observed survives a lost device, and the CPU engine's taking over", async () => {
  const noise = samplingNoise(5, 12, 7, 0.8), prompt = tiny().tokens.slice(0, 3), off = Uint8Array.of(0, 1);
  /** @param before may lose the device; called before each piece of work */
  const observed = async (backend: Backend, before: () => void = () => {}) => {
    await backend.train(12, () => {}, never); // not a snapshot's iteration: the last updates are repeated
    before();
    const norms = await backend.norms();
    const written = await backend.generate(prompt, noise);
    before();
    const expected = await backend.expectations();
    before();
    return { norms, written, expected, pass: await backend.observe(prompt, off) };
  };
  const straight = await observed(await createCpuBackend(tiny(), []));
  assert.ok(straight.norms !== null && straight.expected.logits.length === 12 * 7);
  for (const losses of [0, 3, Infinity]) {
    let lost = 0;
    const notices: SurvivalNotice[] = [];
    const backend = await surviving(tiny(), () => lost > 0 && lost-- > 0, notices);
    const found = await observed(backend, () => lost = losses === Infinity ? Infinity : losses > 0 ? 1 : 0);
    assert.deepEqual(found, straight);
    assert.equal(backend.kind, losses === Infinity ? "cpu" : "webgpu");
    assert.equal(notices.filter(({ kind }) => kind === "device-back").length > 0, losses > 0);
    backend.dispose();
  }
});

Deno.test("training does not wait for a snapshot; a load, or the device's loss, makes a late one void", async () => {
  const expected = await straight(), losses: number[] = [], notices: SurvivalNotice[] = [];
  let lost = false, snapshots = 0, release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  const backend = await createSurvivingBackend(tiny(), {
    makeGpu: async (options) => {
      lost = false;
      const gpu = await standIn(options, () => lost);
      const snapshot = async () => {
        const state = await gpu.save();
        if (++snapshots === 1) await released;
        return state;
      };
      return Object.defineProperty(gpu, "snapshot", { value: snapshot });
    },
    makeCpu: () => assert.fail("a device came back"),
    on_notice: (notice) => notices.push(notice),
    snapshot_every: 20,
    retry_ms: [0],
  });
  const train = (until: number) => backend.train(until, ({ losses: more }) => losses.push(...more), never);
  await train(20);
  await train(30);
  assert.deepEqual([backend.iteration, snapshots], [30, 1]);
  await backend.load(tiny().initial); // the snapshot of the run before is still on its way
  release();
  await nextTurn();
  losses.length = 0;
  await train(7);
  lost = true;
  await train(ITERATIONS);
  assert.deepEqual(notices.map(({ kind, iteration }) => `${kind} ${iteration}`), ["device-lost 7", "device-back 7"]);
  assert.deepEqual(losses, expected.losses);
  assert.equal((await backend.save()).params.join(), expected.fingerprint);
});

Deno.test("loading a later state does not train up to it", async () => {
  let lost = false, updates = 0;
  const fate = () => {
    updates++;
    return lost;
  };
  const backend = await surviving(tiny(), fate), losses: number[] = [];
  await backend.train(17, () => {}, never);
  const checkpoint = await backend.save();
  await backend.train(ITERATIONS, ({ losses: more }) => losses.push(...more), never);
  await backend.load(tiny().initial);
  await backend.train(3, () => {}, never);
  updates = 0;
  const given = { ...checkpoint, params: checkpoint.params.slice() };
  await backend.load(given);
  assert.ok(updates <= 2, "it trained up to the state that it was given");
  given.params.fill(7); // the caller may reuse its arrays
  lost = true;
  const again: number[] = [];
  setTimeout(() => lost = false, 0);
  await backend.train(ITERATIONS, ({ losses: more }) => again.push(...more), never);
  assert.deepEqual(again, losses);
});

Deno.test("a pause takes effect while a new device catches up", async () => {
  let lost = false;
  const notices: SurvivalNotice[] = [];
  const backend = await createSurvivingBackend(tiny(), {
    makeGpu: (options) => {
      lost = false;
      return standIn(options, () => lost);
    },
    makeCpu: () => assert.fail("a device came back"),
    on_notice: (notice) => notices.push(notice),
    snapshot_every: 1000,
    retry_ms: [0],
  });
  const losses: number[] = [], stop = { requested: false };
  await backend.train(50, ({ losses: more }) => losses.push(...more), never);
  lost = true;
  // When the device is back, the reader pauses; without the pause, fifty updates would have to be repeated.
  const push = notices.push.bind(notices);
  notices.push = (notice) => {
    if (notice.kind === "device-back") stop.requested = true;
    return push(notice);
  };
  await backend.train(ITERATIONS, () => assert.fail("paused"), stop);
  assert.equal(backend.iteration, 50);
  await backend.train(ITERATIONS, ({ losses: more }) => losses.push(...more), never);
  assert.deepEqual(losses, (await straight()).losses);
});

Deno.test("a restored run does not start from NaN or infinite weights", async () => {
  const options = tiny();
  options.schedule[SCHEDULE_COLUMNS * 8] = NaN; // the rate of update 8
  let lost = false;
  const notices: SurvivalNotice[] = [], losses: number[] = [];
  const backend = await surviving(options, () => lost, notices);
  await backend.train(20, ({ losses: more }) => losses.push(...more), never);
  assert.ok(Number.isFinite(losses[8]) && !Number.isFinite(losses[19]));
  const { params } = await backend.save();
  lost = true;
  setTimeout(() => lost = false, 0);
  assert.deepEqual((await backend.save()).params, params);
  assert.deepEqual(notices.map(({ kind }) => kind), ["device-lost", "device-back"]);
  backend.dispose();
});
