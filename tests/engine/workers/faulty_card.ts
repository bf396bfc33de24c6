// A Worker with a fake graphics card, which computes nothing and fails in the way that the Worker's name says. Its
// clock runs faster, so that tests need not wait for timeouts.
import { hurry } from "./hurry.ts";

hurry();

const never = () => new Promise<never>(() => {});
const hang = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const raw = (words: string) => new DOMException(words, "OperationError");

/** The possible failures; `seen` is the number of earlier calls of that kind in this Worker. */
const defects: Record<string, (call: string, seen: number) => unknown> = {
  "adapter never": (call) => call === "adapter" && never(),
  "adapter hangs": (call) => call === "adapter" && hang(),
  "adapter refused late": (call) => call === "adapter" && later(20_000).then(() => Promise.reject(raw("late"))),
  "adapter throws": (call) => {
    if (call === "adapter") throw new TypeError("gpu is broken");
  },
  "adapter null": (call) => call === "adapter" && Promise.resolve(null),
  "adapter null once": (call, seen) => call === "adapter" && seen === 0 && Promise.resolve(null),
  "adapter null, then never": (call, seen) => call === "adapter" && (seen === 0 ? Promise.resolve(null) : never()),
  "info never": (call) => call === "info" && never(),
  "device never": (call) => call === "device" && never(),
  "device hangs": (call) => call === "device" && hang(),
  "device refused": (call) =>
    call === "device" && Promise.reject(raw("A valid external Instance reference no longer exists.")),
  "scope never": (call) => call === "scope" && never(),
  "pipeline never": (call) => call === "pipeline" && never(),
  "pipeline out of range": (call) => {
    if (call === "pipeline") throw new RangeError("Maximum call stack size exceeded");
  },
  "pipeline hangs": (call, seen) => call === "pipeline" && seen === 3 && hang(),
  "pipeline after pipeline": (call, seen) => call === "pipeline" && seen < 2 && later(20_000 * (seen + 1)),
  "map never": (call) => call === "map" && never(),
  "map refused": (call) =>
    call === "map" && Promise.reject(raw("A valid external Instance reference no longer exists.")),
  "submit hangs": (call, seen) => call === "submit" && seen === 3 && hang(),
};

const counts = new Map<string, number>();
function defect(call: string): unknown {
  const seen = counts.get(call) ?? 0;
  counts.set(call, seen + 1);
  return defects[self.name]?.(call, seen) || null;
}

/** An object that accepts every call and does nothing. */
const inert = (own: Record<string, unknown> = {}): Record<string, unknown> =>
  new Proxy(own, {
    get: (target, name) => name === "then" ? undefined : name in target ? target[name as string] : () => inert(),
  });

const buffer = ({ size }: { size: number }) =>
  inert({
    size,
    mapAsync: () => defect("map") ?? Promise.resolve(),
    getMappedRange: (_at: number, length: number) => new ArrayBuffer(length),
  });

const device = () =>
  inert({
    lost: never(),
    createBuffer: buffer,
    popErrorScope: () => defect("scope") ?? Promise.resolve(null),
    createShaderModule: () => ({ getCompilationInfo: () => Promise.resolve({ messages: [] }) }),
    createComputePipelineAsync: () => defect("pipeline") ?? Promise.resolve(inert()),
    queue: inert({ submit: () => void defect("submit"), onSubmittedWorkDone: () => Promise.resolve() }),
  });

const adapter = () => ({
  limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 },
  features: new Set(),
  requestAdapterInfo: () => defect("info") ?? Promise.resolve({ description: "Faulty card" }),
  requestDevice: () => defect("device") ?? Promise.resolve(device()),
});

Object.defineProperty(navigator, "gpu", {
  value: { requestAdapter: () => defect("adapter") ?? Promise.resolve(adapter()) },
});

// Without a CPU engine to compare with, a card's results are accepted. These cards must be able to start.
const BELIEVED = ["fine", "pipeline after pipeline", "map never", "map refused", "submit hangs"];
if (BELIEVED.includes(self.name)) {
  const { validate } = WebAssembly;
  let asked = 0;
  WebAssembly.validate = (bytes) => asked++ > 0 && validate(bytes);
}

Object.assign(globalThis, {
  GPUBufferUsage: {},
  GPUMapMode: {},
  GPUShaderStage: {},
});
