// The WebGPU engine as the trainer sees it: everything that it must do besides computing the right numbers.
import type { Backend, BackendOptions, StopSignal } from "../../../engine/training/backend.ts";
import { UnsuitableError } from "../../../engine/training/config.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import { nextTurn } from "../../../engine/training/next_turn.ts";
import { compile } from "../../../engine/webgpu/compile.ts";
import { openDevice } from "../../../engine/webgpu/device.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import type { Plan } from "../../../engine/webgpu/plan.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { type Check, expect, failureOf, sameBytes } from "./check.ts";
import { optionsOf, type Shape, small } from "./shapes.ts";

type MakePlan = (options: BackendOptions) => Plan;

/** Nats: one forward pass, both engines with the same weights. */
const NLL_TOLERANCE = 2e-5;

const never = { requested: false };
const noise = (count: number, V: number) => samplingNoise(5, count, V, 0.8);

async function withBackend(
  options: BackendOptions,
  plan: MakePlan,
  work: (backend: Backend) => Promise<void>,
): Promise<void> {
  const backend = await createWebGpuBackend(options, { plan, allow_software: true });
  try {
    await work(backend);
  } finally {
    backend.dispose();
  }
}

/** Resolves to the next device that the engine opens, so that a check can break it as a driver would. */
function nextDevice(): Promise<GPUDevice> {
  const { prototype } = GPUAdapter, request = prototype.requestDevice;
  return new Promise((resolve) => {
    prototype.requestDevice = async function (descriptor) {
      prototype.requestDevice = request;
      const device = await request.call(this, descriptor);
      resolve(device);
      return device;
    };
  });
}

/** Requests a pause immediately, or after some turns of the event loop or milliseconds. */
function pausedAt(pause: number): StopSignal {
  const random = (below: number, which: number) => hash32(31, pause, which) % below;
  const stop = { requested: random(8, 0) === 0 }, end = () => stop.requested = true;
  const turns = async () => {
    for (let turn = random(8, 1); turn > 0; turn--) await nextTurn();
    end();
  };
  if (random(4, 2) === 0) setTimeout(end, random(20, 1));
  else turns();
  return stop;
}

type WithBackend = (work: (backend: Backend) => Promise<void>) => Promise<void>;

/** More updates than happen between so many pauses: a fast GPU makes a hundred or more before a pause takes effect. */
const mostUpdates = (pauses: number) => 60 + 200 * pauses;

function pauseCheck(shape: Shape, pauses: number, withBegun: WithBackend): Check {
  return {
    name: `${pauses} pauses at random moments change nothing`,
    async run() {
      const { initial } = optionsOf(shape), most = mostUpdates(pauses);
      const losses: number[] = [], expected: number[] = [];
      await withBegun(async (backend) => {
        for (let pause = 0; pause < pauses; pause++) {
          const stop = pausedAt(pause);
          await backend.train(most, ({ losses: more }) => losses.push(...more), stop);
          expect(stop.requested, "training ended by itself");
          expect(losses.length === backend.iteration, `${losses.length} losses at ${backend.iteration}`);
        }
        expect(losses.length >= pauses / 2, `only ${losses.length} updates between ${pauses} pauses`);
        const paused = await backend.save();
        await backend.load(initial);
        await backend.train(losses.length, ({ losses: more }) => expected.push(...more), never);
        expect(losses.join() === expected.join(), "the losses differ");
        expect(sameBytes(paused, await backend.save()), "pauses changed the weights");
      });
    },
  };
}

/** Only the check of pauses, with many of them. */
export function pauseChecks(plan: MakePlan, pauses: number, shape = small): Check[] {
  return [pauseCheck(shape, pauses, (work) => withBackend(optionsOf(shape, mostUpdates(pauses)), plan, work))];
}

/**
 * @param plan makes the backend's plan
 * @param pauses how many to test; each costs an iteration or two
 */
