// Catches: a page that shows the results of a graphics card that computes nonsense, or that keeps trying such a card;
// wrong results that remain in curve, samples or phase.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { SessionHost } from "../../../engine/workers/engine_link.ts";
import type { SampleReading } from "../../../engine/training/observation.ts";
import type { Reply, Request } from "../../../engine/workers/protocol.ts";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000);
const corpus = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
const options: SessionOptions = {
  ...smallRun(),
  corpus: { ...corpus, vocab_size: new Set(TEXT).size, gzip_base64: gzipSync(TEXT).toString("base64") },
};
options.sampling = { ...options.sampling, rest_ms: 0 };

function ended(session: TrainingSession): Promise<void> {
  return new Promise((resolve) => {
    session.on("status", (status) => ["done", "diverged", "failed"].includes(status) && resolve());
  });
}

/** A host whose Workers have a card that returns `number` for everything. */
function hostWith(number: number): SessionHost {
  const program = import.meta.resolve("./made_up_card.ts");
  return { makeWorker: () => new Worker(program, { type: "module", name: String(number) }), cores: 1 };
}

for (const number of [0, NaN, 1]) {
  Deno.test(`if a card returns only ${number}, the CPU engine trains, and the page names the card`, async () => {
    const host = hostWith(number), session = new TrainingSession("main", options, host);
    const trainer = await smallTrainer(smallRun(), TEXT), losses: number[] = [];
    await trainer.train(60, ({ losses: more }) => losses.push(...more), { requested: false });
    session.start();
    await ended(session);
    assert.equal(session.engine?.description, "CPU engine, 1 Worker");
    assert.match(session.engine!.instead!.message, /^This graphics card computes wrong results. ACME Anything 3000: /);
    assert.deepEqual(session.history.train, [...losses, null]);
    assert.equal(await session.fingerprint(), await trainer.fingerprint());
    session.dispose();
  });
}

Deno.test("a card found to be wrong is not used by the page's other runs until the reader chooses it", async () => {
  const host = hostWith(0), first = new TrainingSession("main", options, host);
  first.start();
  await ended(first);
  assert.equal(first.preferred, "cpu", "its switch offers the graphics card");
  const { message } = first.engine!.instead!;
  const second = new TrainingSession("preset", options, host);
  first.reset();
  first.start();
  await ended(first);
  assert.equal(first.engine!.instead!.message, message);
  const without_card = import.meta.resolve("../../../engine/workers/worker.ts");
  host.makeWorker = () => new Worker(without_card, { type: "module" });
  second.start();
  await ended(second);
  assert.deepEqual([second.preferred, second.engine!.instead!.message], ["cpu", message]);
  second.prefer("fastest");
  second.start();
  await ended(second);
  assert.doesNotMatch(second.engine!.instead!.message, /wrong results/);
  assert.equal(second.preferred, "fastest");
  first.dispose();
  second.dispose();
});

/** Of one character, with this many nats. */
function madeUpReading(nats: number): SampleReading {
  return {
    candidates: 1,
    likeliest: new Uint8Array(1),
    probabilities: new Float32Array(1),
    surprise: Float32Array.of(nats),
    tempered: new Float32Array(1),
    early_likeliest: new Uint8Array(0),
    early_probabilities: new Float32Array(0),
  };
}

/** A fake Worker: `play` answers each request. */
class Actor extends EventTarget {
  onmessage: ((event: { data: Reply }) => void) | null = null;
  onerror = null;
  onmessageerror = null;
  constructor(private play: (request: Request, say: (reply: Reply) => void) => void) {
    super();
  }
  postMessage(request: Request): void {
    queueMicrotask(() => this.play(request, (data) => this.onmessage?.({ data })));
  }
  terminate(): void {}
}

Deno.test("if a card turns out to be wrong, the run goes back, and later results do not count", async () => {
  let at = 0, back = false;
  const losses = (first: number, count: number, loss: number): Reply => ({
    type: "report",
    report: { first, losses: new Float32Array(count).fill(loss) },
    elapsed_ms: 10,
  });
  const play = (request: Request, say: (reply: Reply) => void) => {
    const trained = () => say({ type: "trained", iteration: at, diverged_at: null, fault: null });
    if (request.type === "create") {
      const engine = { description: "WebGPU engine, ACME", module: null, adapter: "ACME", compile_ms: 1 };
      say({ type: "created", kind: "webgpu", ...engine });
    } else if (request.type === "train") {
      if (at === 40 && !back) {
        say(losses(40, 5, 0));
        back = true;
        at = 20;
        const description = "CPU engine, 1 Worker", reason = "ACME: the loss at iteration 45 is 0.0000";
        say({
          type: "notice",
          notice: { kind: "wrong-results", iteration: 20, description, module: "base", cause: "wrong", reason },
        });
        return trained();
      }
      say(losses(at, request.until - at, back ? 2 : 0));
      at = request.until;
      trained();
    } else if (request.type === "evaluate_and_sample") {
      const sample = { iteration: at, val: back ? 2.5 : 0, phase: back ? "short words" : "Shakespeare-flavoured" };
      const measured = {
        sample: { ...sample, prompt: "", text: back ? "right" : "wrong" },
        reading: madeUpReading(back ? 2 : 1),
        observation: { iteration: at, norms: null, line: null, writings: { first: back ? 2 : 1, copies: 1 } },
      };
      say({ type: "evaluated_and_sampled", elapsed_ms: 1, measured });
    } else if (request.type === "evaluate_whole") say({ type: "evaluated_whole", val: 2.4 });
  };
  const host: SessionHost = { makeWorker: () => new Actor(play) as unknown as Worker, cores: 1 };
  const session = new TrainingSession("main", options, host);
  session.start();
  await ended(session);
  assert.deepEqual(session.history.train, [...Array(20).fill(0), ...Array(40).fill(2), null]);
  assert.deepEqual(session.samples.map(({ iteration, text }) => [iteration, text]), [
    [0, "wrong"],
    [10, "wrong"],
    [20, "right"],
    [40, "right"],
    [60, "right"],
  ]);
  const after_return = (iteration: number) => iteration < 20 ? 1 : 2;
  assert.deepEqual(
    session.observations.map(({ iteration, writings }) => [iteration, writings!.first]),
    [0, 10, 20, 40, 60].map((iteration) => [iteration, after_return(iteration)]),
  );
  for (const sample of session.samples) {
    assert.equal(session.reading(sample)!.surprise[0], after_return(sample.iteration));
  }
  assert.deepEqual([session.phase, session.val_nll, session.status], ["short words", 2.5, "done"]);
  assert.match(session.log[0].text, /computes wrong results \(ACME: .*continues from iteration 20 on the CPU engine/);
  assert.match(session.engine!.instead!.message, /ACME/);
  assert.equal(session.preferred, "cpu");
  session.dispose();
});
