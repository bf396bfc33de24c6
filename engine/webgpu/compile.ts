// Turns a plan into something that the GPU can run. Creates all buffers, pipelines and bind groups, once.
import type { OpenDevice } from "./device.ts";
import { kernel_sources } from "./kernels.ts";
import { checkPlan, countOf, type Dispatch, headerOf, memoryOf, ownTensors, type Plan, slotsOf } from "./plan.ts";
import { WebGpuError } from "./webgpu_error.ts";

/** A plan, ready to run on one device. */
export interface CompiledPlan {
  readonly plan: Plan;
  /** Where a tensor's memory is. */
  place(tensor: string): { buffer: GPUBuffer; offset_bytes: number; size_bytes: number };
  /** Writes `content` into a tensor, from its number `at` on; ordered with submits. */
  write(tensor: string, content: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, at?: number): void;
  /** Appends a program's dispatches `from` to `to` (exclusive; all by default) to a compute pass. */
  encode(pass: GPUComputePassEncoder, program: string, from?: number, to?: number): void;
  dispose(): void;
}

/** Called at first, and after each pipeline, with how many are ready. */
export type Progress = (ready: number, of: number) => void;

interface Step {
  pipeline: GPUComputePipeline;
  bind_group: GPUBindGroup;
  workgroups: [number, number, number];
}

