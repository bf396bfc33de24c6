// Catches: a page that lacks its text but does not say so.
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

Deno.test("an error names the missing text and says what to do", () => {
  globalThis.pressStartCorpora = undefined;
  assert.throws(() => corpusNamed("short"), /“short” did not arrive.*Reload/);
  globalThis.pressStartCorpora = { short: corpus };
  assert.equal(corpusNamed("short"), corpus);
  assert.throws(() => corpusNamed("shakespeare"), /“shakespeare” did not arrive.*Reload/);
});
