// Catches: wrong results of a graphics card that go unnoticed; a sound card that is accused, at any learning rate; a
// comparison that changes the run. The CPU engine plays the card, with one thing falsified.
import assert from "node:assert/strict";
import type { IterationReport } from "../../../engine/training/iteration_report.ts";
import { OutOfMemoryError } from "../../../engine/training/allocate.ts";
import type {
  Backend,
  BackendOptions,
  StopSignal,
  SurvivalNotice,
  TrainingState,
} from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { tensors } from "../../../engine/training/params.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { scheduleTable } from "../../../engine/training/schedule.ts";
import { inspect } from "../../../engine/webgpu/cross_check.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { optionsOf } from "./shapes.ts";

const never = { requested: false };

function optionsAt(learning_rate = 3e-3, iterations = 130): BackendOptions {
  const options = optionsOf({ B: 2, T: 8, C: 16, NH: 2, V: 19, L: 1 }, iterations);
  const training = { ...options.run.training, learning_rate, warmup_iterations: 0 };
  return { ...options, run: { ...options.run, training }, schedule: scheduleTable(training) };
}

/** What a card does wrong. Each function receives the CPU engine's result and the iteration. */
interface Falsified {
  loss?(loss: number, iteration: number, before: number): number;
  /** May change the state after an update. */
  state?(after: TrainingState, before: TrainingState, options: BackendOptions): void;
  nll?(nll: number, iteration: number): number;
  character?(character: number, iteration: number): number;
  /** @returns an error to throw at this iteration, or null */
  throws?(iteration: number): Error | null;
}

async function card(options: BackendOptions, false_: Falsified): Promise<Backend> {
  const cpu = await createCpuBackend(options, []);
  let last = 0, lost = false; // the CPU engine refuses to load NaN or infinity
  return {
    kind: "webgpu",
    module: null,
    description: "WebGPU engine, ACME 3000",
    adapter: "ACME 3000",
    get iteration() {
      return cpu.iteration;
    },
    async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal) {
      while (cpu.iteration < until && !stop.requested) {
        const error = false_.throws?.(cpu.iteration);
        if (error) throw error;
        const { iteration } = cpu, before = await cpu.save();
        let loss = 0;
        await cpu.train(iteration + 1, ({ losses }) => loss = losses[0], never);
        if (false_.state) {
          const after = await cpu.save();
          false_.state(after, before, options);
          lost = !after.params.every(Number.isFinite);
          if (!lost) await cpu.load(after);
        }
        if (lost) loss = NaN;
        const seen = false_.loss?.(loss, iteration, last) ?? loss;
        last = loss;
        on_report({ first: iteration, losses: Float32Array.of(seen) });
      }
    },
    gradients: (starts) => cpu.gradients(starts),
    async evaluate(starts) {
      const nll = await cpu.evaluate(starts);
      return false_.nll ? nll.map((x) => false_.nll!(x, cpu.iteration)) : nll;
    },
    async generate(prompt, noise) {
      const text = await cpu.generate(prompt, noise);
      return false_.character ? text.map((x) => false_.character!(x, cpu.iteration)) : text;
    },
    expectations: () => cpu.expectations(),
    observe: (tokens, heads_off) => cpu.observe(tokens, heads_off),
    norms: () => cpu.norms(),
    async save() {
      const state = await cpu.save();
      return lost ? { ...state, params: state.params.fill(NaN) } : state;
    },
    load(state, key) {
      lost = false;
      return cpu.load(state, key);
    },
    dispose: () => cpu.dispose(),
  };
}

async function surviving(options: BackendOptions, false_: Falsified, notices: SurvivalNotice[] = []): Promise<Backend> {
  const onCpu = (options: BackendOptions) => createCpuBackend(options, []);
  return await createSurvivingBackend(options, {
    makeGpu: (options) => card(options, false_),
    makeCpu: onCpu,
    makeReference: onCpu,
    on_notice: (notice) => notices.push(notice),
    retry_ms: [0],
  });
}

/** Trains to the end as a session does: when a run goes back, later losses are dropped. */
async function run(backend: Backend, iterations: number, notices: SurvivalNotice[] = []): Promise<number[]> {
  const losses: number[] = [];
  while (backend.iteration < iterations) {
    const stop = { requested: false };
    await backend.train(iterations, ({ losses: more }) => {
      losses.push(...more);
      stop.requested ||= more.some((loss) => !Number.isFinite(loss));
    }, stop);
    const back = notices.find(({ kind }) => kind === "wrong-results");
    if (back) losses.length = Math.min(losses.length, Math.max(back.iteration, backend.iteration));
    if (losses.some((loss) => !Number.isFinite(loss))) return losses;
  }
  return losses;
}

async function straight(options: BackendOptions): Promise<{ losses: number[]; params: string }> {
  const backend = await createCpuBackend(options, []), losses = await run(backend, options.run.training.iterations);
  return { losses, params: (await backend.save()).params.join() };
}

