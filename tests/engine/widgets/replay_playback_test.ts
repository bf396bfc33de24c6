// Catches: a replay that runs past its end or never ends, jumps over a sample, takes longer or shorter than it says,
// or shows of the curve what has not come yet.
import assert from "node:assert/strict";
import { FrameClock, Playback, upTo } from "../../../engine/widgets/replay_playback.ts";

const STOPS = [0, 25, 100, 400];

/** Plays in steps of `ms`. @returns where it stood after each */
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

Deno.test("it begins at the end, plays from the start, and takes as long as it says", () => {
  const playback = new Playback(400, STOPS);
  assert.deepEqual([playback.iteration, playback.ended], [400, true]);
  for (const ms of [16, 7.3, 100]) {
    const seen = play(playback, ms, 10_000);
    assert.ok(Math.abs(seen.length * ms - 10_000) <= ms + 1e-6, `${seen.length} steps of ${ms} ms`);
    assert.ok(seen.every((at, i) => i === 0 || at >= seen[i - 1]), "never back");
    assert.equal(seen.at(-1), 400);
  }
});

Deno.test("it rests at every sample, equally long, also at the first and the last", () => {
  const seen = play(new Playback(400, STOPS), 10, 10_000);
  const rests = STOPS.map((stop) => seen.filter((at) => at === stop).length);
  for (const rest of rests) assert.ok(Math.abs(rest - 150) <= 2, `${rests}`);
});

Deno.test("a long step passes no sample by", () => {
  const playback = new Playback(400, STOPS);
  playback.begin();
  playback.advance(1e9, 10_000);
  assert.deepEqual([playback.iteration, playback.ended], [400, true]);
});

Deno.test("who scrubs stays within the run, and finds the samples before and after", () => {
  const playback = new Playback(400, STOPS);
  assert.deepEqual([playback.neighbour(-1), playback.neighbour(1)], [100, null]);
  playback.seek(25);
  assert.deepEqual([playback.neighbour(-1), playback.neighbour(1)], [0, 100]);
  playback.seek(-3);
  assert.deepEqual([playback.iteration, playback.neighbour(-1)], [0, null]);
  playback.seek(1e6);
  assert.equal(playback.iteration, 400);
  playback.seek(60);
  playback.advance(60, 10_000); // 100 iterations a second of moving
  assert.equal(playback.iteration, 66);
});

Deno.test("a faster replay goes on from where it is", () => {
  const playback = new Playback(400, STOPS);
  playback.seek(25);
  playback.advance(750, 10_000); // half of its rest
  playback.advance(374, 5_000);
  assert.equal(playback.iteration, 25);
  playback.advance(3, 5_000);
  assert.ok(playback.iteration > 25 && playback.iteration < 26);
});

Deno.test("of the curve there is to be seen what has come", () => {
  const columns = { iteration: [0, 3, 7, 9], train: [4, 3, 2, 1], val: [4, null, 3, null] };
  assert.deepEqual([0, 2, 3, 8, 9, 50].map((at) => upTo(columns, at).iteration.at(-1)), [0, 0, 3, 7, 9, 9]);
  assert.deepEqual(upTo(columns, 7), { iteration: [0, 3, 7], train: [4, 3, 2], val: [4, null, 3] });
  assert.deepEqual(upTo({ iteration: [5], train: [1], val: [null] }, 4).iteration, []);
});

Deno.test("a replay moves by any clock, and does not leap", () => {
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
