// The CPU engine: gpt.c in WebAssembly, in this Worker and in its assistants.
import { allocating } from "../training/allocate.ts";
import type { Backend, BackendOptions, CpuModule, Fault, StopSignal, TrainingState } from "../training/backend.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { Expectations, ForwardPass, UpdateNorms } from "../training/observation.ts";
import { countParameters } from "../training/params.ts";
import { batchStart } from "../training/rng.ts";
import { SCHEDULE_COLUMNS } from "../training/schedule.ts";
import { checkState } from "../training/state_check.ts";
import { nextTurn } from "../training/next_turn.ts";
import { engineName } from "../wording.ts";
import { AssistantLink } from "./assistant_link.ts";
import { createInstance, firstFault, generateWith, type Instance, LEAVES, levelsFor, tokenRows } from "./instance.ts";
import { cpuModule } from "./modules.ts";
import { expectationsOf, observeWith, updateNorms } from "./observed.ts";

export interface CpuWishes {
  /** Computes without guarding against large numbers, as careless.c does; allows no assistants. */
  careless?: boolean;
  /** By default the module for this browser. */
  module?: CpuModule;
}

/**
 * How many Workers to use on a machine with `cores` cores: a power of two, because the leaves are shared out evenly; at
 * most four, because each takes some 13 MB, and more are not always faster.
 */
export function workersFor(cores: number): number {
  return cores >= 4 ? 4 : cores >= 2 ? 2 : 1;
}

/** How many Workers to use if a measurement finds that they are faster. */
export function mostWorkersFor(cores: number): number {
  return cores >= LEAVES ? LEAVES : workersFor(cores);
}

function checkWorkers(workers: number): void {
  if (LEAVES % workers !== 0) throw new Error(`${workers} Workers: expected 1, 2, 4 or 8`);
}

/**
 * @param ports one per assistant; with this Worker they must make 1, 2, 4 or 8
 * @throws OutOfMemoryError if the browser refuses the memory; UnsuitableError if the initial state does not fit the
 * model
 */
export async function createCpuBackend(
  options: BackendOptions,
  ports: MessagePort[],
  { careless = false, module = cpuModule() }: CpuWishes = {},
): Promise<Backend> {
  if (careless && ports.length > 0) throw new Error("careless arithmetic was asked of assistants too");
  checkWorkers(ports.length + 1);
  const { model, training } = options.run;
  checkState(options.initial, model, training.iterations);
  const [instance, assistants] = await Promise.all([
    // Enough levels for the sum over its own leaves, and then for the sum over as many Workers as there may ever be.
    createInstance(model, training.batch_size, "trains", levelsFor(LEAVES), careless, module),
    employ(ports, options, module),
  ]);
  const { initial, ...rest } = options; // do not keep the initial state, 2.5 MB
  const backend = new CpuBackend(rest, instance, assistants, careless, module);
  await backend.load(initial);
  return backend;
}

/** Makes an assistant on each port, for a share of the leaves. */
async function employ(
  ports: MessagePort[],
  { run: { model, training } }: Pick<BackendOptions, "run">,
  module: CpuModule,
  workers = ports.length + 1,
): Promise<AssistantLink[]> {
  const n_params = countParameters(model);
  const links = ports.map((port) => new AssistantLink(port, n_params, training.batch_size, model.block_size));
  try {
    await Promise.all(links.map((link) => link.create(model, training.batch_size, LEAVES / workers, module)));
    return links;
  } catch (error) {
    for (const link of links) link.dispose();
    throw error;
  }
}

class CpuBackend implements Backend {
  readonly kind = "cpu";
  readonly module: CpuModule;
  /** The assistants that it was created with. */
  readonly #first: AssistantLink[];
  #careless: boolean;
  #options: Omit<BackendOptions, "initial">;
  #instance: Instance;
  #assistants: AssistantLink[];
  #batch_key: number;
  #iteration = 0;
  #norms: UpdateNorms | null = null;
  #T: number;

