// Requests a GPU from the browser, and finds out why if there is none.
import { unnamed_adapter } from "../wording.ts";
import { rawWords, type Waiting } from "../wording_of_failures.ts";
import { Patience, patiently } from "../training/patience.ts";
import type { Card, CardInfo } from "./card.ts";
import { memoryOf, type Plan } from "./plan.ts";
import { WebGpuError } from "./webgpu_error.ts";

export interface DeviceOptions {
  /** Accepts a software adapter; for tests on machines without a GPU. */
  allow_software?: boolean;
  /** Requested if the adapter has them; the engine needs none. */
  wanted_features?: GPUFeatureName[];
}

/** The browser may report the loss of a device up to this long after the failure that it causes. */
const LOSS_DELAY_MS = 200;
/** Opening an adapter and a device takes less than a second, or a few seconds after a cold start of the driver. */
const OPENING_MS = 8000;
/** Work is submitted in pieces, so even a slow GPU answers a read within a few seconds. */
const WORKING_MS = 30_000;

/** A device, and the errors that it reports. */
export interface OpenDevice {
  device: GPUDevice;
  /** The adapter as the browser names it: "NVIDIA H200". */
  adapter: string;
  /** Null until the device is lost or reports an uncaptured error; never changes after that. */
  readonly error: WebGpuError | null;
  /** Settles as `work` does, but fails as soon as the device reports an error, is lost, or is silent for too long. */
  guard<Result>(work: Promise<Result>): Promise<Result>;
  /** The same for long work that calls `sign` as it makes progress: `ms` is the longest time between two signs. */
  guardWhile<Result>(ms: number, during: Waiting, work: (sign: () => void) => Promise<Result>): Promise<Result>;
  /** Releases the device. From then on its loss is not an error. */
  dispose(): void;
}

/** Adapters that compute on the CPU, even if they are not marked as fallback adapters. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** An adapter that the engine can use. */
export interface Found extends Card {
  adapter: GPUAdapter;
  /** As the browser names it: "NVIDIA H200". */
  name: string;
}

/**
 * @param plan the device's limits exceed WebGPU's defaults only where the plan needs it
 * @param found an adapter that has opened no device yet; if absent, one is requested
 * @throws WebGpuError "no-webgpu", "not-secure", "no-adapter", "software", "too-small" or "silent"
 */
export async function openDevice(plan: Plan, options: DeviceOptions = {}, found?: Found): Promise<OpenDevice> {
  const { adapter, name } = found ?? await findAdapter(options);
  const descriptor: GPUDeviceDescriptor = {
    requiredLimits: limitsFor(plan, adapter),
    requiredFeatures: (options.wanted_features ?? []).filter((feature) => adapter.features.has(feature)),
  };
  let given_up = false;
  const request = refusable(() => adapter.requestDevice(descriptor));
  const releaseLateDevice = (device: GPUDevice) => {
    if (given_up) device.destroy();
  };
  request.then(releaseLateDevice, () => {});
  const device = await patiently(OPENING_MS, request, () => {
    given_up = true;
    return new WebGpuError("silent", { waiting: "device", ms: OPENING_MS });
  });
  return watched(device, name);
}

/**
 * An adapter that the engine can use.
 * @throws WebGpuError "no-webgpu", "not-secure", "no-adapter", "software" or "silent"
 */
export function findAdapter(options: DeviceOptions, patience_ms = OPENING_MS): Promise<Found> {
  return patiently(
    patience_ms,
    requestAdapter(options),
    () => new WebGpuError("silent", { waiting: "adapter", ms: patience_ms }),
  );
}

/** Makes a request to the browser. Refusals become a WebGpuError; some browsers throw synchronously. */
async function refusable<Result>(request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    throw new WebGpuError("no-adapter", rawWords(error));
  }
}

