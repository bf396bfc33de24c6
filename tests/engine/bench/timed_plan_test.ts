// Catches, with coarse clocks: a speed page that never finishes, a wrong rate, or a submit that keeps the GPU busy for
// seconds. The GPU is simulated; time passes as it works, and a little at every reading of the clock.
import assert from "node:assert/strict";
import { ClockStoppedError } from "../../../engine/training/clock.ts";
import type { CompiledPlan } from "../../../engine/webgpu/compile.ts";
import type { OpenDevice } from "../../../engine/webgpu/device.ts";
import { TimedPlan } from "../../../engine/bench/timed_plan.ts";

const DISPATCHES = 22, PER_SUBMIT = 10;

interface World {
  timed: TimedPlan;
  longest_submit: number;
}

function makeWorld(pace: number, clock: (ms: number) => number): World {
  let time = 0, busy_until = 0, encoded = 0;
  performance.now = () => clock(time += 5);
  const queue = {
    submit() {
      busy_until = Math.max(time, busy_until) + encoded;
      world.longest_submit = Math.max(world.longest_submit, encoded);
      encoded = 0;
    },
    async onSubmittedWorkDone() {
      const done = busy_until;
      await null;
      time = Math.max(time, done);
    },
  };
  const createCommandEncoder = () => ({ beginComputePass: () => ({ end() {} }), finish() {} });
  const open = { device: { queue, createCommandEncoder }, guard: (work: Promise<unknown>) => work };
  const compiled = {
    plan: { name: "simulated", tensors: [], programs: { train: new Array(DISPATCHES).fill(null) } },
    encode(_pass: unknown, _program: string, from = 0, to = Infinity) {
      encoded += pace * (Math.min(to, DISPATCHES) - from) / DISPATCHES;
    },
  };
  const timed = new TimedPlan(open as unknown as OpenDevice, compiled as unknown as CompiledPlan, PER_SUBMIT);
  const world: World = { timed, longest_submit: 0 };
  return world;
}

const exact = performance.now;
const ticking = (tick: number) => (ms: number) => Math.floor(ms / tick) * tick;
const CLOCKS: Record<string, (ms: number) => number> = {
  "is exact": (ms) => ms,
  "ticks every 16 ms": ticking(16),
  "ticks every 100 ms": ticking(100),
  "ticks every second": ticking(1000),
  "goes back by an hour": (ms) => ms < 400 ? ms : ms - 3_600_000,
};

for (const [name, clock] of Object.entries(CLOCKS)) {
  Deno.test(`with a clock that ${name}, a measurement ends, is correct, and keeps every submit short`, async () => {
    try {
      for (const pace of [0.3, 4, 60, 700]) {
        const world = makeWorld(pace, clock);
        await world.timed.warmUp();
        const rates = [await world.timed.rate(0.7), await world.timed.rate(0.7), await world.timed.rate(0.7)];
        for (const rate of rates) {
          assert.ok(Math.abs(rate * pace / 1000 - 1) < 0.15, `${pace} ms each: ${rates} iterations/s`);
        }
        // A change of the clock during a measurement shows only in the next measurement.
        assert.ok(
          world.longest_submit <= (name.startsWith("goes") ? 1500 : 201),
          `${pace} ms each: a submit took ${world.longest_submit} ms`,
        );
      }
    } finally {
      performance.now = exact;
    }
  });
}

Deno.test("if the clock stops during a measurement, the measurement ends with that reason", async () => {
  try {
    const world = makeWorld(4, (ms) => Math.min(ms, 900));
    await world.timed.warmUp();
    await assert.rejects(async () => {
      for (let block = 0; block < 3; block++) await world.timed.rate(0.7);
    }, ClockStoppedError);
  } finally {
    performance.now = exact;
  }
});
