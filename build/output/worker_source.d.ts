/** What `import ... from "press-start:worker"` gives: engine/workers/worker.ts as one classic script, put there by bundle.ts. */
declare const worker_source: string;
export default worker_source;
