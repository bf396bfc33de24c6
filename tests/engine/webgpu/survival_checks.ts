// Devices that are lost at any moment: a run must end as if nothing had happened.
import type { Backend, BackendOptions, SurvivalNotice, TrainingState } from "../../../engine/training/backend.ts";
import { OutOfMemoryError } from "../../../engine/training/allocate.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { initialWeights } from "../../../engine/training/params.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { type Check, expect, sameBytes } from "./check.ts";
import { optionsOf, small } from "./shapes.ts";

/**
 * A new device has to compile every pipeline, which takes the most time without a GPU. With one layer, as many
 * characters as channels, and an MLP of the same width, most matrix products share their pipeline.
 */
const shape = { ...small, L: 1, C: 16, V: 16 };
const ITERATIONS = 30, SNAPSHOT_EVERY = 5;
const never = { requested: false };
/** Nats: the same run continued on the other engine, from the same snapshot. */
const OTHER_ENGINE_TOLERANCE = 1e-3;

/** When a device is lost: just before or after a submit, or once an iteration is reported, perhaps some time later. */
interface Moment {
  submit?: number;
  before?: boolean;
  iteration?: number;
  wait_ms?: number;
}

/** Records every device that the engine opens, until `undo`; the last one is in use. */
function watchDevices(): { last(): GPUDevice; opened(): number; undo(): void } {
  const { prototype } = GPUAdapter, request = prototype.requestDevice, devices: GPUDevice[] = [];
  prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor);
    devices.push(device);
    return device;
  };
  return {
    last: () => devices[devices.length - 1],
    opened: () => devices.length,
    undo: () => prototype.requestDevice = request,
  };
}

/** Makes the browser offer no adapter. @returns a function that undoes this */
function hideAdapters(): () => void {
  const prototype = Object.getPrototypeOf(navigator.gpu) as GPU, request = prototype.requestAdapter;
  prototype.requestAdapter = () => Promise.resolve(null);
  return () => prototype.requestAdapter = request;
}

/** Destroys the device at its `submit`-th submit from now, before or after it. */
function destroyAtSubmit(device: GPUDevice, submit: number, before: boolean): void {
  const { queue } = device;
  let count = 0;
  queue.submit = (commands) => {
    const due = ++count === submit;
    if (due && before) device.destroy();
    GPUQueue.prototype.submit.call(queue, commands);
    if (due && !before) device.destroy();
  };
}

interface World {
  backend: Backend;
  options: BackendOptions;
  notices: SurvivalNotice[];
  devices: ReturnType<typeof watchDevices>;
  /** Results of the same run without any lost device. */
  straight: { state: TrainingState; losses: number[]; nll: string; text: string };
}

function options(): BackendOptions {
  const options = optionsOf(shape, ITERATIONS), model = { ...options.run.model, mlp_ratio: 1 };
  const params = initialWeights(model, 21), zeros = () => new Float32Array(params.length);
  return {
    ...options,
    run: { ...options.run, model },
    initial: { iteration: 0, params, m: zeros(), v: zeros() },
  };
}

const starts = Uint32Array.of(3, 50, 700), prompt = Uint8Array.of(1, 2, 3);
const noise = samplingNoise(5, 12, shape.V, 0.8);
const evaluated = async (backend: Backend) => (await backend.evaluate(starts)).join();
const written = async (backend: Backend) => (await backend.generate(prompt, noise)).join();

async function train(backend: Backend, until: number, each = () => {}): Promise<number[]> {
  const losses: number[] = [];
  await backend.train(until, ({ losses: more }) => {
    losses.push(...more);
    each();
  }, never);
  return losses;
}

async function createWorld(): Promise<World> {
  const begin = options(), notices: SurvivalNotice[] = [];
  const makeGpu = (options: BackendOptions) => createWebGpuBackend(options, { plan: plainPlan, allow_software: true });
  const plain = await makeGpu(begin);
  const losses = await train(plain, ITERATIONS);
  expect(losses[ITERATIONS - 1] < losses[0] - 0.1, "nothing was learnt, so equal bytes say nothing");
  const straight = { losses, state: await plain.save(), nll: await evaluated(plain), text: await written(plain) };
  plain.dispose();
  const devices = watchDevices();
  let references = 0;
  const backend = await createSurvivingBackend(begin, {
    makeGpu,
    makeCpu: (options) => createCpuBackend(options, []),
    // For the first device and one iteration of its run; further comparisons would test nothing new.
    makeReference: async (options) => {
      if (++references > 2) throw new OutOfMemoryError("no memory left");
      return await createCpuBackend(options, []);
    },
    on_notice: (notice) => notices.push(notice),
    snapshot_every: SNAPSHOT_EVERY,
    retry_ms: [1, 1],
  });
  return { backend, options: begin, notices, devices, straight };
}

/** Does `work`, and expects these notices meanwhile. */
async function telling(world: World, kinds: string, work: () => Promise<void>): Promise<void> {
  world.notices.length = 0;
  await work();
  const said = world.notices.map(({ kind }) => kind).join(" ");
  expect(said === kinds, `"${said}" was said, expected "${kinds}"`);
}

const LOST_AND_BACK = "device-lost device-back";

function expectStraight(losses: number[], { straight }: World): void {
  expect(losses.length === straight.losses.length, `${losses.length} losses, expected ${straight.losses.length}`);
  losses.forEach((loss, i) => expect(loss === straight.losses[i], `loss ${i} is ${loss}, not ${straight.losses[i]}`));
}

