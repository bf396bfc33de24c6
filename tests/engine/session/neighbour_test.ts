// Catches: a bad file that ends in silence, results of a file that was replaced, a run that is trained beside a file of
// another model, one that stops at another iteration than the file's.
import assert from "node:assert/strict";
import { Neighbour } from "../../../engine/session/neighbour.ts";
import type { PresetHost } from "../../../engine/session/preset_runs.ts";
import { ShortRuns } from "../../../engine/session/short_run.ts";
import { TrainingSession } from "../../../engine/session/session.ts";
import { Turns } from "../../../engine/session/turns.ts";
import { EngineLink } from "../../../engine/workers/engine_link.ts";
import { Kept } from "../checkpoint/files.ts";
import { smallRun } from "../small_runs.ts";
import { makeWorker, options } from "./sessions.ts";

function page() {
  const host: PresetHost = { cores: 2, sessions: {}, turns: new Turns(), makeWorker };
  const main = host.sessions.main = new TrainingSession("main", options(), host);
  const beside = new ShortRuns(TrainingSession, main, host, 1, () => {});
  const neighbour = new Neighbour(main, (listeners) => new EngineLink(host, listeners), beside, () => {});
  return { main, beside, neighbour };
}

async function fileAt(at: number, run = smallRun()): Promise<Blob> {
  const kept = await Kept.of(run);
  await kept.train_to(at);
  return new Blob([await kept.save()]);
}

Deno.test("a neighbour's seed is trained here up to its iteration, and is equal to the last bit", async () => {
  const { main, beside, neighbour } = page(), file = await fileAt(23, { ...smallRun(), seed: "ophelia" });
  await neighbour.open(file, []);
  assert.deepEqual([neighbour.facts!.about.seed, neighbour.results, neighbour.failure], ["ophelia", [], null]);
  assert.deepEqual(neighbour.trainable, { seed: "ophelia", until: 23 });
  neighbour.train("(beside-1)");
  while (beside.running) await new Promise((resolve) => setTimeout(resolve, 10));
  const [run] = beside.runs;
  await neighbour.compare([{ words: "here", file: () => Promise.resolve(run.file!) }]);
  const [{ words, comparison }] = neighbour.results;
  assert.deepEqual([words, comparison.same_state, comparison.first, comparison.reason], ["here", true, null, null]);
  assert.equal(run.session.iteration, 23);
  beside.stop();
  main.dispose();
});

Deno.test("a bad file gets its sentence, a newer file replaces the results, and another model is not trained", async () => {
  const { main, neighbour } = page(), own = { words: "main", file: () => main.save() };
  await neighbour.open(new Blob(["nothing of ours"]), [own]);
  assert.match(neighbour.failure!, /^This is not a checkpoint/);
  assert.deepEqual([neighbour.results, neighbour.trainable, neighbour.reading], [[], null, false]);
  const first = neighbour.open(await fileAt(0), [own]), second = neighbour.open(await fileAt(5), [own, own]);
  await Promise.all([first, second]);
  assert.deepEqual(neighbour.results.map(({ comparison }) => comparison.theirs.about.iteration), [5, 5]);
  const run = smallRun(), other = { ...run, model: { ...run.model, n_layer: 1 } };
  await neighbour.open(await fileAt(5, other), [own]);
  assert.deepEqual([neighbour.results[0].comparison.reason!.kind, neighbour.trainable], ["model", null]);
  main.dispose();
});
