// The pacer on a simulated GPU: it must keep the GPU busy, and its queue short, at any speed of GPU and browser.
import assert from "node:assert/strict";
import { Pacer } from "../../engine/webgpu/pacer.ts";

/** Submits that may be unanswered at one time, as in the backend. */
const FLIGHTS = 16, LARGEST = 256;
/** Where answers come every 100 ms, so long may it take to learn how fast the GPU is. */
const SETTLED_MS = 1500;

interface Gpu {
  /** Milliseconds of an iteration. */
  pace: number;
  /** The browser answers at multiples of this many milliseconds. */
  answers_every: number;
}

interface Course {
  /** Part of the time in which the GPU worked, once the pace is known. */
  busy: number;
  /** The longest time that the GPU would have gone on after a stop. */
  longest_stop: number;
  /** Longest submit. */
  longest_submit: number;
}

/** Some seconds in steps of a tenth of a millisecond, as the backend's loop would live through them. */
function simulate(pacer: Pacer, { pace, answers_every }: Gpu, milliseconds = 4000): Course {
  const flights: { until: number; done_at: number }[] = [];
  let submitted = 0, idle_at = 0, idle = 0, wake = 0;
  const course = { busy: 0, longest_stop: 0, longest_submit: 0 };
  pacer.begin(0);
  for (let step = 0; step <= milliseconds * 10; step++) {
    const now = step / 10, settled = now > SETTLED_MS;
    if (settled && now >= idle_at) idle += 0.1;
    if (now % answers_every < 0.05 || answers_every - now % answers_every < 0.05) {
      while (flights.length > 0 && flights[0].done_at <= now) {
        pacer.answered(flights.shift()!.until, now);
        wake = 0;
      }
    }
    if (now < wake || flights.length === FLIGHTS) continue;
    const wait = pacer.wait(now);
    // Timers of browsers are late by some milliseconds.
    if (wait > 0) wake = wait === Infinity ? Infinity : now + Math.max(4, wait);
    else {
      const count = pacer.count;
      submitted += count;
      idle_at = Math.max(now, idle_at) + count * pace;
      flights.push({ until: submitted, done_at: idle_at });
      pacer.submitted(count, now);
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

Deno.test("a slow GPU gets one iteration at a time, and two in all", () => {
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
