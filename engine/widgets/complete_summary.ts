// What the reader predicted, diagnosed and answered on this page, gathered at its end.
import { make } from "./shared/dom.ts";
import { type Commitment, currentCommitments } from "./shared/reader_record.ts";

const GROUPS: [title: string, kinds: Commitment["kind"][]][] = [
  ["What you predicted", ["curve", "end"]],
  ["What you diagnosed", ["diagnosis", "mystery"]],
  ["What you answered", ["answer"]],
];
const RIGHT = "✓", WRONG = "✗";

/**
 * Fills `list` with the reader's record as it is now.
 * @param id unique on the page
 * @param nothing the sentence for an empty record
 */
export function drawSummary(list: HTMLElement, id: string, nothing: string): void {
  const all = currentCommitments();
  const groups = GROUPS.map(([title, kinds], index) => {
    const of_group = all.filter(({ kind }) => kinds.includes(kind));
    return of_group.length === 0 ? [] : [group(title, `${id}-group-${index}`, of_group)];
  }).flat();
  list.replaceChildren(...groups.length > 0 ? groups : [make("p", { class: "ps-complete-nothing" }, nothing)]);
}

function group(title: string, id: string, entries: readonly Commitment[]): HTMLElement {
  const list = make("dl", { class: "ps-complete-list", "aria-labelledby": id });
  for (const entry of entries) {
    const said = make("dd", {}, ...mark(entry), `You said: ${entry.said}`), outcome = outcomeOf(entry);
    const row = make("div", { class: "ps-complete-entry" }, make("dt", {}, entry.asked), said);
    if (outcome !== null) row.append(make("dd", {}, outcome));
    list.append(row);
  }
  return make("div", { class: "ps-complete-group" }, make("p", { class: "ps-complete-kind", id }, title), list);
}

function mark({ right }: Commitment): (Node | string)[] {
  if (right === null) return [];
  return [
    make("span", { class: "ps-complete-mark", "aria-hidden": "true", translate: "no" }, right ? RIGHT : WRONG),
    make("span", { class: "ps-unseen" }, right ? "Right." : "Not right."),
    " ",
  ];
}

/** The line under what the reader said; null if it would say nothing new. */
export function outcomeOf({ key, kind, said, outcome, right }: Commitment): string | null {
  if (outcome === null) return kind === "answer" && right === false ? "You have not found the right answer yet." : null;
  if (kind === "diagnosis") return `The page's verdict: ${outcome}`;
  if (!key.startsWith("answer:")) return outcome; // whole sentences
  if (right === null) return `Your answer at the end: ${outcome[0].toLowerCase()}${outcome.slice(1)}`;
  return right || outcome === said ? null : `The right answer: ${outcome}`;
}
