// The verdict on recorded curves after each iteration: deno run --allow-read verdict_trail.ts FILE ...
// It prints one line of JSON per file: {trail: [[iterations, name], ...] at each change, verdict: the last}.
import type { RecordedRun } from "../../../engine/headless/record.ts";
import type { History } from "../../../engine/session/history.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";

for (const file of Deno.args) {
  const { curve, corpus }: RecordedRun = JSON.parse(await Deno.readTextFile(file));
  const upTo = (rows: number): History => {
    const seen = curve.slice(0, rows + 1);
    const train = seen.map((row, i) => i === rows ? null : row.train);
    return { iteration: seen.map((row) => row.iteration), train, val: seen.map((row) => row.val) };
  };
  const trail: [number, string][] = [];
  for (let rows = 1; rows < curve.length; rows++) {
    const { name } = verdictOf(upTo(rows), corpus.vocab_size);
    if (trail.at(-1)?.[1] !== name) trail.push([rows, name]);
  }
  console.log(JSON.stringify({ trail, verdict: verdictOf(upTo(curve.length - 1), corpus.vocab_size) }));
}
