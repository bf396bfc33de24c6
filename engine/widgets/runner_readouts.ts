// The runner's readouts, in order: each one's label and how its value is formatted. overrides/widgets/runner.html has
// the same labels, to show before the script has loaded.
import type { SessionReadings } from "../session/readings.ts";
import { DASH, duration, learningRate, loss, rate } from "./shared/format.ts";

export const READOUTS: Record<string, (session: SessionReadings) => string> = {
  "train NLL": ({ train_nll }) => loss(train_nll),
  "val NLL": ({ val_nll }) => loss(val_nll),
  "iters/sec": ({ iterations_per_second }) => rate(iterations_per_second),
  "elapsed": ({ elapsed_ms }) => elapsed_ms > 0 ? duration(elapsed_ms) : DASH,
  "current lr": ({ learning_rate }) => learningRate(learning_rate),
};
