// Looks inside a model while it trains on the GPU. Each of its two plans is compiled when it is first needed, so that a
// run that is not observed starts as quickly as ever.
import type { BackendOptions } from "../training/backend.ts";
import { checkPass, type ForwardPass, rootMeanSquare, type UpdateNorms } from "../training/observation.ts";
import { type CompiledPlan, compileOn } from "./compile.ts";
import type { OpenDevice } from "./device.ts";
import { normsPlan, observationPlan, observedTensors } from "./observation_plan.ts";
import { ALIGNMENT, type Plan } from "./plan.ts";
import { bytesOf, readable, readTensors } from "./read_back.ts";
import { earlyRows } from "./shared_tensors.ts";

/** A plan of one program, and a buffer to read its results from. */
interface Instrument {
  plan: CompiledPlan;
  program: string;
  results: string[];
  readback: GPUBuffer;
}

export class Observer {
  #options: BackendOptions;
  #open: OpenDevice;
  #training: CompiledPlan;
  #forward: Promise<Instrument> | null = null;
  #norms: Promise<Instrument> | null = null;

  /** @param training the plan that trains; its weights are read */
  constructor(options: BackendOptions, open: OpenDevice, training: CompiledPlan) {
    this.#options = options;
    this.#open = open;
    this.#training = training;
  }

  /**
   * @param tokens 1 to T characters
   * @param heads_off [L NH]
   */
  async observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ForwardPass> {
    const { model, model: { n_layer: L, n_head: NH, block_size: T } } = this.#options.run, t = tokens.length;
    checkPass(model, tokens, heads_off);
    this.#forward ??= this.#build(observationPlan(this.#options), "observe", observedTensors(this.#options));
    const instrument = await this.#forward, { plan } = instrument;
    // No position sees a later one, so it does not matter what follows the text.
    const inp = new Uint32Array(T), off = new Uint32Array(L * ALIGNMENT);
    inp.set(tokens);
    heads_off?.forEach((is_off, i) => off[Math.floor(i / NH) * ALIGNMENT + i % NH] = is_off);
    plan.write("inp", inp);
    plan.write("off", off);
    const [logits, early, ...rest] = await this.#run(instrument);
    const attention = new Float32Array(L * NH * t * t);
    for (let head = 0; head < L * NH; head++) {
      const map = rest[Math.floor(head / NH)].subarray(head % NH * T * T);
      for (let row = 0; row < t; row++) attention.set(map.subarray(row * T, row * T + t), (head * t + row) * t);
    }
    return {
      logits: logits.slice(0, t * model.vocab_size),
      early: earlyRows(model, early, t),
      attention,
      stream_rms: Float32Array.from(rest.slice(L), (stream) => rootMeanSquare(stream.subarray(0, t * model.n_embd))),
    };
  }

  /** Of the update from `before` to `params`; its gradient must be in `grads`. */
  async norms(): Promise<UpdateNorms> {
    this.#norms ??= this.#build(normsPlan(this.#options), "measure", ["update_norms"]);
    const [numbers] = await this.#run(await this.#norms);
    const column = (j: number) => Float32Array.from({ length: numbers.length / 3 }, (_, i) => numbers[3 * i + j]);
    return { gradient: column(0), update: column(1), weight: column(2) };
  }

  async #build(plan: Plan, program: string, results: string[]): Promise<Instrument> {
    const compiled = await compileOn(this.#open, plan, () => {}, this.#training);
    const readback = readable(this.#open.device, plan.name, bytesOf(compiled, results));
    return { plan: compiled, program, results, readback };
  }

  #run({ plan, program, results, readback }: Instrument): Promise<Float32Array<ArrayBuffer>[]> {
    const { device } = this.#open, encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    plan.encode(pass, program);
    pass.end();
    device.queue.submit([encoder.finish()]);
    return readTensors(this.#open, plan, results, readback);
  }

  /** Releases the memory of both plans, also of one that is still being compiled. */
  dispose(): void {
    for (const instrument of [this.#forward, this.#norms]) {
      instrument?.then(({ plan, readback }) => {
        plan.dispose();
        readback.destroy();
      }, () => {}); // observe() or norms() has failed for the same reason
    }
  }
}
