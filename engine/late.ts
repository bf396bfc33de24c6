// What a page needs only once it has started, in a script that loads after the page's own: the Workers' program, and
// parts of the page that no reader misses in its first second.
import "./session/late.ts";
import { takeFiles } from "./widgets/checkpoint/files_on_page.ts";
import { keepRuns } from "./widgets/checkpoint/keep_runs.ts";
import type { LatePage } from "./widgets/checkpoint/late_page.ts";

/** Each part of the page that comes with this script; it works from then on, until the page is left. */
const PARTS: ((page: LatePage) => void)[] = [takeFiles, keepRuns];

globalThis.pressStartLate = (page) => {
  for (const part of PARTS) part(page);
};
