// The health strip below a preset's chart: of the run under way or just ended, with the recorded one behind it.
import type { PresetStrip } from "../shared/preset_strip_place.ts";
import { Strip } from "./strip.ts";
import { normsOf, ofRecording, whose } from "./strip_words.ts";

const LABEL = "Health of this run";

export function presetStrip(): PresetStrip {
  const strip = new Strip(LABEL);
  let drawn = "";
  return {
    element: strip.element,
    draw(name, session, recorded) {
      const { observations, iterations } = session, key = `${name} ${observations.length} ${session.seed}`;
      if (key === drawn) return;
      drawn = key;
      const milestones = normsOf(observations), behind = ofRecording(recorded ?? []);
      const said = behind.length > 0 ? whose.own_and_recorded : whose.own;
      const groups = session.options.model.n_layer + 2, whose_run = milestones.length > 0 ? said : "";
      strip.draw({ milestones, behind, last: iterations, groups, stream: false, whose: whose_run });
    },
  };
}
