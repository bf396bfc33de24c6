// What is in a file, as a list that the page shows before anything is replaced.
import type { FileFacts } from "../../checkpoint/run_files.ts";
import { countParameters } from "../../training/params.ts";
import { shortened } from "../../wording.ts";
import { fileTerm, fileValue, madeBy } from "../../wording_of_files.ts";
import { make, seedNode, VERBATIM } from "../shared/dom.ts";
import { loss } from "../shared/format.ts";

const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

/** @param text the title of the file's text; null if it is not on this page */
export function factsList({ about, val, hashes }: FileFacts, file: File, text: string | null): HTMLElement {
  const { model, training, corpus, iteration } = about;
  const { n_layer, n_head, n_embd, block_size, vocab_size } = model;
  const size = fileValue.model(n_layer, n_head, n_embd, block_size, vocab_size, countParameters(model));
  const rows: [keyof typeof fileTerm, Node | string][] = [
    ["seed", seedNode(about.seed)],
    ["iteration", fileValue.iteration(iteration, training.iterations)],
    ["val", loss(val)],
    ["text", text ?? fileValue.other_text(shortened(corpus.name))],
    ["model", size],
    ["engine", madeBy(about).replace(/^the /, "")],
    ["changed", DATE.format(file.lastModified)],
    ["weights", hash(hashes.weights)],
    ["state", hashes.state === null ? fileValue.no_moments : hash(hashes.state)],
  ];
  const list = make("dl", { class: "ps-file-facts" });
  for (const [term, value] of rows) {
    list.append(make("div", {}, make("dt", {}, fileTerm[term]), make("dd", VERBATIM, value)));
  }
  return list;
}

/** A hash, which may break anywhere. */
export function hash(digits: string): HTMLElement {
  return make("code", { ...VERBATIM, class: "ps-hash" }, digits);
}
