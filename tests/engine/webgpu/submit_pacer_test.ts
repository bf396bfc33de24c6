// Runs the pacer on a simulated GPU: it must keep the GPU busy and its queue short, at any speed of GPU and browser.
import assert from "node:assert/strict";
import { Pacer } from "../../../engine/webgpu/submit_pacer.ts";
import { ranges } from "../../../engine/webgpu/pieces.ts";

/** Most unanswered submits, and most iterations in a submit, as in the backend. */
const FLIGHTS = 16, LARGEST = 256;
/** With answers every 100 ms, the pacer may take this long to learn how fast the GPU is. */
const SETTLED_MS = 1500;

interface Gpu {
  /** Milliseconds per iteration. */
  pace: number;
  /** The browser answers at multiples of this many milliseconds. */
  answers_every: number;
  /** The browser's clock at a given time, in milliseconds. */
  clock?: (ms: number) => number;
}

interface Course {
  /** Fraction of the time that the GPU worked, once the pace is known. */
  busy: number;
  /** Longest time that the GPU would have continued after a stop, once the pace is known. */
  longest_stop: number;
  /** Longest submit, once the pace is known. */
  longest_submit: number;
  /** Longest submit (one piece) and longest queue, including before the pace is known. */
  longest_piece: number;
  longest_queue: number;
  iterations: number;
}

/** Simulates the backend's loop for some seconds, in steps of a tenth of a millisecond. */
function simulate(pacer: Pacer, { pace, answers_every, clock = (ms) => ms }: Gpu, milliseconds = 4000): Course {
  const flights: { until: number; done_at: number }[] = [];
  let submitted = 0, idle_at = 0, idle = 0, wake = 0;
  const course = { busy: 0, longest_stop: 0, longest_submit: 0, longest_piece: 0, longest_queue: 0, iterations: 0 };
  pacer.begin(0);
  for (let step = 0; step <= milliseconds * 10; step++) {
    const now = step / 10, settled = now > SETTLED_MS;
    if (settled && now >= idle_at) idle += 0.1;
    if (now % answers_every < 0.05 || answers_every - now % answers_every < 0.05) {
      while (flights.length > 0 && flights[0].done_at <= now) {
        pacer.answered(course.iterations = flights.shift()!.until, clock(now));
        wake = 0;
      }
    }
    if (now < wake || flights.length === FLIGHTS) continue;
    const wait = pacer.wait(clock(now));
    // Browsers' timers are late by some milliseconds.
    if (wait > 0) wake = wait === Infinity ? Infinity : now + Math.max(4, wait);
    else {
      const count = pacer.count;
      submitted += count;
      idle_at = Math.max(now, idle_at) + count * pace;
      flights.push({ until: submitted, done_at: idle_at });
      course.longest_piece = Math.max(course.longest_piece, count * pace / pacer.pieces);
      course.longest_queue = Math.max(course.longest_queue, idle_at - now);
      pacer.submitted(count, clock(now));
      if (!settled) continue;
      course.longest_stop = Math.max(course.longest_stop, idle_at - now);
      course.longest_submit = Math.max(course.longest_submit, count * pace);
    }
  }
  course.busy = 1 - idle / (milliseconds - SETTLED_MS);
  return course;
}

for (const pace of [0.1, 0.45, 3, 9, 20]) {
  for (const answers_every of [0.2, 10, 100]) {
    Deno.test(`a GPU of ${pace} ms per iteration whose browser answers every ${answers_every} ms`, () => {
      const { busy, longest_stop, longest_submit } = simulate(new Pacer(LARGEST), { pace, answers_every });
      assert.ok(busy > 0.95, `it worked ${busy} of the time`);
      assert.ok(longest_stop < 100, `a stop would have taken ${longest_stop} ms`);
      assert.ok(longest_submit < 31, `a submit took ${longest_submit} ms`);
    });
  }
}

/** The lesson's milestones after iteration 0. */
const MILESTONES = [25, 50, 100, ...Array.from({ length: 10 }, (_, i) => 200 * (i + 1))];

/**
 * Simulates a run that waits for all answers at each milestone.
 * @param encode milliseconds to encode an iteration; the GPU can begin with a submit once all of it is encoded
 * @param latency milliseconds from the end of a submit to its answer
 * @returns the time without the measurements at milestones, in milliseconds
 */
