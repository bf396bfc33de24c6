// Files that reach the page: dropped anywhere on it, or pasted. Text and links that a reader drags are left to the
// browser, and so is what another part of the page has taken.
import { filePanel } from "../../wording_of_files.ts";
import { make } from "../shared/dom.ts";
import type { Point } from "./file_panel.ts";

/** What arrived. A folder arrives as a file that cannot be read, so it is marked as one. */
export interface Arrival {
  files: File[];
  folder: string | null;
  at?: Point;
}

/** Listens until the page is left. While files are dragged over the page, it says so. */
export function watchArrivals(arrived: (what: Arrival) => void): void {
  const target = make("div", { class: "press-start ps-drop", hidden: "" }, make("p", {}, filePanel.drop));
  document.body.append(target);
  const show = (shown: boolean) => target.hidden = !shown;
  // A picture that is dragged within the page counts as a file, too. What the page removes meanwhile ends no drag.
  let source: EventTarget | null = null;
  const own = () => source instanceof Node && source.isConnected;
  document.addEventListener("dragstart", ({ target }) => source = target);
  for (const kind of ["dragenter", "dragover"] as const) {
    document.addEventListener(kind, (event) => {
      const ours = !own() && !event.defaultPrevented && hasFiles(event.dataTransfer); // or another part of the page takes it
      show(ours);
      if (!ours) return;
      event.preventDefault(); // allows the drop
      event.dataTransfer!.dropEffect = "copy";
    });
  }
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) show(false); // out of the window, not onto another element
  });
  document.addEventListener("dragend", () => {
    source = null;
    show(false);
  });
  document.addEventListener("drop", (event) => {
    show(false);
    const from_here = own();
    source = null;
    if (from_here || event.defaultPrevented || !hasFiles(event.dataTransfer)) return;
    event.preventDefault(); // otherwise the browser leaves the page for the file
    arrived({ ...filesIn(event.dataTransfer!), at: { x: event.clientX, y: event.clientY } });
  });
  document.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (event.defaultPrevented || !data || data.files.length === 0) return;
    // Some programs copy a picture of a text beside it; in a field, the reader means the text.
    const field = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]");
    if (field && data.types.includes("text/plain")) return;
    event.preventDefault();
    arrived(filesIn(data));
  });
}

const hasFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;

function filesIn({ files, items }: DataTransfer): Omit<Arrival, "at"> {
  const entries = [...items].map((item) => item.kind === "file" ? item.webkitGetAsEntry?.() ?? null : null);
  return { files: [...files], folder: entries.find((entry) => entry?.isDirectory)?.name ?? null };
}
