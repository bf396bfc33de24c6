// Catches: a reading that scripts can overwrite, so that the badge would be wrong.
import assert from "node:assert/strict";
import type { TrainingSession } from "../../../engine/session/session.ts";
import { makeSession } from "./sessions.ts";

/** What a script may try; each line is also a type error. */
const ATTEMPTS: ((session: TrainingSession) => unknown)[] = [
  // @ts-expect-error: read only
  (session) => session.status = "done",
  // @ts-expect-error: read only
  (session) => session.detail = "all is well",
  // @ts-expect-error: read only
  (session) => session.seed = "ophelia",
  // @ts-expect-error: read only
  (session) => session.iteration = 7,
  // @ts-expect-error: read only
  (session) => session.samples = [],
  // @ts-expect-error: read only
  (session) => session.engine = null,
];

/** What only the types prevent. */
export function contents({ samples, history, log }: TrainingSession): void {
  // @ts-expect-error: read only
  samples.pop();
  // @ts-expect-error: read only
  history.train[0] = 0;
  // @ts-expect-error: read only
  log[0].text = "nothing happened";
}

Deno.test("assigning to a reading does not change it", () => {
  const session = makeSession(), { status, detail, seed, iteration, samples, engine } = session;
  for (const attempt of ATTEMPTS) {
    try {
      attempt(session);
    } catch (error) { // in a module assigning throws; in the console it does nothing
      assert.ok(error instanceof TypeError, `${error}`);
    }
  }
  assert.deepEqual(
    [session.status, session.detail, session.seed, session.iteration, session.samples, session.engine],
    [status, detail, seed, iteration, samples, engine],
  );
  session.dispose();
  Function("session", "session.status = 'done'; session.iterations = 1;")(session); // as in the console
  assert.deepEqual([session.status, session.iterations], [status, 60]);
});
