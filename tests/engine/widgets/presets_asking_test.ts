// Catches: a name judged by the curve of a moment instead of the whole run; two blocks that answer each other for ever; a right name that the record calls wrong; a
// mystery that ends before its run does; a run that is asked about although the reader made it up.
import assert from "node:assert/strict";
import type { History } from "../../../engine/session/history.ts";
import { mysteryRun } from "../../../engine/session/naming.ts";
import type { Preset, PresetRuns } from "../../../engine/session/preset_runs.ts";
import "../../../engine/session/late_answers.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";
import { defaultRun } from "../../../engine/training/config.ts";
import { Asking } from "../../../engine/widgets/presets_asking.ts";
import { Mystery } from "../../../engine/widgets/presets_mystery.ts";
import { commitments, whenCommitted, withdraw } from "../../../engine/widgets/shared/reader_record.ts";

const V = 65, LN_V = Math.log(V);
const NAMES = ["clean", "exploded", "unwound", "flat"].map((name) => ({ name, title: name.toUpperCase() }));

function preset(name: string, shape: string): Preset {
  return {
    name,
    label: `label of ${name}`,
    about: "",
    change: { key: "learning_rate", value: 10, healthy: 1 },
    training: defaultRun(V).training,
    careless_switch: false,
    seed_of: null,
    shape: { name: shape, train: [[0, 1], [1, 1]], val: null },
  };
}

const SLOWLY = preset("slowly", "unwound");
/** Healthy for a hundred iterations and more; then it turns. */
const lulling = (i: number) => i < 150 ? 0.5 + 0.5 / (1 + i / 30) : Math.min(30, 0.7 * 1.4 ** (i - 150));

/** Runs of a block as the widgets see them, in the state after `n` iterations. */
function runsAt(n: number, run: Preset, running: boolean, more: Record<string, unknown> = {}): PresetRuns {
  const rows = Array.from({ length: n }, (_, i) => i);
  const history: History = { iteration: rows, train: rows.map((i) => LN_V * lulling(i)), val: rows.map(() => null) };
  const session = {
    history,
    iteration: n,
    seed: "seed",
    status: running ? "running" : "done",
    options: { corpus: { vocab_size: V, rungs: null } },
  };
  const verdict = verdictOf(history, V);
  return { preset: run, running, careless: false, session, verdict, main_seed: "shakespeare", ...more } as never;
}

function forget(): void {
  for (const { key } of [...commitments()]) withdraw(key);
}

Deno.test("a name is judged again once its run has ended", () => {
  forget();
  const runs = runsAt(120, SLOWLY, true), during = new Asking([SLOWLY], NAMES, runs);
  assert.equal(during.covers(SLOWLY), true);
  during.give(SLOWLY, "clean");
  assert.equal(during.state(SLOWLY)!.said(), "You called it “CLEAN”. So far, the page agrees.");
  assert.deepEqual(commitments().map(({ outcome, right }) => [outcome, right]), [[null, null]]);
  const after = new Asking([SLOWLY], NAMES, Object.assign(runs, runsAt(190, SLOWLY, false)));
  after.settle(SLOWLY);
  assert.match(after.state(SLOWLY)!.said(), /^You called it “CLEAN”\. The page calls it “UNWOUND”\. Not clean: .*\d/);
  assert.deepEqual(after.state(SLOWLY)!.entries(), ["unwound", "clean"]);
  const [{ outcome, right }] = commitments();
  assert.match(outcome!, /^Unwound at iteration 1.*\. The run had the seed “seed”\.$/);
  assert.equal(right, false);
});

Deno.test("of two blocks with the same preset, only the one whose run the reader named completes the record", () => {
  forget();
  const one = runsAt(190, SLOWLY, true), other = runsAt(120, SLOWLY, false);
  const blocks = [one, other].map((runs) => new Asking([SLOWLY], NAMES, runs));
  let commits = 0;
  const settle = () => {
    assert.ok(commits < 20, "each commit causes another");
    for (const block of blocks) block.settle(SLOWLY);
  };
  const end = whenCommitted(() => {
    commits++;
    settle();
  });
  blocks[0].give(SLOWLY, "unwound");
  assert.deepEqual(commitments().map(({ outcome }) => outcome), [null], "the other block's run has ended long before");
  Object.assign(one, { running: false });
  settle();
  const [{ outcome }] = commitments();
  assert.match(outcome!, /^Unwound/);
  blocks[1].give(SLOWLY, "clean");
  settle();
  assert.match(commitments()[0].outcome!, /^Clean/);
  assert.equal(commits, 3);
  end();
});

Deno.test("a run of another seed does not complete the record", () => {
  forget();
  const runs = runsAt(120, SLOWLY, true), asking = new Asking([SLOWLY], NAMES, runs);
  asking.give(SLOWLY, "clean");
  Object.assign(runs, runsAt(190, SLOWLY, false));
  Object.assign(runs.session!, { seed: "another" });
  asking.settle(SLOWLY);
  assert.equal(commitments()[0].outcome, null);
});

