// The Workers' program in a separate script that loads after the page's, so that the page responds without waiting for
// it. It is a string, because on file:// a Worker can be made from nothing else.
import worker_source, { revision } from "press-start:worker";

declare global {
  var pressStartWorker: string | undefined;
  var pressStartRevision: string | undefined;
}

globalThis.pressStartWorker = worker_source;
globalThis.pressStartRevision = revision;
