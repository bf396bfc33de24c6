// Catches: a save that overwrites the newest file before it is stored, a file that two saves share, a long run that a
// short one replaces, and two tabs that delete each other's runs.
import assert from "node:assert/strict";
import { type KeptRuns, type Save, savesOf, withSave } from "../../../engine/keeping/kept_run.ts";
import { hash32 } from "../../../engine/training/rng.ts";

const AT = { path: "/lesson.html", session: "main", title: "A lesson" };

function save(run: string, iteration: number): Save {
  const model = { n_layer: 1, n_head: 1, n_embd: 16, block_size: 8, vocab_size: 3 } as Save["model"];
  const corpus = { name: "small", sha256: "0".repeat(64) };
  const rest = { iterations: 2000, val: null, done: false, when: 0, bytes: 1, training: {} as Save["training"] };
  return { run, seed: run, iteration, model, corpus, ...rest };
}

function kept(...saves: [run: string, iteration: number][]): KeptRuns {
  return saves.reduce<KeptRuns | null>((had, [run, iteration]) => withSave(had, AT, save(run, iteration)), null)!;
}

const said = ({ newest, fallback, before }: KeptRuns) =>
  [newest, fallback, before].map((one) => one && `${one.run} ${one.iteration}`);

Deno.test("of a run the newest two saves are kept", () => {
  assert.deepEqual(said(kept(["a", 25])), ["a 25", null, null]);
  assert.deepEqual(said(kept(["a", 25], ["a", 50], ["a", 100])), ["a 100", "a 50", null]);
});

Deno.test("a new run does not replace the run before it", () => {
  assert.deepEqual(said(kept(["a", 800], ["a", 900], ["b", 25])), ["b 25", null, "a 900"]);
  assert.deepEqual(said(kept(["a", 900], ["b", 25], ["b", 50])), ["b 50", "b 25", "a 900"]);
});

Deno.test("of several runs before, the one that went furthest stays, and of equals the newest", () => {
  assert.deepEqual(said(kept(["a", 900], ["b", 25], ["c", 25])), ["c 25", null, "a 900"]);
  assert.deepEqual(said(kept(["a", 900], ["b", 1000], ["c", 25])), ["c 25", null, "b 1000"]);
  assert.deepEqual(said(kept(["a", 2000], ["b", 2000], ["c", 25])), ["c 25", null, "b 2000"]);
});

Deno.test("two tabs that save in turn keep both of their runs", () => {
  assert.deepEqual(said(kept(["a", 100], ["b", 50], ["a", 150], ["b", 100])), ["b 100", null, "a 150"]);
});

Deno.test("a run that goes on in two tabs is kept where it went furthest", () => {
  assert.deepEqual(said(kept(["a", 900], ["a", 500])), ["a 500", null, "a 900"]);
  assert.deepEqual(said(kept(["a", 900], ["a", 500], ["a", 950])), ["a 950", "a 500", null]);
  assert.deepEqual(said(kept(["a", 900], ["a", 500], ["a", 950], ["a", 550])), ["a 550", null, "a 950"]);
});

Deno.test("no save is written over the newest one, and no two saves share a file", () => {
  let had: KeptRuns | null = null, writes = 0;
  for (let i = 0; i < 2000; i++) {
    const now: KeptRuns = withSave(had, AT, save("abcd"[hash32(1, i, 0) % 4], hash32(2, i, 0) % 2000));
    const slots = savesOf(now).map(({ slot }) => slot);
    assert.equal(new Set(slots).size, slots.length);
    assert.ok(slots.every((slot) => slot >= 0 && slot <= 2));
    if (had) {
      assert.notEqual(now.newest.slot, had.newest.slot);
      for (const old of savesOf(had).filter((one) => savesOf(now).some(({ slot }) => slot === one.slot))) {
        const there = savesOf(now).find(({ slot }) => slot === old.slot)!;
        if (there !== now.newest) assert.deepEqual(there, old); // what is still kept lies where it was
      }
      writes++;
    }
    had = now;
  }
  assert.equal(writes, 1999);
});
