// Compares every kernel with its float64 twin, with the plan's own grids, constants and sizes, on random numbers.
// Numbers that a kernel must not write have to stay as they were.
import { compile, type CompiledPlan } from "../../../engine/webgpu/compile.ts";
import type { OpenDevice } from "../../../engine/webgpu/device.ts";
import { invocations } from "../../../engine/webgpu/grids.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { normsPlan, observationPlan } from "../../../engine/webgpu/observation_plan.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import { countOf, type Dispatch, headerOf, type Plan, type TensorSpec } from "../../../engine/webgpu/plan.ts";
import type { BackendOptions } from "../../../engine/training/backend.ts";
import { batchStart, hash32 } from "../../../engine/training/rng.ts";
import { type Check, expect, readBack } from "./check.ts";
import { optionsOf, shapes } from "./shapes.ts";
import { type Numbers, type Twin, twins } from "./twins.ts";

/** Relative L2 norm of a kernel's error. Rounding in sums of 64 to 4,000 f32 terms causes about 3e-7. */
const TOLERANCE = 2e-6;
/** WGSL allows exp and log errors of a few units in the last place of large arguments. */
const EXP_TOLERANCE = 1e-5;
const WITH_EXP = /softmax|cross_entropy|gelu|tiled\/(attention|head_backward|matmul_forward|matmul_backward_weight)/;

/** Realistic content for the tensors that need it, by name; all others are uniform in [-1, 1). */
function content(
  tensor: TensorSpec,
  options: BackendOptions,
  key: number,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  const { name } = tensor, size = countOf(tensor), { block_size: T, vocab_size: V } = options.run.model;
  const word = (i: number) => hash32(key, i, 0);
  if (tensor.type === "u32" && name !== "losses") {
    if (name === "tokens" || name === "places") return tensor.initial as Uint32Array<ArrayBuffer>;
    if (name.startsWith("off/")) return Uint32Array.from({ length: size }, (_, i) => word(i) % 2);
    if (name === "counter") return Uint32Array.of(7, options.batch_key, 0, 0);
    if (name === "writing") return Uint32Array.of(T + 5, 3, 0, 0);
    const range = name === "starts" ? options.tokens.length - T : V;
    return Uint32Array.from({ length: size }, (_, i) => word(i) % range);
  }
  if (name === "schedule" || name === "decays") return tensor.initial as Float32Array<ArrayBuffer>;
  const uniform = (i: number) => word(i) / 2 ** 31 - 1;
  const positive = name === "v" || name.startsWith("moments") || name.endsWith(".rstd") || name.endsWith(".att");
  // Within [-1, 1) GELU is nearly straight.
  const scale = /\.fc$|^fc/.test(name) ? 4 : 1;
  if (name === "dlogits") { // the tiled plan pads its rows with zeros
    const width = tensor.shape[1];
    return Float32Array.from({ length: size }, (_, i) => i % width < V ? uniform(i) : 0);
  }
  return Float32Array.from({ length: size }, (_, i) => positive ? (uniform(i) + 1) / 2 : scale * uniform(i));
}

const asNumbers = (tensor: TensorSpec, buffer: ArrayBuffer): Numbers =>
  tensor.type === "u32" && tensor.name !== "losses"
    ? new Uint32Array(buffer.slice(0))
    : Float64Array.from(new Float32Array(buffer));

/** Fills a dispatch's tensors, runs only this dispatch, and compares all its tensors with the twin's results. */
export async function checkDispatch(
  open: OpenDevice,
  compiled: CompiledPlan,
  options: BackendOptions,
  program: string,
  place: number,
  twin: Twin,
): Promise<void> {
  const { bindings, constants, kernel, label } = compiled.plan.programs[program][place];
  const tensors = bindings.map((name) => compiled.plan.tensors.find((tensor) => tensor.name === name)!);
  const before = tensors.map((tensor, i) => {
    const numbers = content(tensor, options, 100 * place + i);
    const whole = new Uint32Array(countOf(tensor));
    whole.set(new Uint32Array(numbers.buffer, 0, numbers.length));
    compiled.write(tensor.name, whole);
    return whole.buffer;
  });
  const encoder = open.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  compiled.encode(pass, program, place, place + 1);
  pass.end();
  open.device.queue.submit([encoder.finish()]);
  const after = await readBack(open, tensors.map(({ name }) => compiled.place(name)));
  const expected = tensors.map((tensor, i) => asNumbers(tensor, before[i]));
  twin(
    expected,
    Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, Math.fround(value)])),
  );
  tensors.forEach((tensor, i) => {
    const problem = difference(asNumbers(tensor, before[i]), expected[i], asNumbers(tensor, after[i]), kernel);
    expect(problem === null, `"${label}", ${tensor.name}: ${problem}`);
  });
}

