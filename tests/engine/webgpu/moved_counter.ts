// Counts what each workgroup of a plan reads and writes, by running it: a copy of each kernel marks every number that
// it touches, and its workgroups run one after another. Knows nothing of what a kernel computes.
import { compile } from "../../../engine/webgpu/compile.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { ALIGNMENT, countOf, type Dispatch, ownTensors, type Plan, slotsOf } from "../../../engine/webgpu/plan.ts";
import { expect, readBack } from "./check.ts";
import { markedKernel, RUN, widthsOf } from "./moved_kernel.ts";

/** Numbers that the workgroups of a dispatch loaded and stored. */
export interface Counted {
  loads: number;
  stores: number;
  /** Accesses outside a tensor. */
  outside: number;
}

/** The kernels' own storage buffers, the marks, and what a workgroup has to know. */
const STORAGE_BUFFERS = 10;
/** How many numbers a device's largest binding and largest buffer hold by default. */
const NORMAL_BINDING = 2 ** 25, NORMAL_BUFFER = 2 ** 26;

/** Where tensors begin if all that have memory of their own follow each other; and the sum of their sizes. */
function positions(plan: Plan): { at: Map<string, number>; sum: number } {
  const at = new Map<string, number>();
  let sum = 0;
  for (const tensor of ownTensors(plan)) {
    at.set(tensor.name, sum);
    sum += countOf(tensor);
  }
  for (const { name, within } of plan.tensors) if (within) at.set(name, at.get(within.tensor)! + within.offset);
  return { at, sum };
}

/** Marks belong to numbers, so two bindings may share numbers only if their elements have the same size. */
function checkShared({ kernel, bindings }: Dispatch, at: Map<string, number>, size: Map<string, number>): void {
  const widths = widthsOf(kernel_sources[kernel]);
  const bound = slotsOf(kernel_sources[kernel]).map(({ name, binding }) => {
    const begin = at.get(bindings[binding])!;
    return { name, begin, end: begin + size.get(bindings[binding])!, width: widths.get(name)! };
  });
  for (const a of bound) {
    for (const b of bound) {
      const apart = a.end <= b.begin || b.end <= a.begin;
      expect(
        apart || a.width === b.width,
        `${kernel}: ${a.name} and ${b.name} share numbers in elements of different sizes`,
      );
    }
  }
}

/** The plan with `program` as `marked`, one dispatch per workgroup. @returns also where each original dispatch begins */
function markedPlan(plan: Plan, program: string): { marked: Plan; begins: number[]; counters: number } {
  const { at, sum } = positions(plan), dispatches = plan.programs[program], counters = 3 * dispatches.length;
  const size = new Map(plan.tensors.map((tensor) => [tensor.name, countOf(tensor)]));
  const runs: number[][] = [], list: Dispatch[] = [], begins: number[] = [];
  dispatches.forEach((dispatch, i) => {
    checkShared(dispatch, at, size);
    begins.push(list.length);
    const places = dispatch.bindings.flatMap((tensor) => [counters + at.get(tensor)!, size.get(tensor)!]);
    const [X, Y, Z] = dispatch.workgroups;
    for (let w = 0; w < X * Y * Z; w++) {
      const id = [w % X, Math.floor(w / X) % Y, Math.floor(w / X / Y)];
      const run = [...id, runs.length + 1, sum, 3 * i, ...places];
      expect(run.length <= ALIGNMENT, `${run.length} numbers about a workgroup do not fit into ${ALIGNMENT}`);
      list.push({
        ...dispatch,
        kernel: `marked/${dispatch.kernel}`,
        bindings: [...dispatch.bindings, "moved_marks", `moved_runs/${runs.length}`],
        workgroups: [1, 1, 1],
      });
      runs.push(run);
    }
  });
  const all_runs = new Uint32Array(runs.length * ALIGNMENT);
  runs.forEach((run, i) => all_runs.set(run, i * ALIGNMENT));
  const tensors: Plan["tensors"] = [
    ...plan.tensors,
    { name: "moved_marks", shape: [counters + 2 * sum], type: "u32" },
    { name: "moved_runs", shape: [all_runs.length], type: "u32", initial: all_runs },
    ...runs.map((_, i): Plan["tensors"][number] => (
      { name: `moved_runs/${i}`, shape: [RUN], type: "u32", within: { tensor: "moved_runs", offset: i * ALIGNMENT } }
    )),
  ];
  begins.push(list.length);
  return { marked: { ...plan, tensors, programs: { ...plan.programs, marked: list } }, begins, counters };
}

/** A device whose kernels may bind two buffers more than the usual eight, with workgroups as large as the adapter allows. */
async function openDevice(plan: Plan): Promise<GPUDevice> {
  const largest = Math.max(...ownTensors(plan).map(countOf));
  const adapter = await navigator.gpu.requestAdapter();
  expect(adapter !== null, "there is no adapter");
  const { maxComputeWorkgroupSizeX, maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } =
    adapter.limits;
  return await adapter.requestDevice({
    requiredLimits: {
      maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize,
      maxStorageBuffersPerShaderStage: STORAGE_BUFFERS,
      maxStorageBufferBindingSize: 4 * Math.max(NORMAL_BINDING, largest),
      maxBufferSize: 4 * Math.max(NORMAL_BUFFER, largest),
    },
  });
}

/**
 * Runs `before`, then counts `program`. Each number of a tensor counts once for each workgroup that reads it, however
 * often, and once for each that writes it; an element of several numbers counts whole.
 */
export async function countMoved(plan: Plan, before: string[], program: string): Promise<Counted[]> {
  const needed = Object.fromEntries([...before, program].map((name) => [name, plan.programs[name]]));
  const { marked, begins, counters } = markedPlan({ ...plan, programs: needed }, program);
  delete marked.programs[program];
  const kernels = new Set(plan.programs[program].map(({ kernel }) => kernel));
  const sources = [...kernels].map((kernel) => [`marked/${kernel}`, markedKernel(kernel_sources[kernel])]);
  const device = await openDevice(marked);
  try {
    const errors: string[] = [];
    device.addEventListener(
      "uncapturederror",
      (event) => errors.push((event as GPUUncapturedErrorEvent).error.message),
    );
    const compiled = await compile(device, marked, { ...kernel_sources, ...Object.fromEntries(sources) });
    const run = async (name: string, from?: number, to?: number) => {
      const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
      compiled.encode(pass, name, from, to);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    };
    for (const name of before) await run(name);
    for (let i = 0; i + 1 < begins.length; i++) await run("marked", begins[i], begins[i + 1]);
    const place = { ...compiled.place("moved_marks"), size_bytes: 4 * counters };
    const [found] = await readBack({ device, guard: (work) => work }, [place]);
    expect(errors.length === 0, errors.join("\n"));
    return begins.slice(1).map((_, i) => {
      const [loads, stores, outside] = new Uint32Array(found, 12 * i, 3);
      return { loads, stores, outside };
    });
  } finally {
    device.destroy();
  }
}
