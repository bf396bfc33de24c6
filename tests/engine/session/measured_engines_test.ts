// Catches: a page that makes the browser forget what another page goes by, and a store that grows or that breaks a page.
import assert from "node:assert/strict";
import { type Kept, machine, Page, test } from "./made_up_machine.ts";
import { MeasuredEngines } from "../../../engine/session/measured_engines.ts";

const CARD = "ACME 1";
const SLOW_CARD = { webgpu: 10, cpu: 20, workers: 2 };

/** A browser's store, and what a page about something finds in it. */
function browser(json = "null") {
  const kept = { json };
  const store = {
    recall: () => JSON.parse(kept.json),
    remember: (value: unknown) => kept.json = JSON.stringify(value),
  };
  return { kept, page: (about: string) => new MeasuredEngines(() => about, store) };
}

test("pages with models of two sizes keep their own choice, visit for visit", async () => {
  const kept: Kept = { json: "null" };
  for (const [size, card, cpu] of [["large", 50, 100], ["tiny", 100, 50]] as const) {
    (await new Page(machine(card, cpu), kept, size).rehearsed()).session.dispose();
  }
  for (const [size, engine] of [["large", "webgpu"], ["tiny", "cpu 2"], ["large", "webgpu"], ["tiny", "cpu 2"]]) {
    const other_day = size === "large" ? machine(100, 50) : machine(50, 100);
    const page = await new Page(other_day, kept, size).rehearsed();
    assert.deepEqual(page.did, [engine, `train ${engine}`], `${size}: nothing is compared again`);
    page.session.dispose();
  }
});

Deno.test("the number of Workers, too, is kept for each size", () => {
  const { page } = browser();
  page("large").keepWorkers(8);
  page("tiny").keepWorkers(4);
  page("large").keepWorkers(4);
  assert.deepEqual([page("large").workers, page("tiny").workers, page("other").workers], [8, 4, null]);
});

Deno.test("eight sizes are remembered: those that were visited last", () => {
  const { kept, page } = browser();
  for (let n = 0; n < 8; n++) page(`${n} a`).keep(CARD, SLOW_CARD);
  assert.deepEqual(page("0 a").of(CARD), SLOW_CARD);
  page("8 a").keep(CARD, SLOW_CARD);
  assert.deepEqual(Object.keys(JSON.parse(kept.json)), [2, 3, 4, 5, 6, 7, 0, 8].map((n) => `${n} a`));
  assert.equal(page("1 a").of(CARD), null);
  const before = kept.json;
  assert.deepEqual(page("8 a").of(CARD), SLOW_CARD);
  assert.equal(page("9 a").workers, null);
  assert.equal(kept.json, before, "a visit that measures nothing leaves no entry");
});

Deno.test("what another program has stored is ignored, and gone with the next result", () => {
  const rubbish: unknown[] = [7, "words", true, [], [[]], { tiny: null }, { tiny: { cards: "ACME 1", workers: 3 } }];
  rubbish.push({ about: "tiny", cards: { [CARD]: SLOW_CARD }, workers: 8 });
  rubbish.push({ tiny: { cards: { [CARD]: { ...SLOW_CARD, cpu: -1 } }, workers: "8" }, large: [8], other: {} });
  for (const value of rubbish) {
    const { kept, page } = browser(JSON.stringify(value)), tiny = page("tiny");
    assert.deepEqual([tiny.of(CARD), tiny.workers, tiny.overrules], [null, null, null], JSON.stringify(value));
    tiny.keep(CARD, SLOW_CARD);
    assert.deepEqual(JSON.parse(kept.json), { tiny: { cards: { [CARD]: SLOW_CARD }, workers: null } });
  }
  const { kept, page } = browser(JSON.stringify({ large: { cards: {}, workers: 8 }, tiny: 7 }));
  page("tiny").keepWorkers(4);
  assert.deepEqual(JSON.parse(kept.json), { large: { cards: {}, workers: 8 }, tiny: { cards: {}, workers: 4 } });
});
