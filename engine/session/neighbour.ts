// A neighbour's checkpoint, made on another machine, beside the runs of this page: which of them hold the same bits, and
// where and why not. A run that is missing for that can be trained here. Uses no DOM.
import type { Comparison } from "../checkpoint/comparison.ts";
import type { FileFacts } from "../checkpoint/run_files.ts";
import { rawWords } from "../wording_of_failures.ts";
import { bytesOf } from "./run_file.ts";
import type { TrainingSession } from "./session.ts";
import type { ShortRuns } from "./short_run.ts";
import type { LinkMaker } from "./talk.ts";

/**
 * Compares two checkpoints in a Worker of its own, so that neither the page nor a run waits for the hashes.
 * @throws RefusedError for a bad file; EngineError if no Worker can be made
 */
export async function comparedFiles(makeLink: LinkMaker, ours: Blob, theirs: Blob): Promise<Comparison> {
  const files = await Promise.all([ours, theirs].map(bytesOf)), link = makeLink({});
  try {
    await link.begin();
    const [mine, other] = files.map(({ bytes }) => bytes);
    return (await link.ask({ type: "compare", files: [mine, other] }, "compared")).comparison;
  } finally {
    link.dispose();
  }
}

/** A run of this page to compare with. */
export interface OwnRun {
  /** What the page calls it. */
  words: string;
  file(): Promise<Blob>;
}

export class Neighbour {
  /** What the file holds; null while no file is open. */
  facts: FileFacts | null = null;
  /** Each of the page's runs beside it. */
  results: { words: string; comparison: Comparison }[] = [];
  /** Why there is no comparison. */
  failure: string | null = null;
  reading = false;
  #file: Blob | null = null;
  /** Of the newest comparison: older ones change nothing any more. */
  #turn = 0;
  #main: TrainingSession;
  #link: LinkMaker;
  #beside: ShortRuns;
  #changed: () => void;

  /** @param beside trains the neighbour's seed here */
  constructor(main: TrainingSession, link: LinkMaker, beside: ShortRuns, changed: () => void) {
    this.#main = main;
    this.#link = link;
    this.#beside = beside;
    this.#changed = changed;
  }

  async open(file: Blob, own: OwnRun[]): Promise<void> {
    this.#file = file;
    this.#beside.stop();
    this.facts = null;
    await this.#comparing(async () => {
      this.facts = await this.#main.read(file);
      return own;
    });
  }

  /** Compares the open file with the page's runs, as they are now. */
  compare(own: OwnRun[]): Promise<void> {
    return this.#comparing(() => Promise.resolve(own));
  }

  /** The file's seed and iteration, if this page can train the same run up to there: same model, text and training. */
  get trainable(): { seed: string; until: number } | null {
    if (!this.facts || this.facts.unlike !== null) return null;
    const { seed, iteration } = this.facts.about;
    return iteration === 0 ? null : { seed, until: iteration };
  }

  /** Trains the file's seed here up to its iteration, with its kind of engine if there is one. */
  train(name: string): void {
    const wanted = this.trainable;
    if (!wanted) return;
    const engine = this.facts!.wants?.kind === "webgpu" ? "webgpu" : "cpu";
    this.#beside.start([{ name, ...wanted, engine }]);
  }

  async #comparing(begin: () => Promise<OwnRun[]>): Promise<void> {
    const file = this.#file, turn = ++this.#turn;
    if (!file) return;
    this.results = [];
    this.failure = null;
    this.reading = true;
    this.#changed();
    try {
      for (const { words, file: own } of await begin()) {
        const comparison = await comparedFiles(this.#link, await own(), file);
        if (turn !== this.#turn) return;
        this.results.push({ words, comparison });
        this.#changed();
      }
    } catch (error) {
      if (turn === this.#turn) this.failure = rawWords(error);
    }
    if (turn !== this.#turn) return;
    this.reading = false;
    this.#changed();
  }
}
