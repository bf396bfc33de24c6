// Catches: two runs that train at the same time; a run that waits for ever, or that trains although it is another's
// turn; a measurement while a run trains.
import assert from "node:assert/strict";
import type { Status, TrainingSession } from "../../../engine/session/session.ts";
import { RANK, type Taker, Turns } from "../../../engine/session/turns.ts";

/** The part of a session that matters for turns: it wants to train or not, and trains unless it has to wait. */
class Fake {
  status: Status = "idle";
  reason: string | null = null;
  reasons: string[] = [];
  #listeners: ((status: Status) => void)[] = [];
  #hidden = false;

  constructor(turns: Turns, readonly place: number, rank = RANK.run, wanted = false) {
    this.leave = turns.follow(this as unknown as TrainingSession, { words: `run ${place}`, place, rank }, wanted);
  }

  leave: () => void;
  on(_event: "status", listener: (status: Status) => void): () => void {
    this.#listeners.push(listener);
    return () => this.#listeners = this.#listeners.filter((one) => one !== listener);
  }
  wait(reason: string): void {
    this.reasons.push(reason);
    this.reason = reason;
    if (this.wants) this.set("waiting");
  }
  goOn(): void {
    this.reason = null;
    if (this.wants) this.start();
  }
  start(): void {
    this.set(this.#hidden ? "hidden" : this.reason === null ? "running" : "waiting");
  }
  hide(hidden: boolean): void {
    this.#hidden = hidden;
    if (this.wants) this.start();
  }
  get wants(): boolean {
    return this.status === "running" || this.status === "waiting" || this.status === "hidden";
  }
  set(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

const statuses = (...all: Fake[]) => all.map(({ status }) => status).join(" ");

Deno.test("later runs wait, say for which run, and get their turns in order", () => {
  const turns = new Turns(), [a, b, c] = [0, 1, 2].map((place) => new Fake(turns, place));
  b.start();
  a.start();
  c.start();
  assert.equal(statuses(a, b, c), "waiting running waiting");
  assert.deepEqual([a.reason, c.reason], ["run 1 below", "run 1 above"]);
  b.set("done");
  assert.equal(statuses(a, b, c), "running done waiting");
  assert.equal(c.reason, "run 0 above");
  a.set("diverged");
  assert.equal(statuses(a, b, c), "diverged done running");
  c.set("done");
  assert.deepEqual([a.reason, b.reason, c.reason], [null, null, null]);
});

Deno.test("the next turn begins when the first ends by a pause, reset, failure or end, or the run leaves", () => {
  for (const end of ["paused", "idle", "failed", "done", "diverged"] as const) {
    const turns = new Turns(), a = new Fake(turns, 0), b = new Fake(turns, 1);
    a.start();
    b.start();
    a.set(end);
    assert.equal(b.status, "running", end);
    if (end !== "paused" && end !== "idle") continue;
    a.start();
    assert.equal(statuses(a, b), "waiting running", "a resumed run waits behind the running one");
    b.set("paused");
    assert.equal(statuses(a, b), "running paused");
  }
  const turns = new Turns(), a = new Fake(turns, 0), b = new Fake(turns, 1);
  a.start();
  b.start();
  a.leave();
  assert.equal(b.status, "running");
});

Deno.test("a run paused while it waits loses its place; one that is reset and started again waits again", () => {
  const turns = new Turns(), a = new Fake(turns, 0), b = new Fake(turns, 1);
  a.start();
  b.start();
  b.set("paused");
  a.set("done");
  assert.equal(statuses(a, b), "done paused");
  a.start();
  b.set("idle");
  b.start();
  assert.equal(statuses(a, b), "running waiting");
});

Deno.test("in a hidden tab all runs keep their places; one that is paused meanwhile loses its turn", () => {
  const turns = new Turns(), a = new Fake(turns, 0), b = new Fake(turns, 1), both = [a, b];
  a.start();
  b.start();
  both.forEach((one) => one.hide(true));
  both.forEach((one) => one.hide(false));
  assert.equal(statuses(a, b), "running waiting");
  both.forEach((one) => one.hide(true));
  a.set("paused");
  both.forEach((one) => one.hide(false));
  assert.equal(statuses(a, b), "paused running");
});

Deno.test("a preset goes before runs that began earlier, and they continue in their old order", () => {
  const turns = new Turns(), a = new Fake(turns, 0), b = new Fake(turns, 3);
  a.start();
  b.start();
  const preset = new Fake(turns, 2, RANK.preset, true);
  preset.start();
  assert.deepEqual(preset.reasons, [], "it never waited");
  assert.equal(statuses(a, b, preset), "waiting waiting running");
  assert.deepEqual([a.reason, b.reason], ["run 2 below", "run 2 above"]);
  preset.set("failed");
  preset.leave();
  assert.equal(statuses(a, b), "running waiting");
  assert.equal(b.reason, "run 0 above");
});

Deno.test("a measurement runs alone; a second one and a preset wait for its end", async () => {
  const turns = new Turns(), a = new Fake(turns, 0), heard: string[] = [];
  a.start();
  const place = { words: "the measurement", place: 1, rank: RANK.measurement };
  const one = turns.alone(place), two = turns.alone({ ...place, place: 2 });
  one.ready.then(() => heard.push("one"));
  two.ready.then(() => heard.push("two"));
  const preset = new Fake(turns, 3, RANK.preset, true);
  preset.start();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([heard, statuses(a, preset)], [["one"], "waiting waiting"]);
  one.leave();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([heard, statuses(a, preset)], [["one", "two"], "waiting waiting"]);
  two.leave();
  assert.equal(statuses(a, preset), "waiting running");
  preset.set("paused");
  assert.equal(a.status, "running");
});

Deno.test("a taker that leaves before its turn never gets it", () => {
  const turns = new Turns(), place = { words: "m", place: 0, rank: RANK.measurement };
  const one = turns.alone(place), two = turns.alone(place), a = new Fake(turns, 1);
  a.start();
  two.leave();
  assert.equal(a.status, "waiting");
  one.leave();
  assert.equal(a.status, "running");
});

Deno.test("whatever happens, exactly one run trains as long as any wants to", () => {
  let state = 5;
  const draw = (n: number) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16) % n;
  for (let round = 0; round < 200; round++) {
    const turns = new Turns(), runs = [0, 1, 2, 3].map((place) => new Fake(turns, place));
    for (let i = 0; i < 30; i++) {
      const run = runs[draw(runs.length)];
      if (run.wants) run.set((["paused", "idle", "done", "failed"] as const)[draw(4)]);
      else run.start();
      const running = runs.filter(({ status }) => status === "running").length;
      assert.equal(running, runs.some(({ wants }) => wants) ? 1 : 0, `${statuses(...runs)}`);
    }
  }
});

Deno.test("a taker may give up its turn as soon as it gets it", () => {
  const turns = new Turns(), b = new Fake(turns, 1);
  let leave = () => {};
  const shy: Taker = { words: "shy", place: 0, rank: RANK.run, wait: () => {}, goOn: () => turns.want(shy, false) };
  leave = turns.join(shy);
  b.start();
  turns.want(shy, true);
  const c = new Fake(turns, 2);
  c.start();
  b.set("done");
  assert.equal(c.status, "running");
  leave();
});
