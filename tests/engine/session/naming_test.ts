// Catches: a right name that is refused, or a wrong one that counts; a mystery run that the seed does not decide, whose
// name, words or seed say what it is, or that leaves out a preset.
import assert from "node:assert/strict";
import type { History } from "../../../engine/session/history.ts";
import type { Preset } from "../../../engine/session/preset_runs.ts";
import { fittingNames } from "../../../engine/session/fitting_names.ts";
import { mysteryNumber, mysteryRun } from "../../../engine/session/naming.ts";
import { defaultRun } from "../../../engine/training/config.ts";

const V = 65, LN_V = Math.log(V);

function curve(n: number, train: (i: number) => number): History {
  const rows = Array.from({ length: n }, (_, i) => i);
  return { iteration: rows, train: rows.map((i) => LN_V * train(i)), val: rows.map(() => null) };
}

const flat = (i: number) => 1 + 0.001 * (i % 2);
const fitting = (history: History, shape: string) => fittingNames(history, V, null, shape);

Deno.test("the curve decides which name fits, not what its author expects", () => {
  assert.deepEqual(fitting(curve(100, flat), "exploded"), ["flat"]);
});

Deno.test("a shape that no verdict names fits where its author says so", () => {
  assert.deepEqual(fitting(curve(100, flat), "sawtooth"), ["flat", "sawtooth"]);
});

Deno.test("a curve too short for a verdict has the shape that its author expects", () => {
  assert.deepEqual(fitting(curve(30, flat), "slow"), ["slow"]);
});

Deno.test("a loss that is not a number ends an explosion, or what had learned before", () => {
  assert.deepEqual(fitting(curve(20, (i) => i < 10 ? 2 + i : NaN), "exploded"), ["nan", "exploded"]);
  assert.deepEqual(fitting(curve(3, () => NaN), "exploded"), ["nan", "exploded"]);
  const undone = (i: number) => i < 70 ? 0.5 + 0.5 / (1 + i / 30) : i < 80 ? 5 : NaN;
  assert.deepEqual(fitting(curve(90, undone), "unwound"), ["nan", "unwound"]);
});

function preset(name: string): Preset {
  return {
    name,
    label: `label of ${name}`,
    about: `about ${name}`,
    change: { key: "learning_rate", value: 10, healthy: 1 },
    training: defaultRun(V).training,
    careless_switch: true,
    seed_of: null,
    shape: { name: "flat", train: [[0, 1], [1, 1]], val: null },
  };
}

const presets = ["clean", "dead", "noisy", "overfit"].map(preset);
const drawn = (seed: string, numbers: number[]) =>
  numbers.map((number) => mysteryRun(presets, seed, number).stands_for.name);

Deno.test("the seed decides the mysteries, each preset comes once a round, and rounds differ", () => {
  const round = [1, 2, 3, 4], next = [5, 6, 7, 8], rounds = new Set<string>();
  for (const seed of ["shakespeare", "ophelia", "yorick", "hamlet", "horatio"]) {
    assert.deepEqual(drawn(seed, round), drawn(seed, round));
    for (const numbers of [round, next]) {
      const found = drawn(seed, numbers);
      rounds.add(found.join());
      assert.deepEqual([...found].sort(), ["clean", "dead", "noisy", "overfit"]);
    }
  }
  assert.ok(rounds.size > 5, "ten rounds, and 24 orders");
});

Deno.test("nothing that a mystery run says of itself gives it away", () => {
  for (const number of [1, 2, 3, 4]) {
    const { stands_for, change: _, training: __, shape: ___, ...said } = mysteryRun(presets, "ophelia", number);
    assert.doesNotMatch(JSON.stringify(said), new RegExp(presets.map(({ name }) => name).join("|")));
    assert.equal(said.careless_switch, false);
    assert.equal(said.seed_of, null, "a seed of its own: it would give the preset away");
    assert.equal(mysteryNumber(said), number);
    assert.equal(mysteryNumber(stands_for), null);
  }
});
