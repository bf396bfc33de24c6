// Catches: a pause, a hidden tab or a wait for another run that loses an iteration, ends by itself, or is described
// wrongly by the badge.
import assert from "node:assert/strict";
import { makeSession, options, outcome, rest, undisturbed, until } from "./sessions.ts";

Deno.test("a pause stops counter, clock and samples, and the badge says at which iteration", async () => {
  const session = makeSession();
  session.start();
  await until(session, () => session.iteration > 12);
  session.pause();
  assert.equal(session.status, "paused");
  await rest(100);
  const stands = [session.iteration, session.elapsed_ms, session.samples.length];
  assert.equal(session.detail, `paused at iteration ${session.iteration}`);
  await rest(100);
  assert.deepEqual([session.iteration, session.elapsed_ms, session.samples.length], stands);
  session.dispose();
});

Deno.test("a hidden run waits; a manual pause stays; a start in a hidden tab waits until it is visible", async () => {
  const session = makeSession();
  session.hide();
  session.start();
  assert.deepEqual([session.status, session.detail], ["hidden", "paused (tab in background)"]);
  session.pause();
  session.show();
  assert.equal(session.status, "idle");
  session.start();
  await until(session, () => session.iteration > 2);
  session.pause();
  session.hide();
  assert.equal(session.status, "paused");
  session.show();
  assert.equal(session.status, "paused");
  assert.deepEqual(session.log, []);
  session.dispose();
});

Deno.test("after the tab returns, badge and log keep giving the iteration of the pause", async () => {
  const session = makeSession(), badges = new Set<string>();
  session.start();
  await until(session, () => session.iteration > 12);
  session.hide();
  await rest(100);
  const at = session.iteration;
  session.on("status", () => badges.add(session.detail));
  session.show();
  await until(session, () => session.iteration > 41);
  const said = `was paused at iteration ${at} while the tab was in the background, then continued`;
  assert.deepEqual([...badges].filter((words) => words.startsWith("was paused")), [said]);
  assert.deepEqual(session.log, [{
    iteration: at,
    text: `tab in background: paused at iteration ${at}, then continued`,
  }]);
  session.dispose();
});

Deno.test("a run that waits for another says for which, and continues from the same iteration", async () => {
  const session = makeSession(), badges = new Set<string>();
  session.start();
  await until(session, () => session.iteration > 12);
  session.wait("the run “noisy”");
  await rest(100);
  const at = session.iteration, { elapsed_ms } = session;
  assert.deepEqual([session.status, session.detail], ["waiting", `waiting for the run “noisy”, at iteration ${at}`]);
  await rest(100);
  assert.deepEqual([session.iteration, session.elapsed_ms], [at, elapsed_ms]);
  session.on("status", () => badges.add(session.detail));
  session.goOn();
  assert.equal(session.status, "running");
  await until(session, () => session.iteration > at);
  assert.ok(badges.has(`waited at iteration ${at} for the run “noisy”, then continued`), [...badges].join("\n"));
  const text = `waited at iteration ${at} for the run “noisy”, then continued`;
  assert.deepEqual(session.log, [{ iteration: at, text }]);
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("goOn() does not start an idle run or resume a paused one; a start during a wait waits", async () => {
  const session = makeSession();
  session.goOn();
  session.wait("the run “noisy”");
  assert.equal(session.status, "idle");
  session.start();
  assert.deepEqual([session.status, session.iteration], ["waiting", 0]);
  session.hide();
  assert.equal(session.status, "hidden", "being hidden takes precedence");
  session.show();
  assert.equal(session.status, "waiting");
  session.pause();
  session.goOn();
  await rest(100);
  assert.deepEqual([session.status, session.iteration, session.log], ["idle", 0, []]);
  session.dispose();
});

Deno.test("hiding a run while a sample appears completes the sample at once and stops training", async () => {
  const given = options();
  given.sampling.rest_ms = 8000;
  const session = makeSession(1, given);
  session.start();
  await until(session, () => session.speaking && session.speaking.shown > 0);
  assert.deepEqual([session.samples.length, session.iteration], [0, 0]);
  session.hide();
  await until(session, () => session.samples.length === 1);
  await rest(50);
  assert.deepEqual([session.speaking, session.iteration, session.status], [null, 0, "hidden"]);
  session.dispose();
});

Deno.test("a pause inside a status listener takes effect at once", async () => {
  const session = makeSession();
  session.on("status", () => session.samples.length > 0 && session.detail.startsWith("training") && session.pause());
  session.start();
  await until(session, () => session.status === "paused");
  await rest(100);
  assert.equal(session.iteration, 0);
  session.dispose();
});
