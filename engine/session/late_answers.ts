// What only a page with a curve asks: what the curve shows, which names fit it, why another does not, and how far off a
// guess was. The page's script calls these by their global names, so that it is smaller. No run can show a curve before
// the late script has loaded.
import { fittingNames } from "./fitting_names.ts";
import { curveOutcome, distance, endOutcome } from "./guess_outcome.ts";
import { verdictOf } from "./verdict.ts";
import { whyNot } from "./why_not.ts";

globalThis.pressStartFittingNames = fittingNames;
globalThis.pressStartGuessOutcome = { distance, curve: curveOutcome, end: endOutcome };
globalThis.pressStartVerdictOf = verdictOf;
globalThis.pressStartWhyNot = whyNot;
