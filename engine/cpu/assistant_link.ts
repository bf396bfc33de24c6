// The first Worker's side of its assistants: one request and one reply at a time per Worker, over a MessagePort.
import { allocating, OutOfMemoryError } from "../training/allocate.ts";
import type { CpuModule } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import type { AssistantReply, AssistantRequest } from "./assistant.ts";
import { tokenRows } from "./instance.ts";

type Done = Extract<AssistantReply, { type: "done" }>;

/**
 * An assistant, as the first Worker sees it. Each request transfers two buffers, and the reply returns them: `buffer`
 * brings weights and returns with gradients, `nll` returns with losses. In between, this side cannot use them.
 */
export class AssistantLink {
  #port: MessagePort;
  #settle: { resolve: (reply: AssistantReply) => void; reject: (error: Error) => void } | null = null;
  /** [n_params] */
  buffer: Float32Array<ArrayBuffer>;
  /** [token rows, T] */
  nll: Float32Array<ArrayBuffer>;
  /** Iteration whose weights the assistant holds, or -1. */
  holds = -1;

  constructor(port: MessagePort, n_params: number, batch_size: number, T: number) {
    this.#port = port;
    this.buffer = allocating(() => new Float32Array(n_params));
    this.nll = allocating(() => new Float32Array(tokenRows(batch_size) * T));
    port.onmessage = ({ data }: MessageEvent<AssistantReply>) => {
      const settle = this.#settle;
      this.#settle = null;
      if (data.type === "failed") settle?.reject(new (data.no_memory ? OutOfMemoryError : Error)(data.message));
      else settle?.resolve(data);
    };
  }

  /** @param leaf_count the most leaves that one request will sum over */
  async create(model: ModelConfig, batch_size: number, leaf_count: number, module: CpuModule): Promise<void> {
    await this.#ask({ type: "create", model, batch_size, leaf_count, module }, []);
  }

  /** Sends a request, transferring its buffers, and takes them back with the reply. */
  async ask(request: Exclude<AssistantRequest, { type: "create" }>): Promise<Done> {
    const transfer: Transferable[] = [request.nll.buffer];
    if (request.params) transfer.push(request.params.buffer);
    const reply = await this.#ask(request, transfer) as Done;
    if (reply.buffer) this.buffer = reply.buffer;
    this.nll = reply.nll;
    return reply;
  }

  #ask(request: AssistantRequest, transfer: Transferable[]): Promise<AssistantReply> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#port.postMessage(request, transfer);
    });
  }

  dispose(): void {
    this.#port.close();
  }
}
