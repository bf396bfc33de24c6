// Catches: a pause that, at any moment, loses an update, makes one twice, or reports a loss twice.
import assert from "node:assert/strict";
import type { Backend, BackendOptions, StopSignal } from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { nextTurn } from "../../../engine/training/next_turn.ts";
import { optionsOf } from "../webgpu/shapes.ts";

const TOGGLES = 1000, MOST_ITERATIONS = 20_000;

/** A pause at a random moment: at once, after a few losses, after a few turns of the event loop, or after a delay. */
function pauseAt(toggle: number): { stop: StopSignal; heard(losses: number): void } {
  const stop = { requested: false }, end = () => stop.requested = true;
  const random = (below: number, which: number) => hash32(31, toggle, which) % below;
  let left = Infinity;
  switch (random(8, 0)) {
    case 0:
      end();
      break;
    case 1:
    case 2:
      left = 1 + random(4, 1);
      break;
    case 3:
      setTimeout(end, random(3, 1));
      break;
    default:
      (async () => {
        for (let turn = random(4, 1); turn > 0; turn--) await nextTurn();
        end();
      })();
  }
  return {
    stop,
    heard(losses) {
      if ((left -= losses) <= 0) end();
    },
  };
}

async function toggled(backend: Backend): Promise<number[]> {
  const losses: number[] = [];
  for (let toggle = 0; toggle < TOGGLES; toggle++) {
    const { stop, heard } = pauseAt(toggle), before = backend.iteration;
    const idle = stop.requested;
    await backend.train(MOST_ITERATIONS, ({ losses: more }) => {
      losses.push(...more);
      heard(more.length);
    }, stop);
    assert.ok(stop.requested, "training ended by itself");
    assert.equal(losses.length, backend.iteration);
    if (idle) assert.equal(backend.iteration, before, "it trained although it was paused");
  }
  return losses;
}

async function straight(options: BackendOptions, until: number): Promise<{ backend: Backend; losses: number[] }> {
  const backend = await createCpuBackend(options, []), losses: number[] = [];
  await backend.train(until, ({ losses: more }) => losses.push(...more), { requested: false });
  return { backend, losses };
}

for (const B of [1, 2]) {
  Deno.test(`a thousand pauses at random moments change nothing, at B = ${B}`, async () => {
    const options = optionsOf({ B, T: 8, C: 16, NH: 2, V: 7, L: 1 }, MOST_ITERATIONS);
    const backend = await createCpuBackend(options, []);
    const losses = await toggled(backend);
    assert.ok(losses.length > TOGGLES, `only ${losses.length} updates between ${TOGGLES} pauses`);
    const expected = await straight(options, losses.length);
    assert.deepEqual(losses, expected.losses);
    assert.deepEqual(await backend.save(), await expected.backend.save());
    backend.dispose();
    expected.backend.dispose();
  });
}