export function backendChecks(plan: MakePlan, shape = small, pauses = 40): Check[] {
  const V = shape.V;
  // Without a GPU, compiling takes the most time: so all checks that leave the backend intact share one.
  let shared: Promise<Backend> | null = null;
  const withShared = async (work: (backend: Backend) => Promise<void>) => {
    shared ??= createWebGpuBackend(optionsOf(shape, mostUpdates(pauses)), { plan, allow_software: true });
    const backend = await shared, options = optionsOf(shape);
    await backend.load(options.initial, options.batch_key);
    await work(backend);
  };
  return [
    {
      name: "iterations in pieces, as with a stopped clock, compute the same bytes as whole ones",
      async run() {
        const options = optionsOf(shape), exact = performance.now, submit = GPUQueue.prototype.submit;
        const once = async (backend: Backend) => {
          const losses: number[] = [];
          await backend.load(options.initial);
          const nll = await backend.evaluate(Uint32Array.of(5, 6, 7));
          await backend.train(8, ({ losses: more }) => losses.push(...more), never);
          return { said: `${losses} ${nll}`, state: await backend.save() };
        };
        await withShared(async (backend) => {
          let submits = 0;
          performance.now = () => 5;
          GPUQueue.prototype.submit = function (buffers) {
            submits++;
            return submit.call(this, buffers);
          };
          const pieces = await once(backend).finally(() => {
            performance.now = exact;
            GPUQueue.prototype.submit = submit;
          });
          expect(submits > 5 * 8, `${submits} submits for 8 iterations`);
          await backend.train(40, () => {}, never); // now the pace is known, and iterations are no longer split
          const whole = await once(backend);
          expect(pieces.said === whole.said && sameBytes(pieces.state, whole.state), "pieces computed something else");
        });
      },
    },
    {
      name: "stopping to evaluate and write does not change the bytes",
      async run() {
        const options = optionsOf(shape);
        await withShared(async (backend) => {
          await backend.train(60, () => {}, never);
          const straight = await backend.save();
          expect(straight.iteration === 60 && backend.iteration === 60, `iteration ${backend.iteration}`);
          expect(!straight.params.every((value, i) => value === options.initial.params[i]), "nothing was trained");

          await backend.load(options.initial);
          let halts = 0, state = await backend.save();
          expect(sameBytes(state, options.initial), "what was loaded is not what is saved");
          while (backend.iteration < 60) {
            // Sometimes up to a given iteration, sometimes until stopped.
            const stop = { requested: false }, length = 1 + hash32(9, backend.iteration, 0) % 7;
            const until = halts % 4 === 3 ? 60 : Math.min(60, backend.iteration + length);
            await backend.train(until, () => stop.requested = true, halts % 4 === 3 ? stop : { requested: false });
            await backend.generate(new Uint8Array(3), noise(2, V));
            await backend.evaluate(Uint32Array.of(5, 6, 7));
            await backend.gradients(new Uint32Array(shape.B).fill(11));
            if (halts++ % 2 === 0) await backend.load(state = await backend.save());
          }
          expect(halts > 4, `only ${halts} halts`);
          expect(sameBytes(await backend.save(), straight), "halts changed the weights");
        });
      },
    },
    {
      name: "forward passes between two stretches, to wake the card, change neither losses nor weights",
      async run() {
        const { initial } = optionsOf(shape), straight: number[] = [], woken: number[] = [];
        await withShared(async (backend) => {
          await backend.train(24, ({ losses }) => straight.push(...losses), never);
          const expected = await backend.save();
          await backend.load(initial);
          for (let until = 0; until <= 24; until += 6) {
            await backend.train(until, ({ losses }) => woken.push(...losses), never);
            for (const batches of [1, 2, 8]) await backend.evaluate(new Uint32Array(batches * shape.B));
          }
          expect(straight.length === 24 && woken.join() === straight.join(), "the losses differ");
          expect(sameBytes(await backend.save(), expected), "the weights differ");
        });
      },
    },
    pauseCheck(shape, pauses, withShared),
    {
      name: "each loss arrives once and in order, even after a stop",
      async run() {
        const options = optionsOf(shape);
        const straight: number[] = [], halted: number[] = [];
        await withShared(async (backend) => {
          await backend.train(30, ({ losses }) => straight.push(...losses), never);
          await backend.load(options.initial);
          const stop = { requested: true };
          await backend.train(30, () => expect(false, "it trained although it was stopped"), stop);
          while (backend.iteration < 30) {
            const stop = { requested: false };
            await backend.train(30, ({ losses }) => {
              halted.push(...losses);
              expect(halted.length === backend.iteration, `${halted.length} losses at ${backend.iteration}`);
              stop.requested = true;
            }, stop);
          }
        });
        expect(straight.length === 30 && straight.every((loss, i) => loss === halted[i]), "the losses differ");
      },
    },
    {
      name: "a different key draws different batches, the same key the same batches",
      async run() {
        const options = optionsOf(shape);
        await withShared(async (backend) => {
          const run = async (key?: number) => {
            const losses: number[] = [];
            await backend.load(options.initial, key);
            await backend.train(3, ({ losses: more }) => losses.push(...more), never);
            return losses.join();
          };
          const short = { ...options.initial, params: options.initial.params.slice(1) };
          expect(await failureOf(backend.load(short)) instanceof UnsuitableError, "a short state was loaded");
          const first = await run(), other = await run(77);
          expect(first !== other, "another key changed nothing");
          expect(await run() === other, "load forgot the key");
          expect(await run(options.batch_key) === first, "the key did not bring its batches back");
        });
      },
    },
    {
      name: "it evaluates and writes like the CPU engine",
      async run() {
        const options = optionsOf(shape), T = shape.T;
        const cpu = await createCpuBackend(options, []);
        await cpu.train(40, () => {}, never);
        await withShared(async (backend) => {
          await backend.load(await cpu.save());
          // More windows than are read back at once, and not a multiple of the batch.
          const starts = Uint32Array.from({ length: 2 * shape.B + 1 }, (_, i) => 3 + 7 * i);
          const nll = await backend.evaluate(starts), expected = await cpu.evaluate(starts);
          expect(nll.length === starts.length * T, `${nll.length} losses`);
          nll.forEach((loss, i) => {
            expect(Math.abs(loss - expected[i]) < NLL_TOLERANCE, `window character ${i}: ${loss}, not ${expected[i]}`);
          });
          for (const length of [1, T - 1, T, T + 1]) {
            const prompt = options.tokens.slice(0, length);
            const written = await backend.generate(prompt, noise(12, V));
            const text = (await cpu.generate(prompt, noise(12, V))).join();
            expect(written.join() === text, `after ${length} characters: ${written}, not ${text}`);
          }
          const too_many = await failureOf(backend.generate(new Uint8Array(1), noise(257, V)));
          expect(too_many instanceof RangeError, `${too_many}`);
        });
        cpu.dispose();
      },
    },
    {
      name: "a lost device ends training with the reason",
      async run() {
        const options = optionsOf(shape), opened = nextDevice();
        await withBackend(options, plan, async (backend) => {
          const device = await opened;
          const training = backend.train(60, () => device.destroy(), never);
          for (const work of [() => training, () => backend.save(), () => backend.evaluate(Uint32Array.of(1))]) {
            const error = await failureOf(work());
            expect(error instanceof WebGpuError && error.kind === "lost", `${error.name}: ${error.message}`);
          }
        });
      },
    },
    {
      name: "an error that the device reports ends training",
      async run() {
        const options = optionsOf(shape), opened = nextDevice();
        await withBackend(options, plan, async (backend) => {
          await backend.train(2, () => {}, never);
          (await opened).createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
          const error = await failureOf(backend.train(60, () => {}, never));
          expect(error instanceof WebGpuError && error.kind === "error", `${error.name}: ${error.message}`);
        });
      },
    },
  ];
}

