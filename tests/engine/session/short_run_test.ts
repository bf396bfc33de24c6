// Catches: twins whose bits depend on their Workers, differ from an undisturbed run, or do not stop at their last
// iteration; twins of different seeds that are called equal; runs of a page that do not wait for them, or never go on.
import assert from "node:assert/strict";
import { comparedFiles } from "../../../engine/session/neighbour.ts";
import type { PresetHost } from "../../../engine/session/preset_runs.ts";
import { differences, ShortRuns } from "../../../engine/session/short_run.ts";
import { TrainingSession } from "../../../engine/session/session.ts";
import { EngineLink } from "../../../engine/workers/engine_link.ts";
import { RANK, Turns } from "../../../engine/session/turns.ts";
import { makeWorker, options, outcome, undisturbed, until } from "./sessions.ts";

const UNTIL = 25;
let workers = 0, most_workers = 0;

function page(cores: number) {
  const host: PresetHost = {
    cores,
    sessions: {},
    turns: new Turns(),
    makeWorker() {
      most_workers = Math.max(most_workers, ++workers);
      const worker = makeWorker(), terminate = worker.terminate.bind(worker);
      worker.terminate = () => {
        workers--;
        terminate();
      };
      return worker;
    },
  };
  const main = host.sessions.main = new TrainingSession("main", options(), host);
  host.turns.follow(main, { words: "the run", place: 0, rank: RANK.run });
  return { host, main };
}

function wishes(...seeds: string[]) {
  return seeds.map((seed, i) => ({ name: `twin-${i + 1}`, seed, until: UNTIL, engine: "cpu" as const }));
}

const ended = async (runs: ShortRuns) => {
  while (runs.running) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** Hashes of an undisturbed run of this seed at UNTIL. */
async function expected(seed: string) {
  const session = new TrainingSession("main", { ...options(), seed }, { makeWorker, cores: 1 });
  session.start();
  await until(session, () => session.iteration >= UNTIL - 5);
  session.pause();
  const file = await session.save();
  session.dispose();
  return file;
}

Deno.test("twins are equal to the last bit with half the Workers each; another letter parts them at iteration 0", async () => {
  const { host, main } = page(4);
  most_workers = 0;
  const runs = new ShortRuns(TrainingSession, main, host, 1, () => {});
  runs.start(wishes("hamlet", "hamlet"));
  assert.deepEqual(Object.keys(host.sessions), ["main", "twin-1", "twin-2"]);
  await ended(runs);
  assert.equal(most_workers, 4, "the machine's cores, shared");
  const [a, b] = runs.runs;
  assert.deepEqual([a.session.iteration, b.session.iteration, a.failure], [UNTIL, UNTIL, null]);
  assert.deepEqual(a.hashes, b.hashes);
  assert.deepEqual(differences(runs.runs).slice(0, UNTIL), new Array(UNTIL).fill(0));
  const same = await comparedFiles((listeners) => new EngineLink(host, listeners), a.file!, b.file!);
  assert.deepEqual([same.same_weights, same.same_state, same.first, same.reason], [true, true, null, null]);

  // Its bits are those of a run that nothing cut short.
  const straight = await comparedFiles(
    (listeners) => new EngineLink(host, listeners),
    a.file!,
    await expected("hamlet"),
  );
  assert.deepEqual([straight.first, straight.losses > 15], [null, true]);

  runs.start(wishes("hamlet", "Hamlet"));
  await ended(runs);
  assert.notEqual(runs.runs[0].hashes!.weights, runs.runs[1].hashes!.weights);
  assert.deepEqual(runs.runs[0].hashes, a.hashes);
  assert.ok(differences(runs.runs)[0]! > 0);
  const other = await comparedFiles(
    (listeners) => new EngineLink(host, listeners),
    runs.runs[0].file!,
    runs.runs[1].file!,
  );
  assert.deepEqual([other.same_weights, other.first, other.reason!.kind], [false, 0, "seed"]);
  runs.stop();
  assert.deepEqual(Object.keys(host.sessions), ["main"]);
  main.dispose();
  assert.equal(workers, 0);
});

Deno.test("a run that trains waits for the twins and goes on from where it was", async () => {
  const { host, main } = page(1), runs = new ShortRuns(TrainingSession, main, host, 1, () => {});
  main.start();
  await until(main, () => main.iteration >= 5);
  runs.start(wishes("hamlet", "ophelia"));
  assert.equal(main.status, "waiting");
  assert.match(main.detail, /^waiting for the twins below/);
  await until(runs.runs[0].session, () => runs.runs[0].session.iteration > 3);
  runs.stop();
  assert.equal(runs.running, false);
  assert.deepEqual(await outcome(main), await undisturbed());
  main.dispose();
  assert.equal(workers, 0);
});