interface Kernel {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Drivers can be slow even for one pipeline; a card that completes none for this long never will. */
const PIPELINE_MS = 30_000;

/**
 * Compiles the project's own kernels.
 * @param owner the plan that owns the tensors that `plan` shares
 * @throws as compile() does, and WebGpuError "silent" if the device stops responding
 */
export function compileOn(
  open: OpenDevice,
  plan: Plan,
  on_progress: Progress = () => {},
  owner?: CompiledPlan,
): Promise<CompiledPlan> {
  return open.guardWhile(
    PIPELINE_MS,
    "kernels",
    (sign) =>
      compile(open.device, plan, kernel_sources, (ready, of) => {
        sign();
        on_progress(ready, of);
      }, owner),
  );
}

/**
 * @param sources text of each kernel by name
 * @param owner as for compileOn
 * @throws WebGpuError "kernel" with file and line if the GPU's compiler rejects a kernel, "memory" if there is too
 * little; Error if the plan contradicts itself
 */
export async function compile(
  device: GPUDevice,
  plan: Plan,
  sources: Record<string, string>,
  on_progress: Progress = () => {},
  owner?: CompiledPlan,
): Promise<CompiledPlan> {
  checkPlan(plan, sources);
  const own = await createBuffers(device, plan);
  const dispose = () => own.forEach((buffer) => buffer.destroy());
  try {
    const buffers = new Map([...own, ...sharedBuffers(plan, owner)]);
    const programs = await createSteps(device, plan, sources, buffers, on_progress);
    return compiled(device, plan, buffers, programs, dispose);
  } catch (error) {
    dispose();
    throw error;
  }
}

function compiled(
  device: GPUDevice,
  plan: Plan,
  buffers: Map<string, GPUBuffer>,
  programs: Map<string, Step[]>,
  dispose: () => void,
): CompiledPlan {
  const place = placesOf(plan, buffers);
  return {
    plan,
    place,
    write(tensor, content, at = 0) {
      const { buffer, offset_bytes } = place(tensor);
      device.queue.writeBuffer(buffer, offset_bytes + 4 * at, content);
    },
    encode(pass, program, from = 0, to = Infinity) {
      const steps = programs.get(program);
      if (!steps) throw new Error(`Plan ${plan.name} has no program ${program}.`);
      let pipeline: GPUComputePipeline | null = null;
      for (let i = from; i < Math.min(to, steps.length); i++) {
        const step = steps[i];
        if (step.pipeline !== pipeline) pass.setPipeline(pipeline = step.pipeline);
        pass.setBindGroup(0, step.bind_group);
        pass.dispatchWorkgroups(...step.workgroups);
      }
    },
    dispose,
  };
}

function placesOf(plan: Plan, buffers: Map<string, GPUBuffer>): CompiledPlan["place"] {
  const places = new Map(plan.tensors.map((tensor) => {
    const { tensor: memory, offset } = tensor.within ?? { tensor: tensor.name, offset: 0 };
    return [tensor.name, {
      buffer: buffers.get(memory)!,
      offset_bytes: 4 * offset,
      size_bytes: 4 * countOf(tensor),
    }];
  }));
  return (tensor) => {
    const place = places.get(tensor);
    if (!place) throw new Error(`Plan ${plan.name} has no tensor ${tensor}.`);
    return place;
  };
}

function sharedBuffers(plan: Plan, owner?: CompiledPlan): [string, GPUBuffer][] {
  return plan.tensors.filter(({ shared }) => shared).map((tensor) => {
    if (!owner) throw new Error(`Plan ${plan.name} shares ${tensor.name}, but no other plan was given.`);
    const { buffer, size_bytes } = owner.place(tensor.name);
    const expected = 4 * countOf(tensor);
    if (size_bytes !== expected) throw new Error(`${tensor.name}: ${size_bytes} bytes, ${plan.name} has ${expected}.`);
    return [tensor.name, buffer];
  });
}

async function createBuffers(device: GPUDevice, plan: Plan): Promise<Map<string, GPUBuffer>> {
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const buffers = new Map<string, GPUBuffer>();
  for (const tensor of ownTensors(plan)) {
    const buffer = device.createBuffer({
      label: tensor.name,
      size: 4 * countOf(tensor),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    buffers.set(tensor.name, buffer);
    if (tensor.initial) device.queue.writeBuffer(buffer, 0, tensor.initial);
  }
  const scope_error = (await Promise.all([device.popErrorScope(), device.popErrorScope()])).find(Boolean);
  if (scope_error) {
    buffers.forEach((buffer) => buffer.destroy());
    throw new WebGpuError("memory", { bytes: memoryOf(plan).total_bytes, said: scope_error.message });
  }
  return buffers;
}

async function createSteps(
  device: GPUDevice,
  plan: Plan,
  sources: Record<string, string>,
  buffers: Map<string, GPUBuffer>,
  on_progress: Progress,
): Promise<Map<string, Step[]>> {
  const keyOf = ({ kernel, constants }: Dispatch) => `${kernel} ${headerOf(constants)}`;
  const distinct = new Map(Object.values(plan.programs).flat().map((dispatch) => [keyOf(dispatch), dispatch]));
  let ready = 0;
  on_progress(0, distinct.size);
  const kernels = new Map(
    await Promise.all([...distinct].map(async ([key, dispatch]): Promise<[string, Kernel]> => {
      const kernel = await createKernel(device, dispatch, sources[dispatch.kernel]);
      on_progress(++ready, distinct.size);
      return [key, kernel];
    })),
  );
  const place = placesOf(plan, buffers);
  const groups = new Map<string, GPUBindGroup>();
  const stepOf = (dispatch: Dispatch): Step => {
    const { pipeline, layout } = kernels.get(keyOf(dispatch))!;
    const key = `${keyOf(dispatch)} ${dispatch.bindings}`;
    let bind_group = groups.get(key);
    if (!bind_group) {
      const entries = dispatch.bindings.map((tensor, binding) => {
        const { buffer, offset_bytes, size_bytes } = place(tensor);
        return { binding, resource: { buffer, offset: offset_bytes, size: size_bytes } };
      });
      bind_group = device.createBindGroup({ label: dispatch.label, layout, entries });
      groups.set(key, bind_group);
    }
    return { pipeline, bind_group, workgroups: dispatch.workgroups };
  };
  device.pushErrorScope("validation");
  const programs = new Map(Object.entries(plan.programs).map(([name, list]) => [name, list.map(stepOf)]));
  const scope_error = await device.popErrorScope();
  if (scope_error) throw new WebGpuError("kernel", scope_error.message);
  return programs;
}

/** Compiles one kernel. @throws WebGpuError "kernel" with the compiler's errors as `file:line:column: message` */
async function createKernel(
  device: GPUDevice,
  { kernel, label, constants }: Dispatch,
  source: string,
): Promise<Kernel> {
  const file = `${kernel}.wgsl`;
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label: file, code: headerOf(constants) + source });
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error")
    .map(({ lineNum, linePos, message }) => `${file}:${lineNum}:${linePos}: ${message.trim()}`);
  const scope_error = await scope;
  if (scope_error && errors.length === 0) errors.push(`${file}: ${scope_error.message}`);
  if (errors.length > 0) throw new WebGpuError("kernel", errors.join("\n"));

  device.pushErrorScope("validation");
  const layout = device.createBindGroupLayout({
    label: file,
    entries: slotsOf(source).map(({ binding, type }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const pipeline = device.createComputePipelineAsync({
    label: `${file}, ${label}`,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  const refusal = await device.popErrorScope();
  try {
    return { pipeline: await pipeline, layout };
  } catch (error) {
    const reason = refusal ? `${refusal.message}; ${error}` : String(error);
    throw new WebGpuError("kernel", `${file} ("${label}"): ${reason}`);
  }
}
