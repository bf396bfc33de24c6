/**
 * Runs esbuild: `deno run ... build/output/bundle.ts PAGE WORKER` bundles a page's entry into one classic script and
 * prints it. If the page imports "press-start:worker", the script contains the worker's bundle, packed.
 * build/output/bundle.py calls this file; see there for permissions and caching.
 */
import * as esbuild from "esbuild";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { shortened } from "../../engine/webgpu/kernel_text.ts";

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

/** Kernels as strings. */
const kernels: esbuild.Plugin = {
  name: "wgsl",
  setup(build) {
    build.onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: shortened(await Deno.readTextFile(path)),
      loader: "text",
    }));
  },
};

/**
 * Gzipped, in base64: less than half the bytes of hexadecimal. training/inflate.ts unpacks it. A small memLevel makes small
 * blocks, each with its own Huffman code, which suits content as mixed as program and kernels.
 */
function packed(content: Uint8Array): { gzip_base64: string } {
  return { gzip_base64: gzipSync(content, { level: 8, memLevel: 6 }).toString("base64") };
}

/** The modules alternate, this many bytes at a time, because gzip finds repeats only within the last 32 KB. */
const TURN = 8192;

/**
 * The WebAssembly modules of a folder are packed together, and cpu/modules.ts takes them apart. They come from the same
 * C, and so two take little more space than one.
 */
const modules: esbuild.Plugin = {
  name: "wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => {
      const resolveDir = dirname(path), which = modulesIn(resolveDir).indexOf(basename(path));
      const contents = `import together from "press-start:modules"; export default { together, which: ${which} };`;
      return { contents, loader: "js", resolveDir };
    });
    build.onResolve({ filter: /^press-start:modules$/ }, ({ resolveDir }) => ({ path: resolveDir, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => {
      const all = modulesIn(path).map((name) => Deno.readFileSync(join(path, name)));
      const lengths = all.map(({ length }) => length), turns = Math.ceil(Math.max(...lengths) / TURN);
      const content = new Uint8Array(turns * TURN * all.length);
      for (let turn = 0; turn < turns; turn++) {
        for (const [which, bytes] of all.entries()) {
          content.set(bytes.subarray(turn * TURN, (turn + 1) * TURN), (turn * all.length + which) * TURN);
        }
      }
      return { contents: JSON.stringify({ ...packed(content), turn: TURN, lengths }), loader: "json" };
    });
  },
};

function modulesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name.endsWith(".wasm")).sort();
}

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