async function requestAdapter({ allow_software }: DeviceOptions): Promise<Found> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) {
    // Browsers hide navigator.gpu from insecure pages. Outside browsers, isSecureContext may not exist.
    const insecure = (globalThis as { isSecureContext?: boolean }).isSecureContext === false;
    throw new WebGpuError(insecure ? "not-secure" : "no-webgpu", "navigator.gpu is missing");
  }
  const adapter = await refusable(() => gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) throw new WebGpuError("no-adapter", "");
  const info = await refusable(() => infoOf(adapter)), name = adapterName(info);
  if (isSoftware(adapter, info) && !allow_software) throw new WebGpuError("software", name);
  return { adapter, name, info, limits: adapter.limits };
}

/** If a call throws a DOMException but the device reports nothing, the browser has lost contact with the card. */
function inWords(error: unknown): unknown {
  return error instanceof DOMException ? new WebGpuError("lost", rawWords(error)) : error;
}

/** What the browser says about an adapter; Chrome before 127 needs a separate request. */
async function infoOf(adapter: GPUAdapter): Promise<CardInfo> {
  const { info, requestAdapterInfo } = adapter as { info?: CardInfo; requestAdapterInfo?(): Promise<CardInfo> };
  return info ?? await requestAdapterInfo?.call(adapter) ?? {};
}

function isSoftware(adapter: GPUAdapter, info: CardInfo): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  // Chrome before 136 had this on the adapter, not on its info.
  const fallback = isFallbackAdapter || (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  return Boolean(fallback) || SOFTWARE.test([vendor, architecture, device, description].join(" "));
}

/** Browsers hide parts of an adapter's name for privacy. */
function adapterName({ description, vendor, architecture }: CardInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(" ") || unnamed_adapter;
}

function limitsFor(plan: Plan, adapter: GPUAdapter): Record<string, number> {
  const { largest_bytes } = memoryOf(plan);
  const limits: Record<string, number> = { ...plan.limits };
  for (const [limit, normal] of [["maxBufferSize", 2 ** 28], ["maxStorageBufferBindingSize", 2 ** 27]] as const) {
    if (largest_bytes <= normal) continue;
    if (adapter.limits[limit] < largest_bytes) {
      throw new WebGpuError("too-small", { bytes: adapter.limits[limit], needed_bytes: largest_bytes });
    }
    limits[limit] = largest_bytes;
  }
  return limits;
}

function watched(device: GPUDevice, adapter: string): OpenDevice {
  let device_error: WebGpuError | null = null, disposed = false;
  // Not Promise.race with one shared failure: a promise that never settles would keep the result of every race.
  const waiting = new Set<(error: WebGpuError) => void>();
  const report = (kind: "lost" | "error", message: string) => {
    if (disposed || device_error) return;
    device_error = new WebGpuError(kind, message);
    for (const reject of waiting) reject(device_error);
  };
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    report("error", (event as GPUUncapturedErrorEvent).error.message);
  });
  device.lost.then(({ message, reason }) => report("lost", message || reason));
  const guard = async <Result>(work: Promise<Result>, patience: Patience, during: Waiting = "work") => {
    try {
      const result = await new Promise<Result>((resolve, reject) => {
        patience.whenOver(() => reject(new WebGpuError("silent", { waiting: during, ms: patience.ms })));
        if (device_error) reject(device_error);
        else waiting.add(reject);
        work.then(resolve, reject).finally(() => waiting.delete(reject));
      });
      if (device_error) throw device_error;
      return result;
    } catch (error) {
      if (error instanceof WebGpuError && error.kind === "silent") throw error;
      // The device's work fails a moment before the browser reports that the device is lost.
      if (!device_error) {
        await Promise.race([
          device.lost,
          new Promise((resolve) => setTimeout(resolve, LOSS_DELAY_MS)),
        ]);
      }
      throw device_error ?? inWords(error);
    } finally {
      patience.stop();
    }
  };
  return {
    device,
    adapter,
    get error() {
      return device_error;
    },
    guard: (work) => guard(work, new Patience(WORKING_MS)),
    guardWhile: (ms, during, work) => {
      const patience = new Patience(ms);
      return guard(work(() => patience.renew()), patience, during);
    },
    dispose() {
      disposed = true;
      device.destroy();
    },
  };
}