/** Leaves one tensor unchanged. */
const standing = (name: string): NonNullable<Falsified["state"]> => (after, before, { run }) => {
  const { offset, size } = tensors(run.model).find((tensor) => tensor.name === name)!;
  after.params.set(before.params.subarray(offset, offset + size), offset);
};
const copied = (after: TrainingState, before: TrainingState) => {
  for (const part of ["params", "m", "v"] as const) after[part].set(before[part]);
};

const WRONG_AT_ONCE: Record<string, [Falsified, RegExp]> = {
  "zeros": [{ loss: () => 0, nll: () => 0, character: () => 0, state: ({ params }) => params.fill(0) }, /is 0\.0000/],
  "NaN": [{ loss: () => NaN, nll: () => NaN }, /is not a number/],
  "the loss of guessing, and weights that stay": [{ loss: () => Math.log(19), state: copied }, /loss|gradient/],
  "right losses, and weights that stay": [{ state: copied }, /loss at iteration 1|gradient|update/],
  "one tensor that stays": [{ state: standing("h.0.mlp.fc") }, /update of h\.0\.mlp\.fc/],
  "one gain that stays": [{ state: standing("ln_f.weight") }, /update of ln_f\.weight/],
  "a gradient of half the size": [
    { state: (after, before) => after.m.forEach((m, i) => after.m[i] = before.m[i] + (m - before.m[i]) / 2) },
    /the gradient of wte/,
  ],
  "updates in the wrong direction": [
    { state: (after, before) => after.params.forEach((w, i) => after.params[i] = 2 * before.params[i] - w) },
    /update of wte/,
  ],
  "losses one iteration late": [{ loss: (loss, i, before) => i === 0 ? loss : before }, /loss at iteration 1/],
  "validation losses of 0": [{ nll: () => 0 }, /measured once more, is 0\.0000/],
  "validation losses a little too good": [{ nll: (nll) => 0.99 * nll }, /measured once more/],
  "texts of one character": [{ character: () => 3 }, /different text/],
  "losses in bits": [{ loss: (loss) => loss / Math.LN2 }, /loss at iteration 0/],
};

for (const [name, [false_, words]] of Object.entries(WRONG_AT_ONCE)) {
  Deno.test(`a card's wrong results are found before a run counts: ${name}`, async () => {
    const error: unknown = await surviving(optionsAt(), false_).then(() => null, (error) => error);
    assert.ok(error instanceof WebGpuError && error.kind === "wrong", String(error));
    assert.match(error.message, /^ACME 3000: /);
    assert.match(error.message, words);
  });
}

const from = (first: number, work: NonNullable<Falsified["state"]>): Falsified => ({
  state(after, before, options) {
    if (after.iteration > first) work(after, before, options);
  },
});
const WRONG_LATER: Record<string, Falsified> = {
  "weights that stay from iteration 40 on": from(40, copied),
  "a tensor that stays from iteration 20 on": from(20, standing("wpe")),
  "losses of 0 from iteration 5 on": { loss: (loss, i) => i < 5 ? loss : 0 },
  "validation losses of 0 from iteration 50 on": { nll: (nll, i) => i < 50 ? nll : 0 },
  "a text of one character from iteration 50 on": { character: (c, i) => i < 50 ? c : 3 },
  "NaN at iteration 7": { loss: (loss, i) => i < 7 ? loss : NaN },
  "weights lost at iteration 7, and losses that look right": {
    ...from(7, ({ params }) => params.fill(NaN)),
    loss: (loss) => Number.isFinite(loss) ? loss : 2.5,
  },
  "weights lost at iteration 7, and with them all losses": {
    ...from(7, ({ params }) => params.fill(NaN)),
  },
};

for (const [name, false_] of Object.entries(WRONG_LATER)) {
  Deno.test(`a card's wrong results are found during the run, and the CPU engine takes over: ${name}`, async () => {
    const notices: SurvivalNotice[] = [], options = optionsAt(), backend = await surviving(options, false_, notices);
    const losses = await run(backend, 130, notices), expected = await straight(options);
    assert.deepEqual(notices.map(({ kind, iteration }) => [kind, iteration]), [["wrong-results", 0]]);
    assert.ok("reason" in notices[0] && notices[0].reason.startsWith("ACME 3000: "));
    assert.equal(backend.kind, "cpu");
    assert.deepEqual(losses, expected.losses);
    assert.equal((await backend.save()).params.join(), expected.params);
  });
}

Deno.test("if a card gives NaN after a comparison succeeded, the run goes back to that comparison", async () => {
  const notices: SurvivalNotice[] = [], options = optionsAt();
  const backend = await surviving(options, { loss: (loss, i) => i < 80 ? loss : NaN }, notices);
  assert.deepEqual(await run(backend, 130, notices), (await straight(options)).losses);
  assert.deepEqual(notices.map(({ kind, iteration }) => [kind, iteration]), [["wrong-results", 65]]);
});

