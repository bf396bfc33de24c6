// Catches: careless arithmetic that never overflows, that differs from the engine's for small numbers, or that does not
// report its fault; and sound arithmetic that becomes NaN at the learning rate at which careless arithmetic does.
import assert from "node:assert/strict";
import { defaultRun } from "../../../engine/training/config.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { faultText } from "../../../engine/wording_of_failures.ts";
import { Trainer } from "../../../engine/training/trainer.ts";

const text = await Deno.readTextFile(Deno.env.get("PRESS_START_CORPUS")!);

/** Losses of the lesson's model over a few iterations of its schedule, which warms up for 100. */
async function losses(careless: boolean, learning_rate: number, iterations: number, seed = "hamlet") {
  const run = defaultRun(2);
  run.seed = seed;
  run.training = { ...run.training, batch_size: 4, learning_rate };
  const trainer = await Trainer.create(
    run,
    readCorpus(text, run.evaluation.train_fraction),
    null,
    (options) => createCpuBackend(options, [], { careless }),
  );
  const all: number[] = [];
  await trainer.train(iterations, ({ losses: more }) => all.push(...more), { requested: false });
  return { all, diverged_at: trainer.diverged_at, fault: trainer.backend.fault };
}

Deno.test("at a healthy rate careless arithmetic gives the same losses and reports no fault", async () => {
  const careless = await losses(true, 3e-3, 8), sound = await losses(false, 3e-3, 8);
  assert.deepEqual([careless.fault, sound.fault, careless.all.length], [null, null, 8]);
  // The same formulas, rounded in other places: f32 has seven digits.
  careless.all.forEach((loss, i) => assert.ok(Math.abs(loss - sound.all[i]) < 2e-5, `${i}: ${loss}, ${sound.all[i]}`));
});

Deno.test("at lr 10 only careless arithmetic becomes NaN, within five iterations, and it reports where", async () => {
  for (const seed of ["hamlet", "ophelia", "yorick"]) {
    const careless = await losses(true, 10, 5, seed), sound = await losses(false, 10, 25, seed);
    assert.ok(careless.diverged_at !== null && careless.diverged_at < 5, `${careless.all}`);
    assert.ok(Number.isNaN(careless.all.at(-1)), `${careless.all}`);
    assert.ok(Math.abs(careless.fault!.exponent) > 86, "a power that fits into f32 is not a fault");
    assert.match(faultText(careless.fault!), /e\^-?\d+: in 32 bits that is (infinite|0),/);
    assert.deepEqual([sound.diverged_at, sound.fault], [null, null]);
    assert.ok(sound.all.every(Number.isFinite) && sound.all[24] > 20, `${sound.all}`);
  }
});

Deno.test("a logarithm of 0 is infinite, and its words say so", () => {
  assert.match(faultText({ where: "logarithm", exponent: 0 }), /−ln 0 is infinite/);
});
