// Catches: a commitment lost, doubled or moved, one to a question that the page no longer asks, a listener that hears nothing, or stored data that breaks the page.
import assert from "node:assert/strict";
import type { Commitment } from "../../../../engine/widgets/shared/reader_record.ts";
import {
  claim,
  commit,
  commitments,
  currentCommitments,
  restored,
  whenCommitted,
  withdraw,
} from "../../../../engine/widgets/shared/reader_record.ts";

const GUESS: Commitment = { key: "end:floor", kind: "end", asked: "The end?", said: "1.2", outcome: null, right: null };
const NAMED: Commitment = { ...GUESS, key: "name:dead", kind: "diagnosis", said: "flat", outcome: "flat", right: true };

Deno.test("commitments keep their order, a later one replaces the earlier one in its place", () => {
  for (const { key } of commitments()) withdraw(key); // deno keeps what other tests have stored
  let heard = 0;
  const end = whenCommitted(() => heard++);
  commit(GUESS);
  commit(NAMED);
  commit({ ...GUESS, outcome: "1.31", right: false });
  assert.deepEqual(commitments(), [{ ...GUESS, outcome: "1.31", right: false }, NAMED]);
  withdraw("end:floor");
  assert.deepEqual(commitments(), [NAMED]);
  assert.equal(heard, 4);
  end();
  withdraw("name:dead");
  assert.deepEqual([commitments(), heard], [[], 4]);
});

Deno.test("only what a widget of this page stands behind is current", async () => {
  localStorage.setItem("press-start::reader", JSON.stringify([GUESS, NAMED]));
  const other = "../../../../engine/widgets/shared/reader_record.ts?read-anew";
  const anew: { claim: typeof claim; commit: typeof commit; currentCommitments: typeof currentCommitments } =
    await import(other);
  assert.deepEqual(anew.currentCommitments(), []);
  anew.claim(NAMED.key);
  assert.deepEqual(anew.currentCommitments(), [NAMED]);
  anew.commit({ ...GUESS, said: "1.3" });
  assert.deepEqual(anew.currentCommitments(), [{ ...GUESS, said: "1.3" }, NAMED]);
  localStorage.removeItem("press-start::reader");
});

Deno.test("only stored entries of the right form are restored", () => {
  for (const stored of [null, "x", 3, {}, [null, 1, "x", {}, { ...GUESS, right: "yes" }, { ...GUESS, said: 1 }]]) {
    assert.deepEqual(restored(stored), [], JSON.stringify(stored));
  }
  assert.deepEqual(restored([GUESS, 5, NAMED]), [GUESS, NAMED]);
});
