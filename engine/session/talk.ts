// A reader's question to a model, and its answers: the same prompt and the same dice for one or several sets of weights.
// A Worker of their own lets them write, so that no run is touched; it ends when all is written. Uses no DOM.
import { type Dice, type Drawn } from "../training/drawing.ts";
import { now } from "../training/clock.ts";
import { streamKey } from "../training/rng.ts";
import { type EngineLink, failureKind } from "../workers/engine_link.ts";
import { failureText, rawWords } from "../wording_of_failures.ts";
import type { Weights } from "./session.ts";

/** What a reader asks. */
export interface Question {
  prompt: string;
  temperature: number;
  /** Null for all characters. */
  top_k: number | null;
  characters: number;
  /** Seed of the dice: the same words for the same weights. */
  dice: string;
}

/** A prompt as a model reads it. */
export interface ReadPrompt {
  /** Vocabulary indices, at least one. */
  tokens: Uint8Array;
  /** The characters that stand for `tokens`: the last block_size of the prompt, or what stands for an empty one. */
  text: string;
  /** Characters of the prompt before these; the model does not see them. */
  left_out: number;
  empty: boolean;
  /** Different characters that the model does not know, in the prompt's order: it cannot read the prompt then. */
  unknown: string[];
}

/** A model that has read nothing has no last character to continue from; it gets a line break, or its first character. */
const EMPTY_PROMPT = "\n";

export function readPrompt(prompt: string, { characters, model: { block_size } }: Weights): ReadPrompt {
  const places = new Map(characters.map((character, i) => [character, i]));
  const all = Array.from(prompt.replaceAll("\r", "")), empty = all.length === 0;
  const read = empty ? [places.has(EMPTY_PROMPT) ? EMPTY_PROMPT : characters[0]] : all.slice(-block_size);
  const unknown = [...new Set(all.filter((character) => !places.has(character)))];
  const tokens = Uint8Array.from(read, (character) => places.get(character) ?? 0);
  return { tokens, text: read.join(""), left_out: Math.max(0, all.length - block_size), empty, unknown };
}

/** What one set of weights writes. */
export class Answer {
  iteration: number | null = null;
  /** What is written so far, and how many characters of it a reader sees. */
  readonly written: string[] = [];
  shown = 0;
  /** Null until the prompt has been read. */
  prompt: ReadPrompt | null = null;
  /** Why there is no more. */
  failure: string | null = null;
  complete = false;

  get text(): string {
    return this.written.slice(0, this.shown).join("");
  }
}

/** Where an answer's weights come from; a run gives them between two iterations. */
export type Source = () => Promise<Weights>;

/** Makes a link that is not yet connected. */
export type LinkMaker = (listeners: { wrote?: (tokens: Uint8Array) => void }) => EngineLink;

/** Interval between updates of the shown text, and the most time that one may count. */
const TICK_MS = 25, LONGEST_STEP_MS = 500;

export class Talk {
  answers: Answer[] = [];
  #link: LinkMaker;
  #ms_per_character: number;
  #changed: () => void;
  /** The open question. */
  #open: { link: EngineLink; ended: boolean } | null = null;

  /**
   * @param link makes the link to the Worker that writes
   * @param ms_per_character how fast answers appear, unless a question says otherwise
   * @param changed called when an answer has changed, at most about forty times a second
   */
  constructor(link: LinkMaker, ms_per_character: number, changed: () => void) {
    this.#link = link;
    this.#ms_per_character = ms_per_character;
    this.#changed = changed;
  }

  get writing(): boolean {
    return this.#open !== null;
  }

  /**
   * Asks all sources, one after the other. Resolves when all is written and shown, or stopped; never rejects.
   * @param ms_per_character how fast it appears
   */
  async ask(question: Question, sources: Source[], ms_per_character = this.#ms_per_character): Promise<void> {
    this.stop();
    const answers = this.answers = sources.map(() => new Answer());
    let answer = answers[0], characters: string[] = [];
    const wrote = (tokens: Uint8Array) => {
      for (const token of tokens) answer.written.push(characters[token]);
    };
    const open = this.#open = { link: this.#link({ wrote }), ended: false };
    const shown = this.#show(answers, open, ms_per_character);
    this.#changed();
    for (const [i, source] of sources.entries()) {
      if (open.ended) break;
      answer = answers[i];
      try {
        const weights = await source();
        characters = weights.characters;
        await this.#write(open.link, weights, question, answer);
      } catch (error) {
        if (!open.ended) answer.failure = wordsFor(error);
      }
      answer.complete = true;
    }
    open.link.dispose();
    await shown;
  }

  /** Ends the answers where they are. */
  stop(): void {
    if (!this.#open) return;
    this.#open.ended = true;
    this.#open.link.dispose();
    this.#open = null;
    this.#changed();
  }

  async #write(link: EngineLink, weights: Weights, question: Question, answer: Answer): Promise<void> {
    answer.iteration = weights.iteration;
    answer.prompt = readPrompt(question.prompt, weights);
    if (answer.prompt.unknown.length > 0) return;
    const { temperature, top_k, characters, dice } = question;
    const how: Dice = { key: streamKey(dice, "samples"), temperature, top_k: top_k ?? weights.model.vocab_size };
    const asked: Drawn = { prompt: answer.prompt.tokens, characters, dice: how };
    await link.begin();
    await link.ask({ type: "write", weights, asked }, "written");
  }

  /** Lets the answers appear at an even pace, side by side. */
  async #show(answers: Answer[], open: { ended: boolean }, ms_per_character: number): Promise<void> {
    let last = now();
    const begun = new Map<Answer, number>();
    const all = () => answers.every(({ complete, shown, written }) => complete && shown === written.length);
    while (!open.ended && !all()) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const at = now(), step = Math.max(TICK_MS, Math.min(at - last, LONGEST_STEP_MS));
      last = at;
      for (const answer of answers) {
        if (answer.written.length === 0) continue;
        const ms = (begun.get(answer) ?? 0) + step;
        begun.set(answer, ms);
        answer.shown = Math.min(answer.written.length, Math.floor(ms / ms_per_character));
      }
      if (!open.ended) this.#changed();
    }
    if (open.ended) return;
    this.#open = null;
    this.#changed();
  }
}

function wordsFor(error: unknown): string {
  if (!(error instanceof Error && "kind" in error)) return rawWords(error);
  return failureText(failureKind(error), rawWords(error), "measurement").message;
}
