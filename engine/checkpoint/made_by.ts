// Which engine trains a run, as exactly as its results depend on it, and whether it is the one that made a file.
import type { CpuModule } from "../training/backend.ts";
import type { Trainer } from "../training/trainer.ts";
import { moduleBytes } from "../cpu/modules.ts";
import type { MadeBy } from "./about.ts";
import { browserHere } from "./browser_name.ts";
import { digest } from "./digest.ts";

export async function madeBy({ backend }: Pick<Trainer, "backend">): Promise<MadeBy> {
  const { kind, module, adapter = null, revision = null } = backend;
  if (kind === "webgpu") {
    const browser = browserHere();
    return { engine: kind, revision, adapter, ...browser !== null && { browser } };
  }
  return { engine: `cpu-${module}`, revision: await digest([await moduleBytes(module!)]), adapter: null };
}

/** The engine to ask for, to go on as a file does; null if the file comes from another program. */
export function engineFor({ engine }: MadeBy): { kind: "webgpu" | "cpu"; module: CpuModule | null } | null {
  if (engine === "webgpu") return { kind: "webgpu", module: null };
  if (engine === "cpu-fma" || engine === "cpu-base") {
    return { kind: "cpu", module: engine === "cpu-fma" ? "fma" : "base" };
  }
  return null;
}

/** Whether both make the same bytes, as far as is known: a browser that a file does not name counts as the same. */
export function sameEngine(a: MadeBy, b: MadeBy): boolean {
  const same_browser = a.browser === undefined || b.browser === undefined || a.browser === b.browser;
  return a.engine === b.engine && a.revision !== null && a.revision === b.revision && a.adapter === b.adapter &&
    same_browser;
}
