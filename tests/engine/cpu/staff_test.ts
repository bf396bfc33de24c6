// Catches: a number of Workers that changes in the middle of a run and with it the run's bits; an engine that is left
// without its Workers when the memory for more is refused.
import assert from "node:assert/strict";
import { makeAssistants } from "../../../engine/headless/assistants.ts";
import { smallRun, smallTrainer } from "../small_runs.ts";

const never = { requested: false };

Deno.test("a run has the same bits if it has two Workers, then eight, then two", async () => {
  const alone = await smallTrainer(smallRun()), losses: number[][] = [[], []];
  await alone.train(30, (report) => losses[0].push(...report.losses), never);
  const val = await alone.evaluate();
  await alone.train(60, (report) => losses[0].push(...report.losses), never);

  const first = makeAssistants(1), more = makeAssistants(6);
  const run = await smallTrainer(smallRun(), undefined, first.ports), { backend } = run;
  await run.train(10, (report) => losses[1].push(...report.losses), never);
  await backend.staff!(more.ports);
  assert.equal(backend.description, "CPU engine, 8 Workers");
  await run.train(30, (report) => losses[1].push(...report.losses), never);
  assert.equal(await run.evaluate(), val);
  await backend.staff!([]);
  assert.equal(backend.description, "CPU engine, 2 Workers");
  await run.train(60, (report) => losses[1].push(...report.losses), never);
  assert.deepEqual(losses[1], losses[0]);
  assert.equal(await run.fingerprint(), await alone.fingerprint());
  await assert.rejects(backend.staff!([new MessageChannel().port1]), /3 Workers: expected 1, 2, 4 or 8/);
  for (const { endAssistants } of [first, more]) endAssistants();
  run.dispose();
  alone.dispose();
});

Deno.test("without memory for more Workers, the engine goes on with those that it has", async () => {
  const first = makeAssistants(1), run = await smallTrainer(smallRun(), undefined, first.ports);
  await run.train(5, () => {}, never);
  const refused = Array.from({ length: 6 }, () => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => port2.postMessage({ type: "failed", message: "out of memory", no_memory: true });
    return port1;
  });
  await assert.rejects(run.backend.staff!(refused), { name: "OutOfMemoryError", message: /out of memory/ });
  assert.equal(run.backend.description, "CPU engine, 2 Workers");
  await run.train(10, () => {}, never);
  assert.equal(run.iteration, 10);
  first.endAssistants();
  run.dispose();
});