/** @returns what is wrong with `got`, or null */
function difference(before: Numbers, expected: Numbers, got: Numbers, kernel: string): string | null {
  let squares = 0, norm = 0;
  for (let i = 0; i < got.length; i++) {
    if (expected[i] === before[i] || expected instanceof Uint32Array) {
      if (got[i] !== expected[i]) return `number ${i} is ${got[i]}, expected ${expected[i]}`;
    } else {
      squares += (got[i] - expected[i]) ** 2;
      norm += expected[i] ** 2;
    }
  }
  const error = norm === 0 ? 0 : Math.sqrt(squares / norm);
  const tolerance = WITH_EXP.test(kernel) ? EXP_TOLERANCE : TOLERANCE;
  return error <= tolerance ? null : `relative error ${error}, allowed ${tolerance}`;
}

/** One dispatch for each pipeline of a plan. From `train` if possible, as `generate` runs kernels on fewer rows. */
export function distinctDispatches(
  plan: Plan,
  programs: string[],
): { program: string; place: number; dispatch: Dispatch }[] {
  const seen = new Set<string>();
  return programs.flatMap((program) => plan.programs[program].map((dispatch, place) => ({ program, place, dispatch })))
    .filter(({ dispatch: { kernel, constants } }) => {
      const key = kernel + headerOf(constants);
      const is_new = !seen.has(key);
      seen.add(key);
      return is_new;
    });
}

function shapeCheck(name: string): Check {
  return {
    name: `kernels at the ${name} shape`,
    async run(open) {
      const options = optionsOf(shapes[name], 20), problems: string[] = [], checked = new Set<string>();
      const check = async (compiled: CompiledPlan, programs: string[]) => {
        for (const { program, place, dispatch: { kernel } } of distinctDispatches(compiled.plan, programs)) {
          const twin = twins[kernel];
          expect(twin !== undefined, `${kernel} has no twin`);
          checked.add(kernel);
          await checkDispatch(open, compiled, options, program, place, twin).catch((error) => {
            if (open.error) throw open.error;
            problems.push(`${kernel}: ${error.message}`);
          });
        }
      };
      const compiled = await compile(open.device, plainPlan(options), kernel_sources);
      await check(compiled, ["train", "generate"]);
      // Of the plans that observe, only the kernels that the plain plan does not have.
      for (const plan of [observationPlan(options), normsPlan(options)]) {
        for (const program in plan.programs) {
          plan.programs[program] = plan.programs[program].filter(({ kernel }) => !checked.has(kernel));
        }
        const observing = await compile(open.device, plan, kernel_sources, () => {}, compiled);
        await check(observing, Object.keys(plan.programs));
        observing.dispose();
      }
      compiled.dispose();
      expect(problems.length === 0, problems.join("\n"));
    },
  };
}

/** Runs one kernel on given tensors, without a plan around it, in as many workgroups as `count` invocations need. */
async function runKernel(
  open: OpenDevice,
  kernel: string,
  tensors: Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>,
  constants: Record<string, number>,
  count: number,
): Promise<Record<string, Float32Array>> {
  const plan: Plan = {
    name: "check",
    tensors: Object.entries(tensors).map(([name, initial]) => ({
      name,
      shape: [initial.length],
      type: initial instanceof Uint32Array ? "u32" : "f32",
      initial,
    })),
    programs: {
      run: [{
        label: kernel,
        kernel,
        bindings: Object.keys(tensors),
        workgroups: invocations(kernel, count),
        constants,
      }],
    },
  };
  const compiled = await compile(open.device, plan, kernel_sources);
  const encoder = open.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  compiled.encode(pass, "run");
  pass.end();
  open.device.queue.submit([encoder.finish()]);
  const results = await readBack(open, Object.keys(tensors).map((name) => compiled.place(name)));
  compiled.dispose();
  return Object.fromEntries(Object.keys(tensors).map((name, i) => [name, new Float32Array(results[i])]));
}

const far = Float32Array.of(-1e30, -1e10, -89, -20.1, -19.9, -1e-30, 0, 1e-30, 19.9, 20.1, 89, 1e10, 1e30);

