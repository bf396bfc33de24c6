// Catches: a wrong name whose explanation is missing, has no number of the curve, or contradicts it.
import assert from "node:assert/strict";
import type { RecordedRun } from "../../../engine/headless/record.ts";
import type { History } from "../../../engine/session/history.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";
import { whyNot } from "../../../engine/session/why_not.ts";

const ROOT = new URL("../../../", import.meta.url);
const SHAPES = [...(await Deno.readTextFile(new URL("docs/shapes.yml", ROOT))).matchAll(/^- name: (.*)$/gm)]
  .map(([, name]) => name);
const V = 65, LN_V = Math.log(V);

interface Recorded {
  file: string;
  history: History;
  vocab_size: number;
}

/** The project's own recorded presets. */
function recorded(): Recorded[] {
  const folder = new URL("docs/recorded/", ROOT);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return files.filter((name) => /^preset-(shakespeare|play-machine)-/.test(name)).sort().map((file) => {
    const { curve, corpus }: RecordedRun = JSON.parse(Deno.readTextFileSync(new URL(file, folder)));
    const column = <Name extends "iteration" | "train" | "val">(name: Name) => curve.map((row) => row[name]);
    const history = { iteration: column("iteration"), train: column("train"), val: column("val") };
    return { file, history, vocab_size: corpus.vocab_size };
  });
}

/** A made-up curve: losses as fractions of ln V, val every 25 iterations where it is given. */
function made(n: number, train: (i: number) => number, val?: (i: number) => number): History {
  const rows = Array.from({ length: n }, (_, i) => i);
  return {
    iteration: rows,
    train: rows.map((i) => LN_V * train(i)),
    val: rows.map((i) => val && i % 25 === 0 ? LN_V * val(i) : null),
  };
}

const made_up: Record<string, History> = {
  clean: made(300, (i) => 0.5 + 0.5 / (1 + i / 30), (i) => 0.5 + 0.5 / (1 + i / 30)),
  exploded: made(100, (i) => i < 3 ? 1 : Math.min(400, 1.6 * 1.3 ** (i - 3))),
  unwound: made(150, (i) => i < 70 ? 0.5 + 0.5 / (1 + i / 30) : Math.min(30, 0.7 * 1.4 ** (i - 70))),
  climbed: made(300, (i) => i < 150 ? 0.56 + 0.44 / (1 + i / 10) : 0.59 + 0.23 * Math.min(1, (i - 150) / 100)),
  flat: made(150, (i) => 1 + 0.001 * (i % 2)),
  plateau: made(300, (i) => i < 15 ? 1 - i / 75 : 0.8),
  slow: made(300, (i) => 1 - i / 1500),
  nan: made(80, (i) => i < 40 ? 2 + i : NaN),
};

/** Every name of the Doctor, and the one verdict that is no shape. */
const names = [...SHAPES, "nan"];

function explanations(history: History, vocab_size: number): [name: string, words: string][] {
  const { name } = verdictOf(history, vocab_size);
  return names.filter((other) => other !== name)
    .map((other) => [other, whyNot(other, history, vocab_size, null) ?? "none"]);
}

Deno.test("each wrong name is explained, with numbers, for every recorded preset and for made-up curves", () => {
  const found = recorded();
  assert.ok(found.length > 0);
  const curves = [
    ...found.map(({ history, vocab_size }) => ({ history, vocab_size })),
    ...Object.values(made_up).map((history) => ({ history, vocab_size: V })),
  ];
  for (const { history, vocab_size } of curves) {
    for (const [name, words] of explanations(history, vocab_size)) {
      const no_val = words.includes("no val loss") && history.val.every((loss) => loss === null);
      assert.match(words, no_val ? /^Not .*\.$/ : /^Not .*\d.*\.$/, `${name}: ${words}`);
      assert.doesNotMatch(words, /undefined|null|Infinity|\bNaN\b(?! *:)|\.\.|-\d/, `${name}: ${words}`);
    }
  }
});