Deno.test("a sound card is never accused, and its run keeps its bits, at any learning rate and outcome", async () => {
  for (const rate of [1e-7, 3e-3, 0.1, 1, 10, 30, 1e3, 1e10, 1e37, 3e38]) {
    const options = optionsAt(rate), notices: SurvivalNotice[] = [];
    const backend = await surviving(options, {}, notices);
    const losses = await run(backend, 130, notices), expected = await straight(options);
    assert.deepEqual(notices, [], `lr ${rate}`);
    assert.deepEqual(losses, expected.losses, `lr ${rate}`);
    assert.equal((await backend.save()).params.join(), expected.params, `lr ${rate}`);
  }
});

Deno.test("a card may differ in the last digits, at any learning rate", async () => {
  for (const rate of [1e-9, 1e-7, 3e-3, 1e-2, 0.03, 0.1, 0.3, 1, 3, 10, 30, 1e3, 1e37]) {
    const rounding: Falsified["state"] = (after) => {
      const { iteration } = after;
      for (const part of ["params", "m", "v"] as const) {
        after[part].forEach((x, i) => after[part][i] = x * (1 + (hash32(9, iteration, i) % 3 - 1) * 2 ** -22));
      }
    };
    const notices: SurvivalNotice[] = [];
    await run(await surviving(optionsAt(rate), { state: rounding }, notices), 130, notices);
    assert.deepEqual(notices, [], `lr ${rate}`);
  }
});

Deno.test("a sound card is not accused if the last digits decide", async () => {
  // Two alternating letters are soon memorised: the gradient is then a small difference of almost equal numbers.
  const options = optionsOf({ B: 2, T: 8, C: 16, NH: 2, V: 2, L: 1 }, 1200, 20_000);
  options.tokens.forEach((_, i) => options.tokens[i] = i % 2);
  const trained = await createCpuBackend(options, []), reference = await createCpuBackend(options, []);
  for (const iteration of [149, 158, 230]) {
    await trained.train(iteration, () => {}, never);
    const from = await trained.save();
    const digit = (i: number) => hash32(1, i, iteration) % 2 ? 2 ** -22 : -(2 ** -22);
    await reference.load({ ...from, params: from.params.map((weight, i) => weight * (1 + digit(i))) });
    await reference.train(iteration + 1, () => {}, never);
    const rounded = await reference.save();
    const wrongOf = async (state: Falsified["state"]) => {
      const gpu = await card(options, { state });
      await gpu.load(from);
      return (await inspect(gpu, reference, options, from)).wrong;
    };
    assert.equal(await wrongOf((after) => Object.assign(after, rounded)), null, `iteration ${iteration}`);
    assert.deepEqual(await wrongOf(standing("h.0.mlp.fc")), { kind: "change", part: "params", tensor: "h.0.mlp.fc" });
  }
});

Deno.test("the second comparison is neither skipped by a reset nor repeated after one", async () => {
  let compared = 0;
  const options = optionsAt(), onCpu = (options: BackendOptions) => createCpuBackend(options, []);
  const backend = await createSurvivingBackend(options, {
    makeGpu: (options) => card(options, {}),
    makeCpu: onCpu,
    makeReference(options) {
      compared++;
      return onCpu(options);
    },
    on_notice: () => {},
  });
  assert.equal(compared, 1);
  await backend.train(20, () => {}, never);
  await backend.load(options.initial);
  await backend.train(130, () => {}, never);
  assert.equal(compared, 2);
  await backend.load(options.initial);
  await backend.train(130, () => {}, never);
  assert.equal(compared, 2);
});

Deno.test("without memory for a comparison, the card trains anyway", async () => {
  const options = optionsAt(),
    notices: SurvivalNotice[] = [],
    none = () => Promise.reject(new OutOfMemoryError("none left"));
  const backend = await createSurvivingBackend(options, {
    makeGpu: (options) => card(options, {}),
    makeCpu: none,
    makeReference: none,
    on_notice: (notice) => notices.push(notice),
  });
  assert.deepEqual(await run(backend, 130), (await straight(options)).losses);
  assert.deepEqual([backend.kind, notices], ["webgpu", []]);
});

const ERRORS: Record<string, Error> = {
  "an error that the device reports": new WebGpuError("error", "a buffer is too small"),
  "a call that the browser refuses": new DOMException(
    "A valid external Instance reference no longer exists.",
    "AbortError",
  ),
  "running out of the card's memory": new WebGpuError("memory", "out of memory"),
};

for (const [name, error] of Object.entries(ERRORS)) {
  Deno.test(`the CPU engine continues from the snapshot after ${name}`, async () => {
    const notices: SurvivalNotice[] = [], options = optionsAt();
    const backend = await surviving(options, { throws: (iteration) => iteration === 90 ? error : null }, notices);
    const losses = await run(backend, 130, notices), expected = await straight(options);
    assert.deepEqual(notices.map(({ kind, iteration }) => [kind, iteration]), [
      ["device-error", 90],
      ["cpu-instead", 90],
    ]);
    assert.ok("reason" in notices[0] && notices[0].reason.includes(error.message));
    assert.deepEqual(losses, expected.losses, "each loss is reported exactly once");
    assert.equal((await backend.save()).params.join(), expected.params);
  });
}
