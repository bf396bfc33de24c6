// Catches: a mistake in a program, or a browser's limit, for which a reader is asked to close other tabs: browsers throw a
// RangeError for these as for memory that they refuse. Checked where it is decided: in a Worker, which tells its page.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import type { FailureText } from "../../../engine/wording_of_failures.ts";
import { smallRun, smallText } from "../small_runs.ts";

const TEXT = smallText(4000);
const MEMORY = /memory|tabs/i;
/** In V8's own words, which a report of the failure needs. */
const SAID = { offset: /offset is out of bounds/, stack: /call stack/, digits: /toFixed/, length: /Invalid count/ };

/** How a run fails whose Worker has that name. */
async function failureOf(name: string): Promise<FailureText> {
  const vocab_size = new Set(TEXT).size, gzip_base64 = gzipSync(TEXT).toString("base64");
  const named = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
  const options: SessionOptions = { ...smallRun(), corpus: { ...named, vocab_size, gzip_base64 } };
  const makeWorker = () => new Worker(import.meta.resolve("./mistaken_worker.ts"), { type: "module", name });
  const session = new TrainingSession("main", options, { makeWorker, cores: 1 });
  const ended = new Promise<string>((resolve) => {
    session.on("status", (status) => ["done", "diverged", "failed"].includes(status) && resolve(status));
  });
  session.prefer("cpu");
  session.start();
  try {
    assert.equal(await ended, "failed");
    return session.failure!;
  } finally {
    session.dispose();
  }
}

for (const where of ["create", "train"]) {
  for (const [what, said] of Object.entries(SAID)) {
    Deno.test(`a RangeError that is not about memory does not speak of it: ${what} in ${where}`, async () => {
      const { message, way_out } = await failureOf(`${where} ${what}`);
      assert.match(message, said);
      assert.doesNotMatch(`${message} ${way_out}`, MEMORY);
    });
  }
}

Deno.test("a RangeError by which memory is refused does", async () => {
  const { message, way_out } = await failureOf("create memory");
  assert.match(message, MEMORY);
  assert.match(way_out, MEMORY);
});