/** A plan with one dispatch, of a kernel `broken`. */
function planOf(): Plan {
  return {
    name: "broken",
    tensors: [{ name: "x", shape: [4], type: "f32" }],
    programs: {
      run: [{
        label: "it",
        kernel: "broken",
        bindings: ["x"],
        workgroups: [1, 1, 1],
        constants: { SIZE: 4, eps: 0.5 },
      }],
    },
  };
}

const WHOLE = `// A comment.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1)
fn main() {
  x[SIZE - 1u] = eps;
}
`;

export const error_checks: Check[] = [
  {
    name: "an error in a kernel is reported with file and line",
    async run(open) {
      const mistakes: [RegExp, string][] = [
        [/broken\.wgsl:5:\d+: /, WHOLE.replace("SIZE", "SIEZ")],
        [/broken\.wgsl:4:\d+: /, WHOLE.replace("main()", "main(")],
        [/broken\.wgsl:5:\d+: /, WHOLE.replace("= eps", "= SIZE")],
        [/broken\.wgsl/, WHOLE.replace("size(1)", "size(2000)")],
      ];
      for (const [pattern, broken] of mistakes) {
        const source = broken.replace("= eps", "= eps + f32(SIZE)").replace("SIZE - 1u", "SIZE - 1u + u32(eps)");
        const error = await failureOf(compile(open.device, planOf(), { broken: source }));
        expect(error instanceof WebGpuError && error.kind === "kernel", `${error.name}: ${error.message}`);
        expect(pattern.test(error.message), error.message);
      }
      await compile(open.device, planOf(), { broken: WHOLE });
    },
  },
  {
    name: "a software adapter is recognised by its name and refused",
    async run() {
      const error = await failureOf(openDevice(planOf()));
      expect(error instanceof WebGpuError && error.kind === "software", `${error.name}: ${error.message}`);
      expect(/swiftshader|llvmpipe/i.test(error.message), error.message);
    },
  },
  {
    name: "a plan that is too large for any adapter is refused with the reason",
    async run() {
      const plan = planOf();
      plan.tensors.push({ name: "huge", shape: [2 ** 40], type: "f32" });
      const error = await failureOf(openDevice(plan, { allow_software: true }));
      expect(error instanceof WebGpuError && error.kind === "too-small", `${error.name}: ${error.message}`);
    },
  },
  {
    name: "progress counts every pipeline",
    async run(open) {
      const counts: string[] = [], options = optionsOf(small), plan = plainPlan(options);
      plan.programs = { train: plan.programs.train.slice(0, 3) };
      const compiled = await compile(open.device, plan, kernel_sources, (ready, of) => counts.push(`${ready}/${of}`));
      compiled.dispose();
      expect(counts.join(" ") === "0/3 1/3 2/3 3/3", counts.join(" "));
    },
  },
];