Deno.test("a curve named again keeps its first name, which decides whether the reader was right", () => {
  forget();
  const runs = runsAt(190, SLOWLY, false), asking = new Asking([SLOWLY], NAMES, runs);
  assert.notEqual(asking.state(SLOWLY)!.question!.hint, "");
  asking.give(SLOWLY, "flat");
  asking.state(SLOWLY)!.again!();
  assert.equal(asking.covers(SLOWLY), true);
  assert.equal(asking.state(SLOWLY)!.question!.hint, "", "the reader knows by now");
  assert.equal(commitments()[0].said, "FLAT");
  asking.give(SLOWLY, "unwound");
  assert.equal(asking.covers(SLOWLY), false);
  assert.equal(asking.state(SLOWLY)!.said(), "You called it “UNWOUND”. The page agrees.");
  assert.deepEqual(commitments().map(({ said, right }) => [said, right]), [["FLAT, then UNWOUND", false]]);
});

Deno.test("a careless run changes nothing in the record, and a run of the reader's own is not asked about", () => {
  const [before] = commitments();
  const careless = new Asking([SLOWLY], NAMES, runsAt(120, SLOWLY, false, { careless: true }));
  careless.settle(SLOWLY);
  assert.deepEqual(commitments(), [before]);
  assert.equal(careless.state(SLOWLY), null);
  const own = preset("own", "clean");
  assert.equal(careless.covers(own), false);
  assert.equal(new Asking([SLOWLY], NAMES, runsAt(120, own, true)).state(own), null);
});

Deno.test("a name whose shape has another title today is asked for again", () => {
  const renamed = NAMES.map((one) => ({ ...one, title: one.title.toLowerCase() }));
  assert.equal(new Asking([SLOWLY], renamed, runsAt(120, SLOWLY, true)).covers(SLOWLY), true);
  assert.equal(new Asking([SLOWLY], NAMES, runsAt(120, SLOWLY, true)).covers(SLOWLY), false);
});

Deno.test("a mystery ends no earlier than its run, whatever fits so far", () => {
  forget();
  const run = mysteryRun([SLOWLY], "shakespeare", 1);
  const during = new Mystery([SLOWLY], NAMES, runsAt(120, run, true));
  during.give(run, "flat");
  assert.match(during.state(run).said(), /^Not flat: .* Try another name\.$/);
  during.give(run, "clean");
  assert.equal(during.solved(1), false);
  assert.equal(during.state(run).said(), "“CLEAN” fits the curve so far. The answer comes when the run has ended.");
  assert.deepEqual(during.state(run).question!.wrong, ["flat"]);
  const after = new Mystery([SLOWLY], NAMES, runsAt(190, run, false));
  after.settle(run);
  assert.equal(after.solved(1), false);
  assert.match(after.state(run).said(), /^Not clean: the loss has climbed/);
  assert.deepEqual(after.state(run).question!.wrong, ["flat", "clean"]);
  after.give(run, "unwound");
  assert.equal(after.covers(run), false);
  assert.match(after.state(run).said(), /^“UNWOUND” is right, after 3 tries\. This was the run “label of slowly”/);
  const [{ key, said, outcome, right }] = commitments();
  assert.deepEqual([key, said, right], ["mystery:1", "FLAT, then CLEAN, then UNWOUND", false]);
  assert.match(outcome!, /^This was the run .* The run had the seed “seed”\.$/);
});

Deno.test("a name that the curve comes to fit is right at the end", () => {
  forget();
  const run = mysteryRun([SLOWLY], "shakespeare", 1);
  new Mystery([SLOWLY], NAMES, runsAt(120, run, true)).give(run, "unwound");
  const after = new Mystery([SLOWLY], NAMES, runsAt(190, run, false));
  after.settle(run);
  assert.match(after.state(run).said(), /^“UNWOUND” is right, at the first try\./);
  assert.equal(commitments()[0].right, true);
});

Deno.test("a mystery begins again until it is solved, and then another one comes", () => {
  forget();
  const others = [SLOWLY, preset("other", "flat")];
  const runs = runsAt(190, mysteryRun(others, "shakespeare", 1), false);
  const mystery = new Mystery(others, NAMES, runs);
  assert.equal(mystery.next().name, "mystery 1");
  mystery.give(runs.preset!, "flat");
  assert.equal(mystery.next().name, "mystery 1");
  assert.deepEqual(commitments(), [], "with no tries");
  const between = new Mystery(others, NAMES, Object.assign(runs, { preset: others[1] }));
  assert.equal(between.next().name, "mystery 1", "after a run of another preset too");
  Object.assign(runs, { preset: mysteryRun(others, "shakespeare", 1) });
  mystery.giveUp(runs.preset!);
  assert.deepEqual(commitments().map(({ said, right }) => [said, right]), [["gave up", false]]);
  assert.equal(mystery.next().name, "mystery 2");
});

Deno.test("a mystery given up after a name that fits was not found", () => {
  forget();
  const run = mysteryRun([SLOWLY], "shakespeare", 1), mystery = new Mystery([SLOWLY], NAMES, runsAt(120, run, true));
  mystery.give(run, "clean");
  mystery.giveUp(run);
  assert.match(mystery.state(run).said(), /^This was the run “label of slowly”/);
  assert.deepEqual(commitments().map(({ said, right }) => [said, right]), [["CLEAN, then gave up", false]]);
});
