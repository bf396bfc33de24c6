// A plan: the GPU's work as data. It has named tensors, and programs: ordered lists of dispatches on these tensors.
// compile.ts turns a plan into buffers, pipelines and bind groups once; after that they are only replayed.

/** Storage buffers can be bound at multiples of 256 bytes, or 64 numbers. */
export const ALIGNMENT = 64;
/** WebGPU's default limit on workgroups in each direction. */
const MAX_WORKGROUPS = 65535;

/** An array of 32-bit numbers on the GPU. */
export interface TensorSpec {
  name: string;
  shape: number[];
  type: "f32" | "u32";
  /** Initial content; if it is shorter than the tensor, the rest is zero. */
  initial?: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  /** This tensor is part of another one, from number `offset` on: a multiple of ALIGNMENT. */
  within?: { tensor: string; offset: number };
  /** Its memory is that of the tensor of the same name in another plan, which is compiled on the same device already. */
  shared?: true;
}

/** One run of one kernel over a grid of workgroups. */
export interface Dispatch {
  /** What it computes, for error messages and timings: "h.0 qkv". */
  label: string;
  /** Name of a file in engine/wgsl/, without its extension. */
  kernel: string;
  /** A tensor for each of the kernel's bindings, by binding number. */
  bindings: string[];
  workgroups: [number, number, number];
  /**
   * Numbers that the kernel's text uses without declaring them. Names that begin with a capital letter become u32, all
   * others f32. Dispatches of one kernel with equal constants share a pipeline.
   */
  constants: Record<string, number>;
}

/** Limits of a workgroup. */
export type WorkgroupLimit =
  | "maxComputeInvocationsPerWorkgroup"
  | "maxComputeWorkgroupSizeX"
  | "maxComputeWorkgroupStorageSize";

export interface Plan {
  name: string;
  /** What its workgroups need beyond WebGPU's defaults: 256 invocations and 16 KiB of memory. */
  limits?: Partial<Record<WorkgroupLimit, number>>;
  tensors: TensorSpec[];
  /** Dispatches in order of execution: each one sees everything that earlier ones wrote. */
  programs: Record<string, Dispatch[]>;
}

/** @returns how many numbers a tensor holds */
export function countOf(tensor: { shape: number[] }): number {
  return tensor.shape.reduce((product, n) => product * n, 1);
}

/** @returns n rounded up to a multiple of ALIGNMENT */
export function aligned(n: number): number {
  return Math.ceil(n / ALIGNMENT) * ALIGNMENT;
}

/** The tensors that need memory of their own. */
export function ownTensors({ tensors }: Plan): TensorSpec[] {
  return tensors.filter(({ within, shared }) => !within && !shared);
}

/** @returns sizes in bytes: of the largest buffer that a plan needs, and of all of them together */
export function memoryOf(plan: Plan): { largest_bytes: number; total_bytes: number } {
  const bytes = ownTensors(plan).map((tensor) => 4 * countOf(tensor));
  return { largest_bytes: Math.max(...bytes), total_bytes: bytes.reduce((sum, n) => sum + n, 0) };
}

/** A kernel's constants as WGSL. No line break, so that line numbers in errors match the kernel's file. */
export function headerOf(constants: Record<string, number>): string {
  return Object.entries(constants)
    .map(([name, value]) => `const ${name}: ${/^[A-Z]/.test(name) ? "u32" : "f32"} = ${value}; `)
    .join("");
}

/** A kernel's `var<...>` that a tensor is bound to. */
export interface BindingSlot {
  binding: number;
  type: GPUBufferBindingType;
  name: string;
}

/** @returns the bindings that a kernel declares, by number; unused ones too, as they are part of its layout */
export function slotsOf(source: string): BindingSlot[] {
  const code = source.replaceAll(/\/\/.*/g, "");
  const declaration = /@group\(0\)\s*@binding\((\d+)\)\s*var<\s*(\w+)\s*(?:,\s*(\w+)\s*)?>\s*(\w+)/g;
  const slots = [...code.matchAll(declaration)].map(([, binding, space, access, name]): BindingSlot => {
    const type = space === "uniform" ? "uniform" : access === "read_write" ? "storage" : "read-only-storage";
    return { binding: Number(binding), type, name };
  });
  return slots.sort((a, b) => a.binding - b.binding);
}

/**
 * Finds mistakes that WebGPU would report later or never, and names the dispatch or tensor.
 * @param sources text of each kernel by name
 * @throws Error naming the first mistake
 */
export function checkPlan(plan: Plan, sources: Record<string, string>): void {
  const tensors = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  if (tensors.size !== plan.tensors.length) throw new Error(`Plan ${plan.name}: two tensors have one name.`);
  for (const tensor of plan.tensors) checkTensor(plan, tensor, tensors);
  for (const [program, dispatches] of Object.entries(plan.programs)) {
    for (const dispatch of dispatches) {
      const complain = (mistake: string) => {
        throw new Error(`Plan ${plan.name}, ${program}, "${dispatch.label}" (${dispatch.kernel}.wgsl): ${mistake}`);
      };
      const source = sources[dispatch.kernel];
      if (source === undefined) complain("there is no such kernel");
      checkDispatch(dispatch, source, tensors, complain);
    }
  }
}

function checkTensor(plan: Plan, tensor: TensorSpec, tensors: Map<string, TensorSpec>): void {
  const complain = (mistake: string) => {
    throw new Error(`Plan ${plan.name}, tensor ${tensor.name}: ${mistake}`);
  };
  if (tensor.initial && tensor.initial.length > countOf(tensor)) complain("more content than room");
  if (!tensor.within) return;
  const { tensor: name, offset } = tensor.within, around = tensors.get(name);
  if (!around || around.within) return complain(`${name} has no memory of its own`);
  if (offset % ALIGNMENT !== 0) complain(`begins at number ${offset}, no multiple of ${ALIGNMENT}`);
  if (offset + countOf(tensor) > countOf(around)) complain(`reaches beyond ${name}`);
}

function checkDispatch(
  { bindings, workgroups, constants }: Dispatch,
  source: string,
  tensors: Map<string, TensorSpec>,
  complain: (mistake: string) => void,
): void {
  const slots = slotsOf(source);
  if (slots.length !== bindings.length) complain(`${bindings.length} tensors for ${slots.length} bindings`);
  const access = new Map<string, GPUBufferBindingType>();
  slots.forEach(({ binding, type, name }, i) => {
    if (binding !== i) complain(`binding ${i} is missing`);
    const tensor = tensors.get(bindings[i]);
    if (!tensor) return complain(`${name} is bound to ${bindings[i]}, which is no tensor`);
    const memory = tensor.within?.tensor ?? tensor.name, before = access.get(memory);
    if (before && before !== type) complain(`${memory} would be read through one binding and written through another`);
    access.set(memory, type);
  });
  if (workgroups.some((n) => !(Number.isInteger(n) && n >= 1 && n <= MAX_WORKGROUPS))) {
    complain(`a grid of ${workgroups} workgroups`);
  }
  for (const name of Object.keys(constants)) {
    if (!new RegExp(`\\b${name}\\b`).test(source)) complain(`the kernel has no use for ${name}`);
  }
}
