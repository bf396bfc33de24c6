// The script of instruments, which show the inside of a run: blocks of their own, and questions about samples. It comes
// after the page's script and the Workers' program, so that readers do not wait for it to press Start.
import { askTheModel } from "./ask.ts";
import { mountAttention } from "./attention.ts";
import { mountCopies } from "./copies.ts";
import { mountStrip } from "./instruments.ts";
import type {} from "./instruments_page.ts";
import { presetStrip } from "./preset_strip.ts";
import { mountSurprise } from "./surprise.ts";

globalThis.pressStartInstruments = {
  mounts: { attention: mountAttention, copies: mountCopies, instruments: mountStrip, surprise: mountSurprise },
  ask: askTheModel,
};
globalThis.pressStartPresetStrip = presetStrip;
