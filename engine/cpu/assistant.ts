// An assistant: one of the Workers that compute for the first Worker. It receives weights and sequences, and replies
// with a sum of gradients or with losses; between two requests it keeps only its memory. Buffers are transferred both
// ways.
import { OutOfMemoryError } from "../training/allocate.ts";
import type { CpuModule } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { createInstance, type Instance, levelsFor } from "./instance.ts";

export type AssistantRequest =
  /** leaf_count: the most leaves that one request will sum over. */
  | { type: "create"; model: ModelConfig; batch_size: number; leaf_count: number; module: CpuModule }
  | {
    type: "gradients";
    params: Float32Array<ArrayBuffer>;
    tokens: Uint8Array<ArrayBuffer>;
    batch_size: number;
    first_leaf: number;
    leaf_count: number;
    /** [token rows, T]: some of the first B rows are filled, those of its leaves. */
    nll: Float32Array<ArrayBuffer>;
  }
  | {
    type: "evaluate";
    params: Float32Array<ArrayBuffer> | null;
    tokens: Uint8Array<ArrayBuffer>;
    count: number;
    /** [token rows, T]: the first `count` rows are filled. */
    nll: Float32Array<ArrayBuffer>;
  };

export type AssistantReply =
  | { type: "created" }
  /** `buffer` brought the weights and returns with gradients; `filled` is false if its leaves had no sequences. */
  | { type: "done"; buffer: Float32Array<ArrayBuffer> | null; filled: boolean; nll: Float32Array<ArrayBuffer> }
  /** no_memory: the browser refused to allocate memory. */
  | { type: "failed"; message: string; no_memory: boolean };

/** Serves requests on `port` until the Worker ends. */
export function assist(port: MessagePort): void {
  let instance: Instance | null = null;
  port.onmessage = async ({ data }: MessageEvent<AssistantRequest>) => {
    try {
      if (data.type === "create") {
        const { model, batch_size, leaf_count, module } = data;
        instance = await createInstance(model, batch_size, "assists", levelsFor(leaf_count), false, module);
        port.postMessage({ type: "created" } satisfies AssistantReply);
      } else {
        const reply = answer(instance!, data);
        port.postMessage(reply, reply.buffer ? [reply.buffer.buffer, reply.nll.buffer] : [reply.nll.buffer]);
      }
    } catch (error) {
      const no_memory = error instanceof OutOfMemoryError;
      port.postMessage({ type: "failed", message: String(error), no_memory } satisfies AssistantReply);
    }
  };
}

function answer(instance: Instance, request: Exclude<AssistantRequest, { type: "create" }>) {
  const { params: buffer, tokens, nll } = request;
  if (buffer) {
    instance.params.set(buffer);
    instance.calls.weights_changed();
  }
  instance.tokens.set(tokens);
  let filled = false;
  if (request.type === "gradients") {
    filled = instance.calls.gradients(request.first_leaf, request.leaf_count, request.batch_size) !== 0;
    if (filled) buffer!.set(instance.gradients[0]);
  } else {
    instance.calls.evaluate(request.count);
  }
  nll.set(instance.nll);
  return { type: "done", buffer, filled, nll } satisfies AssistantReply;
}
