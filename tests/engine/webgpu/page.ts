// The checks in a browser: test_webgpu.py bundles this and calls pressStartChecks(group) on the page.
import { openDevice } from "../../../engine/webgpu/device.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { type Outcome, runChecks } from "./check.ts";
import { groups, prepared_for } from "./groups.ts";

const page = globalThis as unknown as {
  pressStartChecks(group: string): Promise<{ adapter: string; outcomes: Outcome[] }>;
  /** Why WebGPU is unavailable: the kind of the WebGpuError, or null. */
  pressStartWebGpuError(): Promise<string | null>;
};

page.pressStartChecks = async (group) => {
  const open = await openDevice(prepared_for, { allow_software: true });
  const outcomes = await runChecks(groups[group], open, (outcome) => console.log(JSON.stringify(outcome)));
  open.dispose();
  return { adapter: open.adapter, outcomes };
};

page.pressStartWebGpuError = async () => {
  try {
    (await openDevice(prepared_for)).dispose();
    return null;
  } catch (error) {
    if (error instanceof WebGpuError) return error.kind;
    throw error;
  }
};
