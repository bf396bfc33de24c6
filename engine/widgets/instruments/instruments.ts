// The block `instruments`: the health strip of a runner's run, or of a preset's, and beside it the recorded one.
import type { InstrumentsIsland } from "../shared/island.ts";
import type { InstrumentsPage } from "./instruments_page.ts";
import { Strip } from "./strip.ts";
import { normsOf, ofRecording, whose } from "./strip_words.ts";

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountStrip(root: Element, island: InstrumentsIsland, page: InstrumentsPage): () => void {
  const { session, preset, label, iterations } = island, run = page.sessions[session];
  const recorded = ofRecording(island.recorded);
  const strip = new Strip(label), presets = page.presets.filter(({ main }) => main === run);
  const live = () => {
    if (preset === null) return run.observations;
    return presets.map((runs) => runs.observationsOf(preset)).find((found) => found.length > 0) ?? [];
  };
  const draw = () => {
    const own = normsOf(live()), shows_own = own.length > 0;
    const planned = preset === null && shows_own ? run.iterations : iterations;
    const compared = recorded.length > 0 ? whose.own_and_recorded : whose.own;
    strip.draw({
      milestones: shows_own ? own : recorded,
      behind: shows_own ? recorded : [],
      last: planned,
      groups: run.options.model.n_layer + 2,
      stream: island.stream,
      whose: shows_own ? compared : recorded.length > 0 ? whose.recorded : "",
    });
  };
  root.append(strip.element);
  draw();
  const ends = preset === null
    ? [run.on("metrics", whenNew(() => run.observations.length, draw)), run.on("status", draw)]
    : presets.map((runs) => runs.on(whenNew(() => live().length, draw)));
  return () => ends.forEach((end) => end());
}

/** Passes on only events that come with another number of milestones: the others are many. */
export function whenNew(count: () => number, draw: () => void): () => void {
  let before = count();
  return () => {
    const now = count();
    if (now !== before) draw();
    before = now;
  };
}