/** Makes a whole run in which the device is lost once. */
async function runWithLoss(world: World, moment: Moment): Promise<void> {
  const { backend, options, devices, straight } = world;
  await backend.load(options.initial);
  const device = devices.last(), opened = devices.opened();
  if (moment.submit) destroyAtSubmit(device, moment.submit, moment.before === true);
  await telling(world, LOST_AND_BACK, async () => {
    let due = moment.iteration !== undefined;
    const losses = await train(backend, ITERATIONS, () => {
      if (!due || backend.iteration < moment.iteration!) return;
      due = false;
      if (moment.wait_ms) setTimeout(() => device.destroy(), moment.wait_ms);
      else device.destroy();
    });
    if (moment.wait_ms) await new Promise((resolve) => setTimeout(resolve, moment.wait_ms)); // it may end sooner
    expectStraight(losses, world);
    expect(backend.iteration === ITERATIONS, `iteration ${backend.iteration}`);
    expect(sameBytes(await backend.save(), straight.state), "the loss changed the weights");
  });
  expect(devices.opened() === opened + 1, `${devices.opened() - opened} devices were opened`);
}

/** A run has six stretches of five iterations. Each has at least two submits: to train and to read the snapshot. */
function momentOf(run: number): Moment {
  const random = (below: number, which: number) => hash32(2024, run, which) % below;
  if (run % 2 === 0) return { submit: 1 + random(12, 0), before: random(2, 1) === 0 };
  return { iteration: 1 + random(ITERATIONS - 1, 0), wait_ms: random(8, 1) };
}

async function lostRuns(world: World, first: number, last: number): Promise<void> {
  for (let run = first; run < last; run++) {
    const moment = momentOf(run);
    try {
      await runWithLoss(world, moment);
    } catch (error) {
      throw new Error(`${JSON.stringify(moment)}: ${error}`);
    }
  }
}

async function lostAtOtherWork(world: World): Promise<void> {
  const { backend, options, devices, straight } = world;
  const kinds: [string, () => Promise<void>][] = [
    ["evaluating", async () => expect(await evaluated(backend) === straight.nll, "it measures something else")],
    ["writing", async () => expect(await written(backend) === straight.text, "it writes something else")],
    ["saving", async () => expect(sameBytes(await backend.save(), straight.state), "it saves something else")],
    ["loading", () => backend.load(straight.state)],
  ];
  await backend.load(options.initial);
  await train(backend, ITERATIONS - 2);
  // Two iterations follow the last snapshot before the loss: they have to be repeated without being reported.
  const before = await train(backend, ITERATIONS);
  expect(before.length === 2, `${before.length} losses`);
  for (const [name, work] of kinds) {
    if (name !== "loading") destroyAtSubmit(devices.last(), 1, false);
    else devices.last().destroy();
    await telling(world, LOST_AND_BACK, async () => {
      await work();
      expect(sameBytes(await backend.save(), straight.state), `a loss while ${name} changed the weights`);
    });
  }
}

/** Loads a checkpoint ahead of the backend. It must not train up to it, and after a loss the run must return to it. */
async function lostAfterLoading(world: World): Promise<void> {
  const { backend, options, devices } = world;
  await backend.load(options.initial);
  await train(backend, 17);
  const checkpoint = await backend.save();
  const later = await train(backend, ITERATIONS), end = await backend.save();
  await backend.load(options.initial);
  await train(backend, 3);
  const given = { ...checkpoint, params: checkpoint.params.slice() };
  await telling(world, LOST_AND_BACK, async () => {
    await backend.load(given);
    given.params.fill(7); // the caller may reuse its arrays
    devices.last().destroy();
    expect(backend.iteration === 17 && sameBytes(await backend.save(), checkpoint), "the checkpoint was lost");
    expect((await train(backend, ITERATIONS)).join() === later.join(), "the losses after it differ");
    expect(sameBytes(await backend.save(), end), "the weights after it differ");
  });
}

async function noDeviceComesBack(world: World): Promise<void> {
  const { backend, options, devices, straight, notices } = world;
  await backend.load(options.initial);
  const show = hideAdapters();
  try {
    await telling(world, "device-lost cpu-instead", async () => {
      const losses = await train(backend, ITERATIONS, () => {
        if (backend.iteration >= 12) devices.last().destroy();
      });
      expect(losses.length === ITERATIONS, `${losses.length} losses`);
      losses.forEach((loss, i) => {
        const expected = straight.losses[i];
        expect(Math.abs(loss - expected) < OTHER_ENGINE_TOLERANCE, `loss ${i} is ${loss}, not ${expected}`);
      });
      const [lost, instead] = notices;
      expect(lost.iteration >= 12 && lost.iteration < ITERATIONS, `lost at ${lost.iteration}`);
      expect(instead.iteration === lost.iteration, `lost at ${lost.iteration}, on from ${instead.iteration}`);
      expect(losses.slice(0, 12).every((loss, i) => loss === straight.losses[i]), "the GPU's own losses differ");
    });
  } finally {
    show();
  }
  expect(backend.kind === "cpu" && /CPU/.test(backend.description), `${backend.kind}: ${backend.description}`);
  expect((await backend.save()).iteration === ITERATIONS, "it ended elsewhere");
}

/** All checks share one backend; in the last check, the CPU engine replaces it. */
let shared: Promise<World> | null = null;
const check = (name: string, work: (world: World) => Promise<void>): Check => ({
  name,
  run: async () => await work(await (shared ??= createWorld())),
});

export const survival_checks: Check[] = [
  check("two runs in which the device is lost end with the same bytes", (world) => lostRuns(world, 0, 2)),
  check("a device lost while measuring, writing, saving or loading", lostAtOtherWork),
  check("a checkpoint loaded before the device is lost", lostAfterLoading),
  check("the CPU engine continues if no device comes back", noDeviceComesBack),
];

/** Twenty with the two above. */
export const more_survival_checks: Check[] = [
  check("eighteen more runs in which the device is lost end with the same bytes", (world) => lostRuns(world, 2, 20)),
];