function trainingTime(pacer: Pacer, { pace, encode, latency }: { pace: number; encode: number; latency: number }) {
  let now = 0, iteration = 0, total = 0;
  for (const milestone of MILESTONES) {
    const begin = now, flights: { until: number; at: number }[] = [];
    let idle_at = now, submitted = iteration;
    pacer.begin(iteration);
    while (iteration < milestone) {
      const wait = submitted < milestone ? pacer.wait(now) : Infinity;
      if (wait === 0) {
        const count = Math.min(pacer.count, milestone - submitted);
        now += count * encode;
        idle_at = Math.max(now, idle_at) + count * pace;
        flights.push({ until: submitted += count, at: idle_at + latency });
        pacer.submitted(count, now);
      } else {
        if (submitted === milestone) pacer.end();
        now = Math.max(now, Math.min(flights[0].at, now + Math.max(4, wait)));
      }
      while (flights.length > 0 && flights[0].at <= now) pacer.answered(iteration = flights.shift()!.until, now);
    }
    total += now - begin;
    now += 1200;
  }
  return total;
}

Deno.test("a fast GPU loses no time at milestones but for the wait for the last answer", () => {
  const pacer = new Pacer(LARGEST), fast = { pace: 0.28, encode: 0.1, latency: 2 };
  trainingTime(pacer, fast); // the rehearsal: the pace is known afterwards
  const ms = trainingTime(pacer, fast), working = 2000 * fast.pace, waiting = MILESTONES.length * fast.latency;
  const first_submits = MILESTONES.length * 2 / fast.pace * fast.encode;
  assert.ok(ms < working + waiting + 1.1 * first_submits, `it took ${ms} ms`);
  assert.ok(working / ms > 0.9, `it worked ${working / ms} of the time`);
});

Deno.test("a slow GPU gets one iteration per submit, and has at most two in its queue", () => {
  const { busy, longest_stop, longest_submit } = simulate(new Pacer(LARGEST), { pace: 400, answers_every: 0.2 }, 8000);
  assert.ok(busy > 0.99);
  assert.equal(longest_submit, 400);
  assert.ok(longest_stop < 810);
});

Deno.test("many short trainings do not make it believe that the GPU is fast", () => {
  const pacer = new Pacer(LARGEST);
  for (let i = 0, at = 0; i < 1000; i++) {
    pacer.begin(i);
    pacer.submitted(1, at);
    pacer.end();
    pacer.answered(i + 1, at += 20);
  }
  assert.equal(pacer.count, 1);
});

const ticking = (tick: number) => (ms: number) => Math.floor(ms / tick) * tick;
const CLOCKS: Record<string, { clock: (ms: number) => number; slow?: boolean }> = {
  "ticks every 16 ms": { clock: ticking(16) },
  "ticks every 100 ms": { clock: ticking(100) },
  "ticks every second": { clock: ticking(1000), slow: true },
  "stands still": { clock: () => 1234, slow: true },
  "stands still after a second": { clock: (ms) => Math.min(ms, 1000), slow: true },
  "goes back by an hour": { clock: (ms) => ms < 900 ? ms : ms - 3_600_000 },
  "goes back again and again": { clock: (ms) => ms - 1000 * Math.floor(ms / 1500) },
  "leaps by an hour": { clock: (ms) => ms < 900 ? ms : ms + 3_600_000 },
};

for (const [name, { clock, slow }] of Object.entries(CLOCKS)) {
  Deno.test(`with a clock that ${name}, submits and queue stay short, and the GPU stays busy`, () => {
    for (const pace of [0.1, 0.45, 3, 20, 90, 400, 1500]) {
      for (const answers_every of [0.2, 10, 100]) {
        const course = simulate(new Pacer(LARGEST), { pace, answers_every, clock }, 8000);
        const { longest_piece, longest_queue, busy, iterations } = course, at = `${pace} ms, answers ${answers_every}`;
        assert.ok(longest_piece <= 200, `${at}: a submit took ${longest_piece} ms`);
        assert.ok(longest_queue <= Math.max(300, 2.1 * pace), `${at}: a stop would have taken ${longest_queue} ms`);
        assert.ok(iterations > 0.9 * 8000 / Math.max(pace + answers_every, 2 * answers_every), `${at}: ${iterations}`);
        if (!slow) assert.ok(busy > 0.8, `${at}: it worked ${busy} of the time`);
      }
    }
  });
}

Deno.test("an iteration is split between dispatches, and each dispatch runs exactly once", () => {
  for (const dispatches of [1, 2, 22, 77]) {
    for (const pieces of [1, 2, 8, 30, 1000]) {
      const cut = ranges(dispatches, pieces);
      assert.ok(cut.length <= pieces && cut.every(([from, to]) => from < to));
      assert.deepEqual(cut.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)), [
        ...Array(dispatches).keys(),
      ]);
    }
  }
});
