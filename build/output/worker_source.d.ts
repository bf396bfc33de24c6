/** `import ... from "press-start:worker"` gives engine/workers/worker.ts as one classic script, gzipped; bundle.ts makes it. */
declare const packed: { gzip_base64: string };
export default packed;
/** Changes with every change of that script. */
export declare const revision: string;
