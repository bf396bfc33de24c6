// Catches: a run that is saved too often, or not when it rests or its tab is hidden; a save that nothing new needed; a
// file under another iteration's name; a run without a future that is kept; a failure that ends training.
import assert from "node:assert/strict";
import { Autosave } from "../../../engine/keeping/autosave.ts";
import { KeepingError } from "../../../engine/keeping/database.ts";
import { type Kept, type KeptRuns, type Place, type Save, withSave } from "../../../engine/keeping/kept_run.ts";
import type { TrainingSession } from "../../../engine/session/session.ts";
import { makeSession, options, rest, until } from "../session/sessions.ts";

/** Remembers what it was given. */
class Shelf {
  now: KeptRuns | null = null;
  saves: { save: Save; file: ArrayBuffer }[] = [];
  removed: Kept[] = [];
  failure: KeepingError | null = null;
  most_at_once = 0;
  #open = 0;

  async keep(at: Place & { title: string }, save: Save, file: ArrayBuffer): Promise<KeptRuns> {
    this.most_at_once = Math.max(this.most_at_once, ++this.#open);
    await rest(5);
    this.#open--;
    if (this.failure) throw this.failure;
    this.saves.push({ save, file });
    return this.now = withSave(this.now, at, save);
  }

  remove(_place: Place, kept: Kept): Promise<void> {
    this.removed.push(kept);
    return Promise.resolve();
  }
}

const PAGE = { place: { path: "/lesson.html", session: "main" }, title: () => "A lesson" };

/** A session whose run is kept on a shelf, by a clock that runs `speed` times as fast. */
async function withAutosave(
  speed: number,
  work: (session: TrainingSession, shelf: Shelf, autosave: Autosave) => Promise<void>,
  given = options(),
): Promise<void> {
  const session = makeSession(1, given), shelf = new Shelf(), begin = performance.now();
  const now = () => begin + speed * (performance.now() - begin);
  const autosave = new Autosave(session, shelf, PAGE, () => {}, now);
  try {
    await work(session, shelf, autosave);
  } finally {
    autosave.dispose();
    session.dispose();
  }
}

/** A run that no test sees the end of. */
function endless() {
  const given = options();
  given.training.iterations = 100_000;
  return given;
}

const settled = (shelf: Shelf, saves: number) => async () => {
  const end = performance.now() + 5000;
  while (shelf.saves.length < saves) {
    assert.ok(performance.now() < end, `${shelf.saves.length} of ${saves} saves`);
    await rest(5);
  }
  return shelf.saves.at(-1)!.save;
};

Deno.test("a finished run is kept as it is in the end, and its file is that run", async () => {
  await withAutosave(1, async (session, shelf, autosave) => {
    session.start();
    await until(session, () => session.status === "done");
    await rest(100);
    const { save, file } = shelf.saves.at(-1)!;
    assert.equal(save.iteration, session.iterations);
    assert.equal(save.done, true);
    assert.equal(save.bytes, file.byteLength);
    assert.equal(save.val, session.val_nll);
    const facts = await session.read(new Blob([file]));
    assert.equal(facts.about.iteration, save.iteration);
    assert.equal(facts.about.seed, save.seed);
    assert.equal(facts.unlike, null);
    assert.equal(autosave.safe, true);
    assert.equal(shelf.most_at_once, 1);
  });
});

Deno.test("a long run is saved every few seconds, and each file holds the iteration that it says", async () => {
  await withAutosave(20, async (session, shelf) => {
    Object.defineProperty(session, "saving_ms", { get: () => 0 }); // training time is not on that clock
    session.start();
    await settled(shelf, 4)();
    session.pause();
    await until(session, () => session.status === "paused");
    await rest(1200); // the timer knows nothing of the clock
    assert.equal(shelf.saves.at(-1)!.save.iteration, session.iteration);
    for (const { save, file } of shelf.saves) {
      assert.equal((await session.read(new Blob([file]))).about.iteration, save.iteration);
    }
    assert.equal(new Set(shelf.saves.map(({ save }) => save.run)).size, 1);
    const { length } = shelf.saves;
    await rest(300); // six seconds of its clock
    assert.equal(shelf.saves.length, length, "nothing new was saved again");
  }, endless());
});

Deno.test("saving takes no more than half a percent of the time", async () => {
  await withAutosave(1, async (session, shelf) => {
    // A Worker that takes 100 ms for a file: the next one follows after 20 s at the earliest.
    let saving_ms = 0;
    Object.defineProperty(session, "saving_ms", { get: () => saving_ms });
    const save = session.save.bind(session);
    session.save = async () => {
      const file = await save();
      saving_ms += 100;
      return file;
    };
    session.start();
    await until(session, () => session.samples.length > 2);
    await rest(2500);
    assert.ok(shelf.saves.length <= 1, `${shelf.saves.length} saves`);
  }, endless());
});

Deno.test("a run is kept when its tab is hidden, and when the page is left", async () => {
  await withAutosave(1, async (session, shelf, autosave) => {
    session.start();
    await until(session, () => session.samples.some(({ iteration }) => iteration > 0));
    session.hide();
    await until(session, () => session.status === "hidden");
    await rest(200);
    assert.equal(shelf.saves.at(-1)!.save.iteration, session.iteration);
    session.show();
    const from = session.iteration;
    await until(session, () => session.iteration > from + 2);
    autosave.saveNow();
    const { length } = shelf.saves;
    assert.ok((await settled(shelf, length + 1)()).iteration > from);
  }, endless());
});

Deno.test("a run without a sample of its own is not kept, and a reset deletes nothing", async () => {
  await withAutosave(1, async (session, shelf) => {
    session.start();
    await until(session, () => session.iteration > 0 && session.samples.length === 1);
    session.pause();
    await rest(150);
    assert.equal(shelf.saves.length, 0);
    session.start();
    await until(session, () => session.status === "done");
    await rest(150);
    const { length } = shelf.saves, { newest: first } = shelf.now!;
    session.reset("another");
    await rest(150);
    assert.equal(shelf.saves.length, length);
    assert.deepEqual(shelf.removed, []);
    session.start();
    await until(session, () => session.status === "done");
    await rest(1200);
    assert.equal(shelf.now!.newest.seed, "another");
    assert.equal(shelf.now!.before!.run, first.run);
  });
});

Deno.test("a failure is reported, and training goes on; a success ends it", async () => {
  await withAutosave(40, async (session, shelf, autosave) => {
    shelf.failure = new KeepingError("full");
    session.start();
    await until(session, () => autosave.failure !== null);
    assert.match(autosave.failure!, /no room left.*save the run as a file/);
    assert.equal(autosave.safe, false);
    const from = session.iteration;
    await until(session, () => session.iteration > from + 5);
    shelf.failure = null;
    await settled(shelf, 1)();
    await until(session, () => autosave.failure === null);
    assert.equal(autosave.safe, true);
  }, endless());
});

Deno.test("a run that diverges is not kept", async () => {
  const given = options();
  Object.assign(given.training, { iterations: 400, warmup_iterations: 0, learning_rate: 40 });
  await withAutosave(1, async (session, shelf) => {
    session.start();
    await until(session, () => session.ended);
    await rest(150);
    assert.equal(session.status, "diverged");
    assert.equal(shelf.removed.length, shelf.saves.length > 0 ? 1 : 0);
  }, given);
});

Deno.test("a run that goes on keeps its name, and is not saved again before it has trained", async () => {
  await withAutosave(1, async (session, shelf, autosave) => {
    session.start();
    await until(session, () => session.status === "done");
    await rest(150);
    const { newest } = shelf.now!, { file } = shelf.saves.at(-1)!, { length } = shelf.saves;
    session.reset("another");
    await autosave.resume(newest, () => session.load(file));
    assert.equal(session.status, "done");
    await rest(1300);
    assert.equal(shelf.saves.length, length);
    assert.equal(autosave.safe, true);
  });
});

Deno.test("a file that replaces the run has a name of its own, and the run before it stays", async () => {
  await withAutosave(1, async (session, shelf, autosave) => {
    session.start();
    await until(session, () => session.status === "done");
    const file = await session.save();
    await settled(shelf, 1)();
    session.reset("another");
    session.start();
    await until(session, () => session.iteration > 20);
    session.pause();
    await until(session, () => session.status === "paused");
    await rest(1200);
    const { newest } = shelf.now!;
    assert.equal(newest.seed, "another");
    await session.load(file);
    assert.equal(autosave.safe, false);
    await rest(1200);
    assert.deepEqual([shelf.now!.newest.seed, shelf.now!.newest.iteration], ["hamlet", session.iterations]);
    assert.notEqual(shelf.now!.newest.run, newest.run);
    assert.equal(shelf.now!.fallback, null);
  });
});
