/**
 * Runs esbuild: `deno run ... build/output/bundle.ts PAGE WORKER` bundles a page's entry into one classic script and
 * prints it. If the page imports "press-start:worker", the script contains the worker's bundle, packed.
 * build/output/bundle.py calls this file; see there for permissions and caching.
 */
import * as esbuild from "esbuild";
import { gzipSync } from "node:zlib";

const [page, worker] = Deno.args;

const common: esbuild.BuildOptions = {
  bundle: true,
  write: false,
  format: "iife",
  minify: true,
  charset: "ascii", // so that the page's own encoding never matters, not even on file://
  legalComments: "none",
  target: ["chrome109", "firefox115", "safari16.4"],
  logLevel: "warning",
  absWorkingDir: Deno.cwd(),
};

/**
 * Kernels as strings, without comments, indentation and spaces beside marks. Line numbers stay the same, for the
 * compiler's messages.
 */
const kernels: esbuild.Plugin = {
  name: "wgsl",
  setup(build) {
    build.onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: (await Deno.readTextFile(path)).replaceAll(/[ \t]*\/\/.*$|^[ \t]+/gm, "")
        .replaceAll(/ *([,;:{}()*+/]) */g, "$1"),
      loader: "text",
    }));
  },
};

/**
 * Gzipped, in base64: less than half the bytes of hexadecimal. training/inflate.ts unpacks it. A small memory gives small
 * blocks, each with a code of its own: program, kernels and modules differ.
 */
function packed(content: Uint8Array): { gzip_base64: string } {
  return { gzip_base64: gzipSync(content, { level: 8, memLevel: 6 }).toString("base64") };
}

/** WebAssembly modules are packed. */
const modules: esbuild.Plugin = {
  name: "wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
      return { contents: JSON.stringify(packed(await Deno.readFile(path))), loader: "json" };
    });
  },
};

async function bundle(entry: string, plugins: esbuild.Plugin[] = []): Promise<string> {
  const result = await esbuild.build({ ...common, entryPoints: [entry], plugins: [kernels, modules, ...plugins] });
  return result.outputFiles![0].text;
}

/** On file:// a Worker can be made only from a string with its program: `import packed from "press-start:worker"`. */
const workerAsString: esbuild.Plugin = {
  name: "press-start:worker",
  setup(build) {
    build.onResolve({ filter: /^press-start:worker$/ }, ({ path }) => ({ path, namespace: "press-start" }));
    build.onLoad({ filter: /.*/, namespace: "press-start" }, async () => {
      const source = await bundle(worker);
      const bytes = new TextEncoder().encode(source), digest = await crypto.subtle.digest("SHA-256", bytes);
      const revision = Array.from(new Uint8Array(digest, 0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const program = JSON.stringify(packed(bytes));
      return { contents: `export default ${program}; export const revision = "${revision}";` };
    });
  },
};

try {
  await new Blob([await bundle(page, [workerAsString])]).stream().pipeTo(Deno.stdout.writable);
} catch (error) {
  // esbuild has already printed what is wrong and where.
  if (!(error instanceof Error && "errors" in error)) throw error;
  Deno.exitCode = 1;
} finally {
  await esbuild.stop();
}
