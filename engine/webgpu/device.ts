// Asks the browser for a GPU, and tells apart why there is none.
import { memoryOf, type Plan } from "./plan.ts";
import { GpuTrouble } from "./trouble.ts";

export interface DeviceOptions {
  /** Takes an adapter that is a program, too; for tests on machines without a GPU. */
  allow_software?: boolean;
  /** Asked for where the adapter has them; none is needed. */
  wanted_features?: GPUFeatureName[];
}

/** How long after a failure its cause may become known. */
const LOSS_DELAY_MS = 200;

/** A device, and everything that goes wrong with it. */
export interface OpenDevice {
  device: GPUDevice;
  /** The adapter as the browser names it: "NVIDIA H200". */
  adapter: string;
  /** Null until the device is lost or reports an error that nobody awaited; then it stays. */
  readonly trouble: GpuTrouble | null;
  /** Settles as `work` does, but fails at once when the device is in trouble. */
  guard<Result>(work: Promise<Result>): Promise<Result>;
  /** Gives the device back. Its loss is then no trouble. */
  dispose(): void;
}

/** Adapters that compute on the CPU, whatever they say of themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/**
 * @param plan the device's limits are raised above WebGPU's defaults only where this needs it
 * @throws GpuTrouble "no-webgpu", "not-secure", "no-adapter", "software" or "too-small"
 */
export async function openDevice(plan: Plan, options: DeviceOptions = {}): Promise<OpenDevice> {
  const adapter = await requestAdapter(options);
  const device = await adapter.requestDevice({
    requiredLimits: limitsFor(plan, adapter),
    requiredFeatures: (options.wanted_features ?? []).filter((feature) => adapter.features.has(feature)),
  }).catch((error) => {
    throw new GpuTrouble("no-adapter", String(error));
  });
  return watched(device, adapterName(await infoOf(adapter)));
}

async function requestAdapter({ allow_software }: DeviceOptions): Promise<GPUAdapter> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) {
    // Where a page is not secure, browsers hide navigator.gpu. Hosts that are no browsers do not have the word.
    const insecure = (globalThis as { isSecureContext?: boolean }).isSecureContext === false;
    throw new GpuTrouble(insecure ? "not-secure" : "no-webgpu", "navigator.gpu is missing");
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch((error) => {
    throw new GpuTrouble("no-adapter", String(error));
  });
  if (!adapter) throw new GpuTrouble("no-adapter", "requestAdapter gave null");
  const info = await infoOf(adapter);
  if (isSoftware(adapter, info) && !allow_software) throw new GpuTrouble("software", adapterName(info));
  return adapter;
}

type Info = Partial<GPUAdapterInfo>;

/** What the browser says of an adapter; Chrome before 127 is to be asked for it. */
async function infoOf(adapter: GPUAdapter): Promise<Info> {
  const { info, requestAdapterInfo } = adapter as { info?: Info; requestAdapterInfo?(): Promise<Info> };
  return info ?? await requestAdapterInfo?.call(adapter) ?? {};
}

function isSoftware(adapter: GPUAdapter, info: Info): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  // Chrome before 136 said it of the adapter, not of its info.
  const fallback = isFallbackAdapter || (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  return Boolean(fallback) || SOFTWARE.test([vendor, architecture, device, description].join(" "));
}

/** Browsers leave out much of an adapter's name for privacy's sake. */
function adapterName({ description, vendor, architecture }: Info): string {
  return description || [vendor, architecture].filter(Boolean).join(" ") || "a GPU that the browser does not name";
}

function limitsFor(plan: Plan, adapter: GPUAdapter): Record<string, number> {
  const { largest_bytes } = memoryOf(plan);
  const limits: Record<string, number> = {};
  for (const [limit, normal] of [["maxBufferSize", 2 ** 28], ["maxStorageBufferBindingSize", 2 ** 27]] as const) {
    if (largest_bytes <= normal) continue;
    if (adapter.limits[limit] < largest_bytes) {
      const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
      throw new GpuTrouble(
        "too-small",
        `it takes ${megabytes(adapter.limits[limit])} in one piece, where ${megabytes(largest_bytes)} are needed`,
      );
    }
    limits[limit] = largest_bytes;
  }
  return limits;
}

function watched(device: GPUDevice, adapter: string): OpenDevice {
  let trouble: GpuTrouble | null = null, disposed = false;
  // No Promise.race with one failure for all: a promise that never settles keeps what every race has brought.
  const waiting = new Set<(trouble: GpuTrouble) => void>();
  const report = (kind: "lost" | "fault", message: string) => {
    if (disposed || trouble) return;
    trouble = new GpuTrouble(kind, message);
    for (const reject of waiting) reject(trouble);
  };
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    report("fault", (event as GPUUncapturedErrorEvent).error.message);
  });
  device.lost.then(({ message, reason }) => report("lost", message || reason));
  return {
    device,
    adapter,
    get trouble() {
      return trouble;
    },
    async guard<Result>(work: Promise<Result>): Promise<Result> {
      try {
        const result = await new Promise<Result>((resolve, reject) => {
          if (trouble) reject(trouble);
          else waiting.add(reject);
          work.then(resolve, reject).finally(() => waiting.delete(reject));
        });
        if (trouble) throw trouble;
        return result;
      } catch (error) {
        // What the device was busy with fails a moment before the device says that it is lost.
        if (!trouble) await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_DELAY_MS))]);
        throw trouble ?? error;
      }
    },
    dispose() {
      disposed = true;
      device.destroy();
    },
  };
}
