// The checks in deno: a second implementation of WebGPU (wgpu, with naga as its compiler).
// usage: deno run in_deno.ts GROUP; prints the outcomes as JSON, one per line.
import { openDevice } from "../../../engine/webgpu/device.ts";
import { groups, prepared_for } from "./groups.ts";
import { runChecks } from "./check.ts";

const open = await openDevice(prepared_for, { allow_software: true });
console.error(`adapter: ${open.adapter}`);
await runChecks(groups[Deno.args[0]], open, (outcome) => console.log(JSON.stringify(outcome)));
open.dispose();