Deno.test("the made-up curves are what they are called here", () => {
  for (const [name, history] of Object.entries(made_up)) {
    assert.equal(verdictOf(history, V).name, name === "climbed" ? "unwound" : name);
  }
});

Deno.test("an explanation quotes the curve", () => {
  const why = (name: string, curve: string) => whyNot(name, made_up[curve], V, null);
  assert.equal(why("flat", "slow"), "Not flat: the loss has gone from 4.16 to 3.37.");
  assert.equal(why("exploded", "clean")?.endsWith("the highest loss here is 4.17."), true);
  assert.match(why("exploded", "unwound")!, /came down to 2\.72; it climbed only later, passing 6\.26 at/);
  assert.match(why("unwound", "exploded")!, /passed 6\.26 at iteration 3, and the lowest loss before was 4\.17\./);
  assert.match(why("clean", "plateau")!, /from iteration \d+ the loss stood still for 60 iterations or more/);
  assert.match(why("slow", "plateau")!, /from iteration \d+ it stood still/);
  assert.match(why("slow", "clean")!, /below 2\.92 by iteration \d+, and is now at 2\.2/);
  assert.match(why("clean", "slow")!, /after 300 iterations the loss is still at 3\.37/);
  assert.equal(why("clean", "nan"), "Not clean: the loss at iteration 40 is not a number.");
  assert.equal(why("memorising", "slow"), "Not memorising: this run has no val loss, and only val could show it.");
});

Deno.test("a curve without a single number, and a shape of an author's own, end in no mistake", () => {
  const lost = made(5, () => NaN);
  for (const name of SHAPES) assert.match(whyNot(name, lost, V, null)!, /not even the first loss is a number/);
  assert.equal(whyNot("staircase", made_up.clean, V, null), null);
  assert.equal(whyNot("constructor", made_up.clean, V, null), null);
});

Deno.test("of a run that has unwound without a leap, no sentence says that it went above the limit", () => {
  const [, low, now] = verdictOf(made_up.climbed, V).words.match(/down to (.*), then climbed back to (.*)\./)!;
  const said = Object.fromEntries(explanations(made_up.climbed, V));
  const limit =
    "Not exploded: an explosion goes above 6.26 (1.5 × ln V) and stays there; the highest loss here is 4.17.";
  assert.equal(said.exploded, limit);
  for (const name of ["clean", "noisy", "slow", "plateau", "spikes", "sawtooth"]) {
    assert.ok(said[name].endsWith(` had come down to ${low}, then climbed back to ${now}.`), said[name]);
  }
  for (const words of Object.values(said)) assert.doesNotMatch(words, /climbed to|passing|above 6\.26 at|are above/);
  // Val turns upwards far from train, as when memorising, but train climbs too.
  const val = made_up.climbed.train.map((loss, i) => i % 25 === 0 ? (i < 150 ? loss! : loss! + 2) : null);
  assert.match(
    whyNot("memorising", { ...made_up.climbed, val }, V, null)!,
    /; here it had come down to .* climbed back to/,
  );
});

Deno.test("why a run has not unwound: it did not learn first, or did not climb back far enough", () => {
  const why = (curve: History) => whyNot("unwound", curve, V, null);
  assert.match(
    why(made_up.clean)!,
    /climbs back by 0\.63 nats or more; this one is 0\.00 above its lowest average, 2\.2/,
  );
  assert.match(
    why(made_up.flat)!,
    /has learnt something first; the lowest average here, 4\.1\d, is still above 3\.76\.$/,
  );
  assert.match(why(made(5, () => 1))!, /after 5 iterations the lowest loss is 4\.17\.$/);
});

Deno.test("a curve that fitted until its loss was no longer a number is told so", () => {
  const lost = made(80, (i) => i < 70 ? 1 + 0.001 * (i % 2) : NaN);
  assert.equal(whyNot("flat", lost, V, null), "Not flat: the loss at iteration 70 is not a number.");
});
