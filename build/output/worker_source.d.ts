/** `import ... from "press-start:worker"` gives engine/workers/worker.ts as one classic script; bundle.ts makes it. */
declare const worker_source: string;
export default worker_source;
/** Changes with every change of that script. */
export declare const revision: string;