const edges: Check[] = [
  {
    name: "batches equal those of rng.ts, bit for bit, also with more rows than a workgroup has invocations",
    async run(open) {
      const STARTS = 1_003_790;
      for (
        const [iteration, key, B] of [[0, 0, 1], [1, 1, 64], [1999, 0xdeadbeef, 96], [2 ** 31 + 5, 0xffffffff, 300]]
      ) {
        const same = (starts: Float32Array, drawn: number, by: string) =>
          new Uint32Array(starts.buffer).forEach((start, row) => {
            const expected = batchStart(key, drawn, row, STARTS);
            expect(start === expected, `${by}, iteration ${drawn}, row ${row}: ${start}, expected ${expected}`);
          });
        const begun = { counter: Uint32Array.of(iteration, key, 0, 0), starts: new Uint32Array(B) };
        same((await runKernel(open, "batch_draw", begun, { B, STARTS }, B)).starts, iteration, "batch_draw");
        const { counter, starts } = begun,
          finished = { nll: new Float32Array(8), losses: new Uint32Array(8), counter, starts };
        const next = await runKernel(open, "tiled/iteration_finish_draw", finished, { B, N: 8, RING: 8, STARTS }, 1);
        same(next.starts, iteration + 1, "iteration_finish_draw");
      }
    },
  },
  {
    name: "GELU and its slope stay finite and correct for huge inputs",
    async run(open) {
      const SIZE = far.length, out = new Float32Array(SIZE), dout = new Float32Array(SIZE).fill(1);
      const forward = await runKernel(open, "gelu_forward", { inp: far, out }, { SIZE }, SIZE);
      const backward = await runKernel(open, "gelu_backward", { dout, inp: far, dinp: out }, { SIZE }, SIZE);
      far.forEach((x, i) => {
        const value = Math.abs(x) > 1 ? Math.max(0, x) : x / 2, slope = Math.abs(x) > 1 ? Number(x > 0) : 0.5;
        expect(Math.abs(forward.out[i] - value) <= 1e-6 * Math.abs(x), `GELU(${x}) is ${forward.out[i]}`);
        expect(Math.abs(backward.dinp[i] - slope) <= 1e-6, `the slope at ${x} is ${backward.dinp[i]}`);
      });
    },
  },
  {
    name: "softmax of large scores",
    async run(open) {
      const att = Float32Array.of(1e4, 9, 9, 9, -1e30, 1e30, 9, 9, 3e4, 3e4, -3e4, 9, -1e4, -1e4, -1e4, -1e4);
      const { att: shares } = await runKernel(open, "attention_forward_softmax", { att }, { ROWS: 4, T: 4 }, 4);
      const expected = [1, 9, 9, 9, 0, 1, 9, 9, 0.5, 0.5, 0, 9, 0.25, 0.25, 0.25, 0.25];
      shares.forEach((share, i) => expect(Math.abs(share - expected[i]) < 1e-6, `number ${i} is ${share}`));
    },
  },
  {
    name: "a NaN or infinite loss is always reported as such",
    async run(open) {
      const V = 5, logits = new Float32Array(4 * V).fill(1);
      logits[1 * V + 2] = NaN; // not at the target
      logits[2 * V + 3] = Infinity;
      logits[3 * V + 4] = -3e38; // far from 0, but finite
      const tensors = { logits, targets: new Uint32Array(4), nll: new Float32Array(4), lse: new Float32Array(4) };
      const { nll } = await runKernel(open, "cross_entropy_forward", tensors, { N: 4, V }, 4);
      const finite = [...nll].map(Number.isFinite).join();
      expect(finite === "true,false,false,true", `finite: ${finite}; losses ${nll}`);
      const counter = Uint32Array.of(9, 0, 0, 0);
      for (const bad of [NaN, Infinity, -Infinity]) {
        const numbers = new Float32Array(300).fill(2);
        numbers[277] = bad;
        const ring = { nll: numbers, losses: new Uint32Array(8), counter };
        const { losses } = await runKernel(open, "iteration_finish", ring, { N: 300, RING: 8 }, 1);
        expect(!Number.isFinite(losses[1]), `a batch with a loss of ${bad} has the mean ${losses[1]}`);
      }
    },
  },
  {
    name: "the first of equal logits is written",
    async run(open) {
      const V = 200, T = 8, logits = new Float32Array(T * V);
      for (const place of [130, 67, 199]) logits[2 * V + place] = 4;
      const tensors = {
        logits,
        noise: new Float32Array(V),
        expected: new Float32Array(V),
        written: new Uint32Array(16),
        writing: Uint32Array.of(3, 3),
      };
      const { written, writing } = await runKernel(open, "sample_append", tensors, { T, V }, 1);
      const characters = new Uint32Array(written.buffer);
      expect(characters[3] === 67, `${characters}`);
      expect(new Uint32Array(writing.buffer)[0] === 4, "it was not counted");
    },
  },
];

const norm_edges: Check[] = [{
  name: "norms of tiny and huge numbers neither vanish nor overflow, and those of infinity and NaN are infinite",
  async run(open) {
    const SIZE = 300; // of each of three tensors; only the middle one is not 0
    for (const value of [0, 1e-36, 1e-25, 1e25, 1e37, Infinity, NaN]) {
      const middle = new Float32Array(SIZE).fill(Number.isFinite(value) ? value : 1);
      middle[277] = value;
      const flat = () => new Float32Array(3 * SIZE),
        before = flat(),
        grads = flat(),
        norms = new Float32Array(9).fill(7);
      grads.set(middle, SIZE);
      const places = Uint32Array.of(0, SIZE, SIZE, SIZE, 2 * SIZE, SIZE);
      const tensors = { places, grads, before, params: grads, norms };
      const found = (await runKernel(open, "update_norms", tensors, {}, 3 * 256)).norms;
      const norm = Number.isFinite(value) ? value * Math.sqrt(SIZE) : Infinity;
      const expected = [0, 0, 0, norm, norm, 0, 0, 0, 0];
      found.forEach((got, i) => {
        expect(got === expected[i] || Math.abs(got / expected[i] - 1) < 1e-5, `of ${value}: number ${i} is ${got}`);
      });
    }
  },
}];

export const kernel_checks: Check[] = [shapeCheck("lesson"), shapeCheck("odd"), ...edges, ...norm_edges];
export const more_kernel_checks: Check[] = [shapeCheck("narrow"), shapeCheck("wide")];
