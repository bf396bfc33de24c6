// The state of a run in one sentence.
import { shortened } from "../wording.ts";
import type { Status } from "../session/session.ts";
import { count, loss } from "./shared/format.ts";

/** What the sentence needs to know: a subset of TrainingSession. */
export interface Run {
  status: Status;
  seed: string;
  iteration: number;
  iterations: number;
  val_nll: number | null;
  phase: string | null;
  /** The engine that trains; null before the run has one. */
  engine: { description: string } | null;
}

const STANDS: Record<Exclude<Status, "idle" | "loading" | "failed">, string> = {
  running: "is at iteration",
  paused: "is paused at iteration",
  hidden: "waits at iteration",
  waiting: "waits at iteration",
  done: "is done, at iteration",
  diverged: "diverged at iteration",
};

export function runStory({ status, seed, iteration, iterations, val_nll, phase, engine }: Run): string {
  const run = `The run above, with the seed “${shortened(seed)}”,`;
  if (status === "failed") return `${run} could not continue; the message beside its buttons says why.`;
  if (status === "idle") {
    return "The run above has not begun: press Start there, and this line will show how far it has come.";
  }
  if (status === "loading") return `${run} is about to begin.`;
  const measured = val_nll === null ? "" : `; val NLL ${loss(val_nll)} nats per character`;
  const named = phase === null ? "" : `; phase: ${phase}`;
  return `${run} ${STANDS[status]} ${count(iteration)} of ${count(iterations)}${measured}${named}.${
    engine === null ? "" : ` Engine: ${engine.description}.`
  }`;
}
