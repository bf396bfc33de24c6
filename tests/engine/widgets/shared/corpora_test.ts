// Catches: a page without its text that fails without words.
import assert from "node:assert/strict";
import { type Corpus, corpusNamed } from "../../../../engine/widgets/shared/corpora.ts";

const corpus: Corpus = {
  name: "short",
  title: "A short text",
  sha256: "",
  bytes: 3,
  vocab_size: 2,
  rungs: null,
  floor: null,
  credits: "",
  gzip_base64: "",
};

Deno.test("a text that did not come with the page is named, with a way out", () => {
  globalThis.pressStartCorpora = undefined;
  assert.throws(() => corpusNamed("short"), /“short” did not arrive.*Reload/);
  globalThis.pressStartCorpora = { short: corpus };
  assert.equal(corpusNamed("short"), corpus);
  assert.throws(() => corpusNamed("shakespeare"), /“shakespeare” did not arrive.*Reload/);
});
