// Reads JSON (RFC 8259) strictly. JSON.parse keeps the last of two equal keys, so a file could say one thing to this
// reader and another to the next; here it is an error.
import type { JsonPart } from "../wording_of_files.ts";
import { FileError } from "./file_error.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Far deeper than any checkpoint; a text may not overflow the stack. */
const MOST_LEVELS = 16;
const SPACE = /[ \t\n\r]*/y;
/** A string with its quotation marks; JSON.parse checks what is inside. */
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: [word: string, value: Json][] = [["null", null], ["true", true], ["false", false]];

/** @throws FileError "json" or "duplicate" */
export function strictJson(text: string, part: JsonPart): Json {
  const reader = new Reader(text, part), value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  #text: string;
  #part: JsonPart;
  #at = 0;

  constructor(text: string, part: JsonPart) {
    this.#text = text;
    this.#part = part;
  }

  value(level: number): Json {
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (level > MOST_LEVELS) this.#fail();
    if (first === "{") return this.#object(level);
    if (first === "[") return this.#array(level);
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const digits = this.#match(NUMBER), number = Number(digits);
    if (digits === "" || !Number.isFinite(number)) this.#fail();
    return number;
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#fail();
  }

  #object(level: number): Json {
    const entries = new Map<string, Json>();
    this.#list("}", () => {
      this.#match(SPACE);
      const key = this.#string();
      if (entries.has(key)) throw new FileError({ kind: "duplicate", part: this.#part, key });
      this.#match(SPACE);
      this.#expect(":");
      entries.set(key, this.value(level + 1));
    });
    return Object.fromEntries(entries); // a key __proto__ becomes an ordinary property
  }

  #array(level: number): Json {
    const items: Json[] = [];
    this.#list("]", () => items.push(this.value(level + 1)));
    return items;
  }

  /** Reads what stands between the bracket at the current place and `end`, with commas between the items. */
  #list(end: string, item: () => void): void {
    this.#at++;
    this.#match(SPACE);
    if (this.#text[this.#at] !== end) {
      item();
      for (this.#match(SPACE); this.#text[this.#at] === ","; this.#match(SPACE)) {
        this.#at++;
        item();
      }
    }
    this.#expect(end);
  }

  #string(): string {
    const begin = this.#at;
    try {
      return JSON.parse(this.#match(STRING));
    } catch {
      this.#at = begin;
      return this.#fail();
    }
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) this.#fail();
    this.#at++;
  }

  /** @returns what the pattern matches here, and goes on behind it */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #fail(): never {
    const found = this.#text.slice(this.#at, this.#at + 12);
    throw new FileError({ kind: "json", part: this.#part, at: this.#at, found });
  }
}
