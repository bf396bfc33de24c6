// The growing record of a run: its curve and the time it took. The curve is stored in columns, as charts need it.
import { farBeyond, lowerMedian, Pace } from "../training/pace.ts";
import type { IterationReport } from "../training/iteration_report.ts";

/** Training time over which iterations per second are averaged. */
const RATE_WINDOW_MS = 4000;

/** The curve, writable. */
export interface Columns {
  /** 0, 1, 2, ... */
  iteration: number[];
  /** Loss of each iteration's batch before its update, nats per character. */
  train: (number | null)[];
  /** Loss on the validation windows with the weights before that update; null where not measured. */
  val: (number | null)[];
}

/** The curve, read-only. */
export type History = { readonly [Name in keyof Columns]: Readonly<Columns[Name]> };

export class RunRecord {
  #columns: Columns = { iteration: [], train: [], val: [] };
  /** Training time, without measurements and samples. */
  elapsed_ms = 0;
  best_val: number | null = null;
  last_val: number | null = null;
  last_train: number | null = null;
  last_report: IterationReport | null = null;
  #recent: { iterations: number; ms: number }[] = [];
  #warm: boolean;
  #pace = new Pace();
  /** The page may have been frozen during the work reported next, so its time is unknown. */
  #doubtful = { training: false, observing: false };
  #observing_ms: number[] = [];

  /** @param warm whether the engine has warmed up, so that even the first report shows its speed */
  constructor(warm = false) {
    this.#warm = warm;
  }

  get history(): History {
    return this.#columns;
  }

  /** Fills an empty record with a loaded run's losses; NaN where not measured. @param rows how many iterations it has */
  restore(train: Float32Array, val: readonly (number | null)[], rows: number): void {
    if (rows > 0) this.#row(rows - 1);
    const columns = this.#columns, known = val.filter((loss) => loss !== null);
    train.forEach((loss, i) => columns.train[i] = Number.isNaN(loss) ? null : loss);
    val.slice(0, rows).forEach((loss, i) => columns.val[i] = loss);
    this.last_train = columns.train[train.length - 1] ?? null;
    this.last_val = known.at(-1) ?? null;
    this.best_val = known.length > 0 ? Math.min(...known) : null;
  }

  addReport(report: IterationReport, elapsed_ms: number): void {
    const { first, losses } = this.last_report = report;
    losses.forEach((loss, i) => {
      this.#row(first + i);
      this.#columns.train[first + i] = loss;
    });
    this.last_train = losses[losses.length - 1];
    if (this.#doubtful.training) {
      this.#doubtful.training = false;
      this.elapsed_ms += Math.min(elapsed_ms, (this.#pace.usual_ms ?? 0) * losses.length);
      return;
    }
    const ms = this.#pace.counted(elapsed_ms, losses.length);
    this.elapsed_ms += ms;
    // The first report after a start includes the engine's warm-up: it counts towards the time, not the speed.
    if (this.#warm) this.#recent.push({ iterations: losses.length, ms });
    this.#warm = true;
    while (this.#recent.length > 1 && this.#window() - this.#recent[0].ms >= RATE_WINDOW_MS) this.#recent.shift();
  }

  addVal(iteration: number, val: number | null, elapsed_ms: number): void {
    if (!this.#doubtful.observing) this.#observing_ms.push(elapsed_ms);
    this.#doubtful.observing = false;
    this.#row(iteration);
    this.#columns.val[iteration] = val;
    this.last_val = val;
    if (val !== null) this.best_val = Math.min(val, this.best_val ?? Infinity);
  }

  /** Removes everything from `iteration` on, except the time it took. */
  cut(iteration: number): void {
    const { train, val } = this.#columns;
    for (const column of Object.values(this.#columns)) column.length = Math.min(column.length, iteration);
    const vals = val.filter((val) => val !== null);
    this.last_train = train.at(-1) ?? null;
    this.last_val = vals.at(-1) ?? null;
    this.best_val = vals.length > 0 ? Math.min(...vals) : null;
    this.last_report = null;
    this.#recent = [];
    this.#warm = false;
  }

  /** The page was frozen or in the background, so reports under way do not show how long their work took. */
  doubtClock(): void {
    this.#doubtful = { training: true, observing: true };
  }

  /** Iterations per second of training time, over the last seconds; null until the engine and the clock have moved. */
  get rate(): number | null {
    const iterations = this.#recent.reduce((sum, report) => sum + report.iterations, 0), ms = this.#window();
    return iterations > 0 && ms > 0 ? iterations / ms * 1000 : null;
  }

  /** Total time of all measurements and their samples, in milliseconds. */
  get measuring_ms(): number {
    const all = this.#observing_ms, usual = lowerMedian(all) ?? 0;
    return all.reduce((sum, ms) => sum + (farBeyond(ms, usual) ? usual : ms), 0);
  }

  /** Average time of a measurement and its sample, in milliseconds. */
  get observing_ms(): number {
    const all = this.#observing_ms;
    return all.length > 0 ? this.measuring_ms / all.length : 0;
  }

  #window(): number {
    return this.#recent.reduce((sum, report) => sum + report.ms, 0);
  }

  #row(iteration: number): void {
    const columns = this.#columns;
    for (let i = columns.iteration.length; i <= iteration; i++) {
      columns.iteration.push(i);
      columns.train.push(null);
      columns.val.push(null);
    }
  }
}
