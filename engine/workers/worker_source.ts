// The Workers' program in a separate script that loads after the page's, so that the page responds without waiting for
// it. It is a string, because on file:// a Worker can be made from nothing else, and packed, because pages are copied
// to disks that compress nothing.
import packed, { revision } from "press-start:worker";
import { inflate } from "../training/inflate.ts";

declare global {
  /** The program, unpacked; rejects if the script is damaged. Undefined until the script has loaded. */
  var pressStartProgram: Promise<string> | undefined;
  var pressStartRevision: string | undefined;
}

async function unpacked(): Promise<string> {
  let program = "";
  await inflate(packed.gzip_base64, (piece) => program += piece);
  return program;
}

globalThis.pressStartProgram = unpacked();
globalThis.pressStartRevision = revision;
