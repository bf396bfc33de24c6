// What the engine reports when it is observed: compared with NumPy's float64 numbers, and with itself.
import type { Backend, BackendOptions } from "../../../engine/training/backend.ts";
import type { UpdateNorms } from "../../../engine/training/observation.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { compareObserved, observed, OBSERVED_TOLERANCE, observedOptions } from "../observed.ts";
import { type Check, expect, sameBytes } from "./check.ts";
import { type MakePlan, programsOf } from "./model_checks.ts";
import { optionsOf, type Shape } from "./shapes.ts";

/** Without a GPU, each kernel that need not be compiled saves time. */
const NEEDED = ["refresh", "begin", "train", "gather", "generate"];
const needed = (plan: MakePlan): MakePlan => (options) => programsOf(plan(options), NEEDED);

/** @param names the golden models to observe */
export function observedChecks(plan: MakePlan, names: (keyof typeof observed)[]): Check[] {
  return names.map((name) => ({
    name: `observations of the ${name} shape equal NumPy's`,
    async run() {
      const options = observedOptions(observed[name]);
      const backend = await createWebGpuBackend(options, { plan: needed(plan), allow_software: true });
      const worst = await compareObserved(backend, observed[name]);
      backend.dispose();
      for (const [what, { error, where, compared }] of Object.entries(worst)) {
        expect(compared > 0, `${what}: nothing was compared`);
        expect(error < OBSERVED_TOLERANCE, `${what}: ${where} has a relative error of ${error}`);
      }
    },
  }));
}

const never = { requested: false };
const bytes = (numbers: Float32Array) => new Uint32Array(numbers.buffer).join();
const bytesOfNorms = (norms: UpdateNorms | null) => {
  if (norms === null) throw new Error("there are no norms");
  return [norms.gradient, norms.update, norms.weight].map(bytes).join();
};

async function losses(backend: Backend, until: number): Promise<string> {
  const list: number[] = [];
  await backend.train(until, ({ losses }) => list.push(...losses), never);
  return list.join();
}

/** Observing must not change training, and how training was submitted must not change what is observed. */
export function observingChecks(plan: MakePlan, shape: Shape): Check[] {
  const options: BackendOptions = optionsOf(shape, 5000), { T, V, L } = shape, tokens = options.tokens.slice(0, T);
  const noise = samplingNoise(5, 12, V, 0.8);
  let shared: Promise<Backend> | null = null;
  const check = (name: string, work: (backend: Backend) => Promise<void>): Check => ({
    name,
    async run() {
      const backend = await (shared ??= createWebGpuBackend(options, { plan, allow_software: true }));
      await backend.load(options.initial, options.batch_key);
      await work(backend);
    },
  });
  return [
    check("observing between updates changes no bytes", async (backend) => {
      const straight = await losses(backend, 6), state = await backend.save();
      await backend.load(options.initial);
      const parts: string[] = [];
      for (let until = 1; until <= 6; until++) {
        parts.push(await losses(backend, until));
        const { params } = await backend.save();
        await backend.observe(tokens, new Uint8Array(L * shape.NH).fill(until % 2));
        await backend.generate(tokens.slice(0, 3), noise);
        await backend.expectations();
        await backend.norms();
        expect((await backend.save()).params.every((value, i) => value === params[i]), "observing changed the weights");
      }
      expect(parts.join() === straight, "the losses differ");
      expect(sameBytes(await backend.save(), state), "the state differs");
    }),
    check(
      "norms are those of the last update, however it was submitted, and null if there is none",
      async (backend) => {
        expect(await backend.norms() === null, "norms before the first update");
        await losses(backend, 5);
        const norms = bytesOfNorms(await backend.norms());
        expect(bytesOfNorms(await backend.norms()) === norms, "they change when they are asked for again");
        await backend.load(options.initial);
        expect(await backend.norms() === null, "norms of a state that was loaded");

        await losses(backend, 2);
        expect(bytesOfNorms(await backend.norms()) !== norms, "other updates have the same norms");
        await losses(backend, 4);
        await losses(backend, 5);
        // This overwrites the gradient; other work does not.
        await backend.gradients(new Uint32Array(shape.B).fill(11));
        expect(bytesOfNorms(await backend.norms()) === norms, "the same updates in three calls have other norms");
        await backend.load(options.initial);
        await losses(backend, 5);
        await backend.evaluate(Uint32Array.of(5, 6, 7));
        await backend.generate(tokens, noise);
        await backend.observe(tokens);
        expect(bytesOfNorms(await backend.norms()) === norms, "evaluating and writing change the norms");
      },
    ),
    check("a stop before the goal leaves no norms", async (backend) => {
      const stop = { requested: false };
      await backend.train(1e9, () => stop.requested = true, stop);
      const { iterations } = options.run.training;
      expect(backend.iteration < iterations, "it trained to the end before it could be stopped");
      expect(await backend.norms() === null, `norms at iteration ${backend.iteration}`);
    }),
    check("a short text is observed like the beginning of a long one", async (backend) => {
      await losses(backend, 4);
      const long = await backend.observe(tokens), t = Math.floor(T / 2) + 1;
      const short = await backend.observe(tokens.slice(0, t));
      const same = (what: string, found: Float32Array, expected: Float32Array) =>
        expect(bytes(found) === bytes(expected.slice()), `${what} differs`);
      same("logits", short.logits, long.logits.slice(0, t * V));
      same("early", short.early, long.early.slice(0, t * L * V));
      for (let row = 0; row < L * shape.NH * t; row++) {
        const map = Math.floor(row / t), at = (map * T + row % t) * T;
        same("attention", short.attention.slice(row * t, row * t + t), long.attention.slice(at, at + t));
      }
      // A text that is written shows the same as one that is given.
      const written = await backend.generate(tokens.slice(0, t), noise.subarray(0, V));
      const { logits, early } = await backend.expectations();
      expect(written.length === 1 && logits.length === V && early.length === L * V, "not one character");
      const place = t - 1;
      const close = (what: string, found: Float32Array, expected: Float32Array) =>
        found.forEach((x, i) => expect(Math.abs(x - expected[i]) < 1e-4, `${what} ${i}: ${x}, not ${expected[i]}`));
      close("logit", logits, short.logits.subarray(place * V));
      close("early logit", early, short.early.subarray(place * L * V));
    }),
  ];
}
