// The program of the Workers as a script of its own, which comes behind the page's: a reader need not wait for it to see
// the page come alive. As a string, because on file:// a Worker can be made from nothing else.
import worker_source from "press-start:worker";

declare global {
  var pressStartWorker: string | undefined;
}

globalThis.pressStartWorker = worker_source;