  constructor(
    options: Omit<BackendOptions, "initial">,
    instance: Instance,
    assistants: AssistantLink[],
    careless: boolean,
    module: CpuModule,
  ) {
    this.#options = options;
    this.#instance = instance;
    this.#assistants = assistants;
    this.#batch_key = options.batch_key;
    this.#T = options.run.model.block_size;
    this.module = module;
    this.#careless = careless;
    this.#first = assistants;
  }

  get description(): string {
    return engineName.cpu(this.#assistants.length + 1, this.#careless, this.module === "base");
  }

  get iteration(): number {
    return this.#iteration;
  }

  get fault(): Fault | null {
    return firstFault(this.#instance);
  }

  async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void> {
    const { run: { model, training }, schedule, training_length } = this.#options;
    const starts = new Uint32Array(training.batch_size);
    while (this.#iteration < until && !stop.requested) {
      for (let row = 0; row < starts.length; row++) {
        starts[row] = batchStart(this.#batch_key, this.#iteration, row, training_length - this.#T);
      }
      const loss = await this.#gradients(starts);
      const [lr, correction1, correction2] = schedule.subarray(this.#iteration * SCHEDULE_COLUMNS);
      const { beta1, beta2, eps, weight_decay } = training, last = this.#iteration + 1 >= until;
      if (last) this.#instance.before.set(this.#instance.params);
      this.#instance.calls.update(lr, beta1, beta2, eps, weight_decay, correction1, correction2);
      this.#norms = last ? updateNorms(this.#instance, model) : null; // now: gradients() needs the same buffers
      this.#instance.calls.weights_changed();
      on_report({ first: this.#iteration++, losses: Float32Array.of(loss) });
      await nextTurn();
    }
  }

  async gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }> {
    const loss = await this.#gradients(starts);
    return { loss, gradients: this.#instance.gradients[0].slice() };
  }

  /** Computes the gradient into buffer 0. @returns the mean loss */
  async #gradients(starts: Uint32Array): Promise<number> {
    const B = starts.length, T = this.#T, workers = this.#assistants.length + 1, leaf_count = LEAVES / workers;
    const { batch_size } = this.#options.run.training;
    if (B > batch_size) throw new RangeError(`A batch of ${B} sequences; this engine was made for ${batch_size}.`);
    const firstRow = (leaf: number) => Math.floor(leaf * B / LEAVES);
    const { calls, tokens, nll } = this.#instance;
    this.#fill(tokens, starts);
    const replies = this.#assistants.map((assistant, i) => {
      assistant.buffer.set(this.#instance.params);
      assistant.holds = this.#iteration;
      return assistant.ask({
        type: "gradients",
        params: assistant.buffer,
        tokens: tokens.slice(0, B * (T + 1)),
        batch_size: B,
        first_leaf: (i + 1) * leaf_count,
        leaf_count,
        nll: assistant.nll,
      });
    });
    const filled = [calls.gradients(0, leaf_count, B) !== 0];
    for (let i = 0; i < replies.length; i++) {
      const reply = await replies[i];
      filled.push(reply.filled);
      const begin = firstRow((i + 1) * leaf_count) * T, end = firstRow((i + 2) * leaf_count) * T;
      nll.set(reply.nll.subarray(begin, end), begin);
    }
    this.#sum(0, 0, workers, filled);
    let loss = 0;
    for (let i = 0; i < B * T; i++) loss += nll[i];
    return loss / (B * T);
  }

  /** Sums the upper part of the binary tree; gpt.c sums the lower. The first Worker's sum is already in buffer 0. */
  #sum(level: number, first: number, count: number, filled: boolean[]): boolean {
    const { calls, gradients } = this.#instance;
    if (count === 1) {
      if (first > 0 && filled[first]) gradients[level].set(this.#assistants[first - 1].buffer);
      return filled[first];
    }
    const left = this.#sum(level, first, count / 2, filled);
    const right = this.#sum(left ? level + 1 : level, first + count / 2, count / 2, filled);
    if (left && right) calls.add_gradients(level, level + 1);
    return left || right;
  }

  async evaluate(starts: Uint32Array): Promise<Float32Array> {
    const T = this.#T, result = allocating(() => new Float32Array(starts.length * T));
    const rest: { begin: number; windows: Uint32Array }[] = [];
    const share = Math.min(
      tokenRows(this.#options.run.training.batch_size),
      Math.ceil(starts.length / (this.#assistants.length + 1)),
    );
    for (let begin = 0; begin < starts.length; begin += share) {
      rest.push({ begin, windows: starts.subarray(begin, begin + share) });
    }
    while (rest.length > 0) {
      const others = this.#assistants.flatMap((assistant) => {
        const part = rest.pop();
        return part ? [this.#ask(assistant, part.windows).then((nll) => result.set(nll, part.begin * T))] : [];
      });
      const own = rest.pop();
      if (own) {
        this.#fill(this.#instance.tokens, own.windows);
        this.#instance.calls.evaluate(own.windows.length);
        result.set(this.#instance.nll.subarray(0, own.windows.length * T), own.begin * T);
      }
      await Promise.all(others);
    }
    return result;
  }

  async #ask(assistant: AssistantLink, windows: Uint32Array): Promise<Float32Array> {
    const tokens = new Uint8Array(windows.length * (this.#T + 1));
    this.#fill(tokens, windows);
    const knows = assistant.holds === this.#iteration;
    if (!knows) assistant.buffer.set(this.#instance.params);
    assistant.holds = this.#iteration;
    const params = knows ? null : assistant.buffer, count = windows.length;
    const { nll } = await assistant.ask({ type: "evaluate", params, tokens, count, nll: assistant.nll });
    return nll.subarray(0, count * this.#T);
  }

  /** Copies token rows [starts.length, T + 1] from the text. */
  #fill(rows: Uint8Array, starts: Uint32Array): void {
    const length = this.#T + 1;
    starts.forEach((start, i) => rows.set(this.#options.tokens.subarray(start, start + length), i * length));
  }

  // deno-lint-ignore require-await -- the interface needs a promise, because the WebGPU engine has to wait here
  async generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
    return generateWith(this.#instance, this.#options.run.model, prompt, noise);
  }

  // deno-lint-ignore require-await -- as above
  async expectations(): Promise<Expectations> {
    return expectationsOf(this.#instance, this.#options.run.model);
  }

  // deno-lint-ignore require-await -- as above
  async observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ForwardPass> {
    return observeWith(this.#instance, this.#options.run.model, tokens, heads_off);
  }

  // deno-lint-ignore require-await -- as above
  async norms(): Promise<UpdateNorms | null> {
    return this.#norms;
  }

  // deno-lint-ignore require-await -- as above
  async save(): Promise<TrainingState> {
    const { params, m, v } = this.#instance;
    return allocating(() => ({ iteration: this.#iteration, params: params.slice(), m: m.slice(), v: v.slice() }));
  }

  // deno-lint-ignore require-await -- as above
  async load(state: TrainingState, batch_key = this.#batch_key): Promise<void> {
    const { model, training } = this.#options.run;
    checkState(state, model, training.iterations);
    this.#batch_key = batch_key;
    this.#instance.params.set(state.params);
    this.#instance.m.set(state.m);
    this.#instance.v.set(state.v);
    this.#instance.calls.weights_changed();
    this.#iteration = state.iteration;
    this.#norms = null;
    for (const assistant of this.#assistants) assistant.holds = -1;
  }

  async staff(ports: MessagePort[]): Promise<void> {
    const first = this.#first, workers = first.length + 1 + ports.length;
    checkWorkers(workers);
    const more = await employ(ports, this.#options, this.module, workers);
    for (const assistant of this.#assistants) if (!first.includes(assistant)) assistant.dispose();
    this.#assistants = [...first, ...more];
  }

  dispose(): void {
    for (const assistant of this.#assistants) assistant.dispose();
  }
}
