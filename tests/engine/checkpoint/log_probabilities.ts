// Prints what the CPU engine says of a checkpoint, for test_other_programs.py: deno run ... log_probabilities.ts FILE TOKENS.
// An engine gives no logits, but the loss of any next character: with each character of the vocabulary in turn, these
// are all log-probabilities, and so the logits up to a constant that a softmax forgets. Also what its model writes.
import { readCheckpoint } from "../../../engine/checkpoint/checkpoint.ts";
import { charactersOf } from "../../../engine/checkpoint/about.ts";
import { createInstance, tokenRows } from "../../../engine/cpu/instance.ts";
import { createWriter } from "../../../engine/cpu/writer.ts";
import { drawText } from "../../../engine/training/drawing.ts";

const [file, written_tokens] = Deno.args, tokens = Uint8Array.from(JSON.parse(written_tokens) as number[]);
const { about, params } = await readCheckpoint(await Deno.readFile(file)), { model } = about;
const { vocab_size: V, block_size: T } = model, instance = await createInstance(model, 1, false, 1);
instance.params.set(params);
instance.calls.weights_changed();
if (tokens.length !== T) throw new Error(`${tokens.length} tokens: the engine scores ${T} at once`);
const log_probabilities: number[] = [], rows = tokenRows(1);
for (let begin = 0; begin < V; begin += rows) {
  const count = Math.min(rows, V - begin);
  for (let i = 0; i < count; i++) instance.tokens.set([...tokens, begin + i], i * (T + 1));
  instance.calls.evaluate(count);
  for (let i = 0; i < count; i++) log_probabilities.push(-instance.nll[i * T + T - 1]);
}

const { generate } = await createWriter(model, params), characters = charactersOf(about);
let text = "";
await drawText(
  generate,
  model,
  { prompt: tokens, characters: 40, dice: { key: 1, temperature: 0.8, top_k: V } },
  (more) => {
    for (const token of more) text += characters[token];
  },
);
console.log(JSON.stringify({ log_probabilities, text }));
