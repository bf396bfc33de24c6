// The stage: a runner and the samples of its session, which the build has put into one figure
// (overrides/widgets/together.html) because their author wrote them next to each other.

/** What must be in view together: the runner, and the text that the model is writing. */
const TEXT = ".ps-samples .ps-stage";

/** The figure that holds both; null if the widget stands alone. */
export function stageOf(root: Element): HTMLElement | null {
  return root.closest<HTMLElement>(".ps-together");
}

/** The place for what a runner shows below its stage; null if it stands alone. */
export function moreOf(runner: Element): Element | null {
  return stageOf(runner)?.querySelector("[data-more]") ?? null;
}

/** Scrolls to a runner's stage, unless all that is to be seen together is in view already. */
export function bringIntoView(runner: Element): void {
  const stage = stageOf(runner), text = stage?.querySelector(TEXT);
  if (!stage || !text) return;
  const margin = parseFloat(getComputedStyle(stage).scrollMarginTop); // the height of the page's header, and some air
  const top = stage.getBoundingClientRect().top, { bottom } = text.getBoundingClientRect();
  if (top < margin - 1 || bottom > innerHeight) scrollToRunner(runner);
}

/** Scrolls a runner, with its stage, to the top of the window. */
export function scrollToRunner(runner: Element): void {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  (stageOf(runner) ?? runner).scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
}
