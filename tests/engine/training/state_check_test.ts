// Catches: an engine that accepts an incomplete state, or one that contains NaN.
import assert from "node:assert/strict";
import type { Backend, TrainingState } from "../../../engine/training/backend.ts";
import { UnsuitableError } from "../../../engine/training/config.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { isSound } from "../../../engine/training/state_check.ts";
import { gathered, spread } from "../../../engine/webgpu/layout.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { optionsOf } from "../webgpu/shapes.ts";

const ITERATIONS = 60, never = { requested: false };
const options = optionsOf({ B: 1, T: 8, C: 16, NH: 2, V: 7, L: 1 }, ITERATIONS);

/** A valid state, which `change` may damage. */
function state(change: (state: TrainingState) => unknown = () => {}): TrainingState {
  const { iteration, params, m, v } = options.initial;
  const copy = { iteration, params: params.slice(), m: m.slice(), v: v.slice() };
  change(copy);
  return copy;
}

const UNFIT: [RegExp, TrainingState][] = [
  [/params holds [\d,]+ numbers; this model has [\d,]+ weights/, state((s) => s.params = s.params.slice(0, -1))],
  [/params holds 0 numbers/, state((s) => s.params = new Float32Array(0))],
  [/m holds 1 numbers/, state((s) => s.m = new Float32Array(1))],
  [/v holds [\d,]+ numbers/, state((s) => s.v = new Float32Array(s.v.length + 1))],
  [/v holds no numbers/, state((s) => delete (s as Partial<TrainingState>).v)],
  [/params is NaN at number 3, in wte/, state((s) => s.params[3] = NaN)],
  [/params is -Infinity at number [\d,]+, in ln_f\.bias/, state((s) => s.params[s.params.length - 1] = -Infinity)],
  [/m is Infinity at number 0/, state((s) => s.m[0] = Infinity)],
  [/v is NaN at number 150, in wpe/, state((s) => s.v[150] = NaN)],
  [/v is -1 at number 9, in wte; a mean of squares is never below 0/, state((s) => s.v[9] = -1)],
  [/iteration 2\.5; this run takes whole numbers from 0 to 60/, state((s) => s.iteration = 2.5)],
  [/iteration -1;/, state((s) => s.iteration = -1)],
  [/iteration NaN;/, state((s) => s.iteration = NaN)],
  [/iteration 61;/, state((s) => s.iteration = 61)],
];

async function refuses(work: () => Promise<unknown>, why: RegExp): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.ok(error instanceof UnsuitableError, String(error));
    assert.match(error.message, why);
    return true;
  });
}

const onCpu = () => createCpuBackend(options, []);
const surviving = () =>
  createSurvivingBackend(options, {
    makeGpu: onCpu,
    makeCpu: onCpu,
    on_notice: () => {},
  });

Deno.test("every engine refuses a state that does not fit its model, and says why", async () => {
  for (const [why, initial] of UNFIT) {
    await refuses(() => createCpuBackend({ ...options, initial }, []), why);
    // Works without a graphics card, because the state is checked first.
    await refuses(() => createWebGpuBackend({ ...options, initial }), why);
  }
});

Deno.test("a refused state leaves an engine unchanged", async () => {
  for (const make of [onCpu, surviving] as (() => Promise<Backend>)[]) {
    const backend = await make(), straight = await make();
    await backend.train(10, () => {}, never);
    for (const [why, unfit] of UNFIT) await refuses(() => backend.load(unfit, 77), why);
    assert.equal(backend.iteration, 10);
    await backend.train(20, () => {}, never);
    await straight.train(20, () => {}, never);
    assert.deepEqual(await backend.save(), await straight.save());
    await backend.load(state());
    assert.deepEqual(await backend.save(), state());
  }
});

Deno.test("layout for the GPU and back accepts only vectors of the right length", () => {
  const { model } = options.run, flat = options.initial.params, there = spread(model, flat);
  assert.deepEqual(gathered(model, there), flat);
  for (const other of [flat.slice(1), new Float32Array(0), new Float32Array(flat.length + 1)]) {
    assert.throws(() => spread(model, other), UnsuitableError);
  }
  assert.throws(() => gathered(model, there.slice(1)), /on the GPU/);
});

Deno.test("infinity and NaN are found in every part of a state", () => {
  assert.ok(isSound(state()));
  for (const part of ["params", "m", "v"] as const) {
    for (const value of [NaN, Infinity, -Infinity]) {
      assert.ok(!isSound(state((s) => s[part][s[part].length - 1] = value)), `${value} in ${part}`);
    }
  }
});
