// Ticks the sections that the reader has done, in every list of the page's sections ([data-ps-sections]). A section is
// done once its runs were started and its questions answered; one that asks for nothing, once it was read to its end.
import { recall, remember } from "./shared/browser_storage.ts";
import { make } from "./shared/dom.ts";
import { readIsland } from "./shared/island.ts";
import { whenNear } from "./shared/nearness.ts";

const MEMORY = "sections";
const ASKS = ":is([data-ps=runner], [data-ps=presets], [data-ps=experiment], [data-ps=quiz])";

/** The view, and all of the page above it. */
const ANYWHERE_ABOVE = "9999999px 0px 0px";

/** A block that asks for something, and the key under which the browser remembers that it is done. */
interface Ask {
  block: Element;
  key: string;
}

/** A heading that the page lists, the blocks below it that ask for something, and the end of its text. */
interface Section {
  id: string;
  heading: Element;
  asks: Ask[];
  end: Element;
}

/** To be called once, when all widgets are mounted. */
export function followSections(): void {
  const lists = [...document.querySelectorAll("[data-ps-sections]")];
  if (lists.length === 0) return;
  const stored = recall(MEMORY), done = new Set<unknown>(Array.isArray(stored) ? stored : []);
  const sections = sectionsOf(lists[0]);
  const look = () => {
    const before = done.size;
    for (const { asks } of sections) for (const { block, key } of asks) if (isDone(block)) done.add(key);
    if (done.size > before) remember(MEMORY, [...done]);
    const ticked = sections.filter(({ id, asks }) =>
      asks.length > 0 ? asks.every(({ key }) => done.has(key)) : done.has(id)
    );
    for (const list of lists) tick(list, new Set(ticked.map(({ id }) => id)), sections.length);
  };
  const read = (id: string) => {
    done.add(id);
    remember(MEMORY, [...done]);
    look();
  };
  new MutationObserver(look).observe(document.body, { subtree: true, attributeFilter: ["data-run", "data-solved"] });
  for (const section of sections) if (section.asks.length === 0) whenRead(section, () => read(section.id));
  for (const list of lists) if (list instanceof HTMLDetailsElement) closeWhenLeft(list);
  look();
}

function sectionsOf(list: Element): Section[] {
  const headings = [...list.querySelectorAll("[data-section]")]
    .map((link) => document.getElementById(link.getAttribute("data-section")!)).filter((one) => one !== null);
  const blocks = [...document.querySelectorAll(ASKS)].map((block): Ask => ({ block, key: keyOf(block) }));
  return headings.map((heading, at) => {
    const next = headings[at + 1],
      follows = (one: Element, other: Element) =>
        Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    const asks = blocks.filter(({ block }) => follows(heading, block) && !(next && follows(next, block)));
    const last = next?.previousElementSibling ?? heading.parentElement!.lastElementChild!;
    const end = make("div", { "aria-hidden": "true" });
    last.after(end);
    return { id: heading.id, heading, asks, end };
  });
}

/** What the block asks, not where it stands: an author may add a block above it. */
function keyOf(block: Element): string {
  try {
    const island = readIsland(block);
    switch (island.kind) {
      case "quiz":
        return `quiz:${island.identity}${"twice" in island ? island.twice : ""}`;
      case "experiment":
        return `experiment:${island.name}`;
      case "presets":
        return `presets:${island.presets.map(({ name }) => name)}`;
      case "runner":
        return `runner:${island.session}`;
    }
  } catch { /* the block itself shows that it is broken */ }
  return block.id;
}

function isDone(block: Element): boolean {
  if (block.matches("[data-ps=quiz], [data-ps=experiment]")) return block.querySelector("[data-solved=true]") !== null;
  const run = block.closest("figure")?.dataset.run ?? "idle";
  return run !== "idle" && run !== "failed";
}

/** Calls `task` once the reader has seen the heading and then reached the end. A jump past it does not count. */
function whenRead({ heading, end }: Section, task: () => void): void {
  whenNear(heading, "0px", () => whenNear(end, ANYWHERE_ABOVE, task));
}

function tick(list: Element, done: Set<string>, of: number): void {
  for (const link of list.querySelectorAll("[data-section]")) {
    const ticked = link.firstElementChild, wanted = done.has(link.getAttribute("data-section")!);
    if (wanted && !ticked) link.prepend(make("span", { class: "ps-tick", role: "img", "aria-label": "done:" }, "✓"));
  }
  const count = list.querySelector(".ps-sections-count");
  if (count) count.textContent = ` ${done.size} of ${of} done`;
}

/** A fold that covers the page closes when the reader follows a link, presses Escape or goes elsewhere. */
function closeWhenLeft(fold: HTMLDetailsElement): void {
  const inside = (target: EventTarget | null) => target instanceof Node && fold.contains(target);
  document.addEventListener("pointerdown", ({ target }) => {
    if (!inside(target)) fold.open = false;
  });
  fold.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !inside(relatedTarget)) fold.open = false;
  });
  fold.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a")) fold.open = false;
  });
  fold.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !fold.open) return;
    fold.open = false;
    fold.querySelector("summary")!.focus();
  });
}
