// Catches: a graphics card that is woken where that helps nothing, or not woken where it would; a run whose bits depend
// on it; a pause, a save or a reset that waits until the card is awake.
import assert from "node:assert/strict";
import { TrainingSession } from "../../../engine/session/session.ts";
import { type Stretch, wakesCard, WAKING_MS } from "../../../engine/session/waking.ts";
import { inOneOfThree } from "../quickest.ts";
import { options, outcome, rest, undisturbed, until } from "./sessions.ts";
import { WakingCard } from "./waking_card.ts";

const milestones = [0, 25, 200, 400].map((iteration) => ({ iteration, characters: 9 }));

/** A card that has trained 25 iterations, at 400 a second. */
function stretch(other: Partial<Stretch>): Stretch {
  return {
    engine: { kind: "webgpu" },
    record: { rate: 400 },
    rehearsal: { rate: null },
    milestones,
    iteration: 25,
    ...other,
  };
}

const CASES: [string, Partial<Stretch>, boolean][] = [
  ["the next stretch takes 437 ms", {}, true],
  ["the CPU engine trains", { engine: { kind: "cpu" } }, false],
  ["the engine is gone", { engine: null }, false],
  ["the next stretch takes 1.75 s", { record: { rate: 100 } }, false],
  ["before the first stretch, of 250 ms", { record: { rate: 100 }, iteration: 0 }, true],
  ["the speed is unknown", { record: { rate: null } }, false],
  ["only a rehearsal knows the speed", { record: { rate: null }, rehearsal: { rate: 400 } }, true],
  ["the run trains more slowly than its rehearsal", { record: { rate: 100 }, rehearsal: { rate: 400 } }, false],
  ["the run has reached its last milestone", { iteration: 400 }, false],
  ["the next rest is far, although norms are observed before", {
    record: { rate: 100 },
    milestones: [...milestones.slice(0, 2), { iteration: 30, characters: 0, only_norms: true }, ...milestones.slice(2)],
  }, false],
];

Deno.test("a card is woken before a short stretch of training, and only then", () => {
  for (const [name, other, expected] of CASES) assert.equal(wakesCard(stretch(other)), expected, name);
});

/** A session on a card that makes an iteration in `ms` milliseconds, and rests so long for a whole sample. */
function sessionOn(ms: number, rest_ms = 200) {
  const cards: WakingCard[] = [], given = options();
  given.sampling = { ...given.sampling, rest_ms };
  const makeWorker = () => {
    cards.push(new WakingCard(ms));
    return cards.at(-1) as unknown as Worker;
  };
  const session = new TrainingSession("main", given, { makeWorker, cores: 1 });
  return { session, sampling: given.sampling, card: () => cards.at(-1)! };
}

/** A test of a session that wakes its card at iteration 20, at the end of its only long rest. */
function whileWaking(name: string, test: (session: TrainingSession, card: () => WakingCard) => Promise<void>): void {
  Deno.test(name, () =>
    inOneOfThree(async () => {
      const { session, sampling, card } = sessionOn(1, 0);
      try {
        session.start();
        await until(session, () => session.iteration > 10);
        sampling.rest_ms = 4 * WAKING_MS; // half of it, because the sample is a short one
        await until(session, () => session.iteration === 20 && session.speaking);
        sampling.rest_ms = 0;
        while (!card().waking && session.speaking) await rest(5);
        assert.ok(card().waking && session.speaking, "the moment has passed");
        await test(session, card);
      } finally {
        session.dispose();
      }
    }));
}

Deno.test("losses, samples and weights are the same whether the card was woken or not", async () => {
  for (const [ms, iterations] of [[1, [10, 20, 40]], [2000, []]] as const) {
    const { session, card } = sessionOn(ms);
    session.start();
    assert.deepEqual(await outcome(session), await undisturbed());
    assert.deepEqual(card().wakes.map(({ iteration }) => iteration), iterations);
    assert.ok(card().wakes.every(({ ms }) => ms > 0 && ms < 201), `${card().wakes.map(({ ms }) => ms)}`);
    session.dispose();
  }
});

whileWaking("the card is woken only at the end of a long rest", async (session, card) => {
  const [{ ms }] = card().wakes;
  assert.ok(ms > 0 && ms <= WAKING_MS, `${ms}`);
  await until(session, () => session.iteration > 20);
  assert.ok(!card().waking && session.samples.at(-1)!.iteration === 20);
});

whileWaking("a file does not wait until the card is awake, which is woken again afterwards", async (session, card) => {
  const [{ ms }] = card().wakes;
  await session.save();
  assert.notEqual(session.speaking, null, "it waited for the rest's end");
  await until(session, () => session.iteration > 20);
  const [, again] = card().wakes;
  assert.ok(again.iteration === 20 && again.ms <= ms, `${JSON.stringify(again)} after ${ms} ms`);
  assert.deepEqual(await outcome(session), await undisturbed());
});

const PAUSES: [string, (session: TrainingSession) => void, (session: TrainingSession) => void][] = [
  ["a pause", (session) => session.pause(), (session) => session.start()],
  ["a hidden page", (session) => session.hide(), (session) => session.show()],
  ["another run", (session) => session.wait("another run"), (session) => session.goOn()],
  ["a reset", (session) => session.reset(), (session) => session.start()],
  ["a release", (session) => session.release(), (session) => session.start()],
  ["another engine", (session) => session.prefer("webgpu"), (session) => session.start()],
];

for (const [name, stop, goOn] of PAUSES) {
  whileWaking(`${name} ends the card's work at once, and the run ends as if undisturbed`, async (session, card) => {
    const first = card();
    stop(session);
    await rest(50);
    assert.ok(!first.waking && session.speaking === null);
    const { passes } = first.counts, kept = session.samples.length;
    assert.ok(kept === (session.iteration === 20 ? 3 : 0), `${kept} samples`);
    await rest(WAKING_MS / 3);
    assert.equal(first.counts.passes, passes, "it works on");
    goOn(session);
    assert.deepEqual(await outcome(session), await undisturbed());
  });
}

whileWaking("a run that is paused and started again in the same moment goes on", async (session) => {
  session.pause();
  session.start();
  assert.deepEqual(await outcome(session), await undisturbed());
});
