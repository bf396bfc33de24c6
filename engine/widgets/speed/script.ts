// The speed page's own script, loaded before the page's, so that no other page loads what only the speed page needs.
import { mountSpeed } from "./speed.ts";

declare global {
  var pressStartSpeed: typeof mountSpeed | undefined;
}

globalThis.pressStartSpeed = mountSpeed;
