// Prints what the CPU engine says of a checkpoint, for test_other_programs.py: deno run ... log_probabilities.ts FILE TOKENS.
// The log-probabilities of the next character, from an observation of the tokens, and what its model writes after them.
import { readCheckpoint } from "../../../engine/checkpoint/checkpoint.ts";
import { charactersOf } from "../../../engine/checkpoint/about.ts";
import { createWriter } from "../../../engine/cpu/writer.ts";
import { drawText } from "../../../engine/training/drawing.ts";
import { softmax } from "../../../engine/training/observation.ts";

const [file, written_tokens] = Deno.args, tokens = Uint8Array.from(JSON.parse(written_tokens) as number[]);
const { about, params } = await readCheckpoint(await Deno.readFile(file)), { model } = about;
const { generate, observe } = await createWriter(model, params), { logits } = await observe(tokens);
const log_probabilities = Array.from(softmax(logits.slice(-model.vocab_size)), Math.log);

const characters = charactersOf(about);
let text = "";
await drawText(
  generate,
  model,
  { prompt: tokens, characters: 40, dice: { key: 1, temperature: 0.8, top_k: model.vocab_size } },
  (more) => {
    for (const token of more) text += characters[token];
  },
);
console.log(JSON.stringify({ log_probabilities, text }));
