// Catches: equal files that are called different, a difference that is missed or found at another iteration, and a
// reason that is not the files' own.
import assert from "node:assert/strict";
import { compareFiles, differenceOf } from "../../../engine/checkpoint/comparison.ts";
import { roundsOnce } from "../../../engine/cpu/modules.ts";
import { smallRun } from "../small_runs.ts";
import { Kept, withAbout } from "./files.ts";

async function savedAt(at: number, run = smallRun(), module?: "fma" | "base") {
  const kept = await Kept.of(run, undefined, module);
  await kept.train_to(at);
  return { kept, bytes: await kept.save(), weights: await kept.save(true) };
}

const mine = await savedAt(25);

Deno.test("a neighbour's file of the same seed, settings and module is equal to the last bit", async () => {
  const { ours, theirs, ...found } = await compareFiles(mine.bytes, (await savedAt(25)).bytes);
  assert.deepEqual(found, { same_weights: true, same_state: true, losses: 25 + 3, first: null, reason: null });
  assert.deepEqual(ours, theirs);
  assert.deepEqual(ours.about.iteration, 25);
});

Deno.test("files of other iterations agree as far as both go; weights alone have no losses", async () => {
  const later = await savedAt(31), found = await compareFiles(mine.bytes, later.bytes);
  assert.deepEqual([found.same_weights, found.same_state, found.losses, found.first], [false, false, 28, null]);
  const { same_weights, same_state, losses } = await compareFiles(mine.bytes, mine.weights);
  assert.deepEqual({ same_weights, same_state, losses }, { same_weights: true, same_state: null, losses: 0 });
});

Deno.test("each reason comes from the files", async () => {
  const reasonOf = async (other: Uint8Array<ArrayBuffer>) => {
    const { first, reason } = await compareFiles(mine.bytes, other);
    return [first, reason];
  };
  const other = await savedAt(25, { ...smallRun(), seed: "ophelia" });
  assert.deepEqual(await reasonOf(other.bytes), [0, { kind: "seed", ours: "hamlet", theirs: "ophelia" }]);
  const fast = await savedAt(25, smallRun({ learning_rate: 0.01 }));
  const rate = { kind: "training", name: "learning_rate", ours: 0.003, theirs: 0.01 };
  assert.deepEqual(await reasonOf(fast.bytes), [1, rate], "the first batch is the same, before the first update");
  const [on_card, other_card] = await Promise.all(
    [null, "B"].map((adapter) =>
      withAbout(
        mine.bytes,
        (about) => Object.assign(about, { engine: "webgpu", revision: "k", adapter: adapter ?? "A" }),
      )
    ),
  );
  const { reason } = await compareFiles(on_card, other_card);
  assert.ok(reason?.kind === "engine");
  assert.deepEqual([reason.ours, reason.theirs].flat().map(({ adapter }) => adapter), ["A", "B"]);
  assert.deepEqual(await reasonOf(on_card).then(([, reason]) => (reason as { kind: string }).kind), "engine");
  assert.deepEqual((await compareFiles(on_card, on_card)).reason, {
    kind: "driver",
    engine: "webgpu",
    revision: "k",
    adapter: "A",
  });
  const text = await withAbout(mine.bytes, ({ corpus }) => corpus.sha256 = "0".repeat(64));
  assert.deepEqual((await compareFiles(mine.bytes, text)).reason!.kind, "text");
});

Deno.test("the two modules part, and the engine is named", async () => {
  if (!roundsOnce()) return;
  const [fma, base] = [await savedAt(25, undefined, "fma"), await savedAt(25, undefined, "base")];
  const { same_weights, first, reason } = await compareFiles(fma.bytes, base.bytes);
  assert.deepEqual([same_weights, reason!.kind], [false, "engine"]);
  assert.ok(first !== null && first > 0, `${first}: the weights are the same at iteration 0`);
});

Deno.test("one bit of one loss is found; a loss that only one file has is not a difference", () => {
  const losses = () => ({ train: Float32Array.of(3, 2, 1), val: Float32Array.of(3, NaN, NaN, 1) });
  const [a, b] = [losses(), losses()];
  assert.deepEqual(differenceOf(a, b), { first: null, losses: 5 });
  new Uint32Array(b.train.buffer)[1] ^= 1;
  assert.deepEqual(differenceOf(a, b), { first: 1, losses: 5 });
  b.val[0] = NaN;
  assert.deepEqual(differenceOf(a, b), { first: 1, losses: 4 });
  new Uint32Array(a.val.buffer)[0] ^= 1;
  assert.deepEqual(differenceOf(a, losses()), { first: 0, losses: 5 });
  assert.deepEqual(differenceOf(undefined, a), { first: null, losses: 0 });
});
