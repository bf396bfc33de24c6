// The engine's Worker with a fake graphics card that accepts every call, reports no error and returns one number for
// everything read back. The Worker's name is that number.
import "../../../engine/workers/worker.ts";

/** Accepts every call and returns itself. */
const anything: unknown = new Proxy(function () {}, {
  get: (_, name) => name in answers ? answers[name as keyof typeof answers] : name === "then" ? undefined : anything,
  apply: () => anything,
});

const read = new Float32Array(2 ** 20).fill(Number(self.name));
const answers = {
  [Symbol.toPrimitive]: () => 2 ** 31, // a limit
  isFallbackAdapter: false,
  info: { description: "ACME Anything 3000" },
  features: new Set(),
  lost: new Promise(() => {}),
  mapAsync: () => Promise.resolve(),
  getMappedRange: (from: number, bytes: number) => read.buffer.slice(from, from + bytes),
  onSubmittedWorkDone: () => Promise.resolve(),
  popErrorScope: () => Promise.resolve(null),
  getCompilationInfo: () => Promise.resolve({ messages: [] }),
  requestAdapter: () => Promise.resolve(anything),
  requestDevice: () => Promise.resolve(anything),
  createComputePipelineAsync: () => Promise.resolve(anything),
};

Object.defineProperty(navigator, "gpu", { value: anything, configurable: true });
