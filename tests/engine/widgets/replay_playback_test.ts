// Catches: a replay that runs past its end or never ends, skips a sample, takes longer or shorter than it says, or
// shows parts of the curve too early.
import assert from "node:assert/strict";
import { FrameClock, Playback, upTo } from "../../../engine/widgets/replay_playback.ts";

const STOPS = [0, 25, 100, 400];

/** Plays in steps of `ms`. @returns the iteration after each step */
function play(playback: Playback, ms: number, whole_ms: number): number[] {
  const seen: number[] = [];
  playback.begin();
  while (!playback.ended) {
    assert.ok(seen.length < 10_000, "it ends");
    playback.advance(ms, whole_ms);
    seen.push(playback.iteration);
  }
  return seen;
}

Deno.test("it opens at iteration 0, and each time plays from the start and takes as long as it says", () => {
  const playback = new Playback(400, STOPS);
  assert.deepEqual([playback.iteration, playback.ended, playback.neighbour(1)], [0, false, 25]);
  for (const ms of [16, 7.3, 100]) {
    const seen = play(playback, ms, 10_000);
    assert.ok(Math.abs(seen.length * ms - 10_000) <= ms + 1e-6, `${seen.length} steps of ${ms} ms`);
    assert.ok(seen.every((at, i) => i === 0 || at >= seen[i - 1]), "never back");
    assert.equal(seen.at(-1), 400);
  }
});

Deno.test("it rests equally long at every sample, including the first and the last", () => {
  const seen = play(new Playback(400, STOPS), 10, 10_000);
  const rests = STOPS.map((stop) => seen.filter((at) => at === stop).length);
  for (const rest of rests) assert.ok(Math.abs(rest - 150) <= 2, `${rests}`);
});

Deno.test("one very long step reaches the end", () => {
  const playback = new Playback(400, STOPS);
  playback.begin();
  playback.advance(1e9, 10_000);
  assert.deepEqual([playback.iteration, playback.ended], [400, true]);
});

Deno.test("scrubbing stays within the run and finds the previous and next samples", () => {
  const playback = new Playback(400, STOPS);
  playback.seek(400);
  assert.deepEqual([playback.neighbour(-1), playback.neighbour(1)], [100, null]);
  playback.seek(25);
  assert.deepEqual([playback.neighbour(-1), playback.neighbour(1)], [0, 100]);
  playback.seek(-3);
  assert.deepEqual([playback.iteration, playback.neighbour(-1)], [0, null]);
  playback.seek(1e6);
  assert.equal(playback.iteration, 400);
  playback.seek(60);
  playback.advance(60, 10_000); // moves at 100 iterations a second
  assert.equal(playback.iteration, 66);
});

Deno.test("changing the speed keeps the position", () => {
  const playback = new Playback(400, STOPS);
  playback.seek(25);
  playback.advance(750, 10_000); // half of its rest
  playback.advance(374, 5_000);
  assert.equal(playback.iteration, 25);
  playback.advance(3, 5_000);
  assert.ok(playback.iteration > 25 && playback.iteration < 26);
});

Deno.test("the curve is visible up to the current iteration", () => {
  const columns = { iteration: [0, 3, 7, 9], train: [4, 3, 2, 1], val: [4, null, 3, null] };
  assert.deepEqual([0, 2, 3, 8, 9, 50].map((at) => upTo(columns, at).iteration.at(-1)), [0, 0, 3, 7, 9, 9]);
  assert.deepEqual(upTo(columns, 7), { iteration: [0, 3, 7], train: [4, 3, 2], val: [4, null, 3] });
  assert.deepEqual(upTo({ iteration: [5], train: [1], val: [null] }, 4).iteration, []);
});

Deno.test("a replay moves with any clock, and never jumps", () => {
  const seconds = 20,
    clocks: [string, (ms: number) => number, number, number][] = [
      ["exact", (ms) => ms, 0.99, 1.01],
      ["every 16 ms", (ms) => Math.floor(ms / 16) * 16, 0.9, 1.1],
      ["every 100 ms", (ms) => Math.floor(ms / 100) * 100, 0.9, 1.1],
      ["every second", (ms) => Math.floor(ms / 1000) * 1000, 0.3, 1.1],
      ["stands still", () => 7, 0.9, 1.1],
      ["goes back", (ms) => ms - 5000 * Math.floor(ms / 10_000), 0.9, 1.1],
      ["leaps", (ms) => ms < 5000 ? ms : ms + 3_600_000, 0.9, 1.1],
    ];
  for (const [name, clock, least, most] of clocks) {
    const frames = new FrameClock();
    let passed = 0;
    frames.begin(clock(0));
    for (let frame = 1; frame <= 60 * seconds; frame++) {
      const step = frames.step(clock(frame * 1000 / 60));
      assert.ok(step >= 0 && step <= 100, `${name}: ${step}`);
      passed += step;
    }
    const part = passed / seconds / 1000;
    assert.ok(part >= least && part <= most, `${name}: ${part}`);
  }
});
