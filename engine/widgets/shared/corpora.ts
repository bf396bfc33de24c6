// The page's texts. Each is a classic script that adds one entry to `pressStartCorpora`, because a page opened from
// file:// can load scripts but nothing else. The first runner's text comes with the page; the others' come late.
import { textMissing } from "../../wording_of_failures.ts";
import type { CorpusSource } from "../../session/session.ts";
import { make } from "./dom.ts";

/** A text and what the build computed about it. */
export interface Corpus extends CorpusSource {
  bytes: number;
  credits: string;
  gzip_base64: string;
}

declare global {
  var pressStartCorpora: Record<string, Corpus> | undefined;
}

/** A text that came with the page. @throws Error that says what to do, if it did not. */
export function corpusNamed(name: string): Corpus {
  const corpus = here(name);
  if (!corpus) throw new Error(textMissing(name));
  return corpus;
}

/** A text that is loaded when a run first needs it. */
export function lateCorpus(about: Omit<Corpus, "gzip_base64">): CorpusSource {
  return { ...about, gzip_base64: () => loadText(about.name) };
}

const loading = new Map<string, Promise<string>>();

/** Loads a late text, once; a text that could not be loaded is asked for again the next time. */
export function loadText(name: string): Promise<string> {
  const corpus = here(name);
  if (corpus) return Promise.resolve(corpus.gzip_base64);
  const known = loading.get(name);
  if (known) return known;
  const text = runScript(name).finally(() => loading.delete(name));
  loading.set(name, text);
  return text;
}

function runScript(name: string): Promise<string> {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="press-start-text"]')];
  const address = links.find(({ dataset }) => dataset.text === name)?.href ?? "";
  const script = make("script", { src: address, "data-late": "" });
  return new Promise<string>((resolve, reject) => {
    const end = () => {
      script.remove(); // a second try needs a new element
      const corpus = here(name);
      if (corpus) resolve(corpus.gzip_base64);
      else reject(new Error(textMissing(name)));
    };
    script.addEventListener("load", end);
    script.addEventListener("error", end);
    document.head.append(script);
  });
}

const here = (name: string) => globalThis.pressStartCorpora?.[name];
