// Catches: an import that the table of rooms in engine/README.md does not allow (upwards, or from the page past the
// session), a room missing from the table or from engine/, and circular imports.
import assert from "node:assert/strict";

const ENGINE = new URL("../../engine/", import.meta.url);

/** What each room may import, in the order of the table: from the bottom up. A room is a folder or a top-level file. */
type Table = Map<string, string[]>;
/** The text of each file, by its path in engine/. */
type Sources = Map<string, string>;

function tableOf(readme: string): Table {
  const rows = readme.split("\n").filter((line) => /^\| \[`[^`]+`\]\(/.test(line)).map((line) => line.split("|"));
  const named = (cell: string) => [...cell.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => name);
  return new Map(rows.map(([, room, , allowed]) => [named(room)[0], named(allowed)]));
}

function sourcesIn(folder: URL, path = ""): Sources {
  const sources: Sources = new Map();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) {
      sourcesIn(new URL(`${name}/`, folder), `${path}${name}/`).forEach((text, at) => sources.set(at, text));
    } else sources.set(path + name, name.endsWith(".wasm") ? "" : Deno.readTextFileSync(new URL(name, folder)));
  }
  return sources;
}

/** The folder of a file; a top-level file is its own room. */
const roomOf = (path: string) => path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : path;

/** One import (including type imports): its line, and the path in engine/ or the package name that it imports. */
interface Import {
  line: number;
  target: string;
}

const IMPORT =
  /^(?:import|export)\b(?:[\s\w*,]|\{[^}]*\})*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport(?:\.meta\.resolve)?\(\s*"([^"]+)"/gm;

function importsOf(path: string, text: string): Import[] {
  if (!path.endsWith(".ts")) return [];
  const code = text.replaceAll(/^[ \t]*(?:\/\/|\/?\*).*$/gm, "");
  const found = [...code.matchAll(IMPORT)].map(({ index, 1: from, 2: bare, 3: called }) => {
    const target = from ?? bare ?? called, line = code.slice(0, index).split("\n").length;
    return { line, target: target.startsWith(".") ? new URL(target, `file:///${path}`).pathname.slice(1) : target };
  });
  const statements = code.match(/^import\b/gm)?.length ?? 0;
  assert.ok(found.length >= statements, `${path}: ${statements} imports, of which this test reads ${found.length}`);
  return found;
}

/** One sentence for each contradiction between the table and the sources. */
function mistakesIn(table: Table, sources: Sources): string[] {
  const mistakes: string[] = [], used = new Map([...table.keys()].map((room) => [room, new Set<string>()]));
  const rooms = new Set([...sources.keys()].filter((path) => path !== "README.md").map(roomOf));
  for (const room of rooms) if (!table.has(room)) mistakes.push(`engine/${room} has no row in the table`);
  for (const [room, allowed] of table) {
    if (!rooms.has(room)) mistakes.push(`the table has a row for ${room}, which engine/ does not have`);
    const below = [...table.keys()].slice(0, [...table.keys()].indexOf(room));
    for (const other of allowed) {
      if (table.has(other) && !below.includes(other)) {
        mistakes.push(`the table lets ${room} import ${other}, not below it`);
      }
    }
  }
  for (const [path, text] of sources) {
    const room = roomOf(path), allowed = table.get(room) ?? [];
    for (const { line, target } of importsOf(path, text)) {
      const other = sources.has(target) ? roomOf(target) : target;
      if (other === room) continue;
      used.get(room)?.add(other);
      if (allowed.includes(other)) continue;
      mistakes.push(`engine/${path}:${line} imports ${target}; ${room} may import ${allowed.join(", ") || "nothing"}`);
    }
  }
  for (const [room, allowed] of table) {
    for (const other of allowed) {
      if (!used.get(room)!.has(other)) mistakes.push(`the table lets ${room} import ${other}, which it does not`);
    }
  }
  return mistakes;
}

/** The first circular import found, as a list of files; null if there is none. */
function circleIn(sources: Sources): string[] | null {
  const done = new Set<string>();
  const visit = (path: string, way: string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const { target } of importsOf(path, sources.get(path) ?? "")) {
      const circle = visit(target, [...way, path]);
      if (circle) return circle;
    }
    done.add(path);
    return null;
  };
  for (const path of sources.keys()) {
    const circle = visit(path, []);
    if (circle) return circle;
  }
  return null;
}

const SOURCES = sourcesIn(ENGINE), TABLE = tableOf(SOURCES.get("README.md")!);

/** The sources with one more line at the end of a file. */
function withLine(path: string, line: string): Sources {
  return new Map(SOURCES).set(path, `${SOURCES.get(path)}${line}\n`);
}

Deno.test("each room imports only what the table in engine/README.md allows", () => {
  assert.ok(TABLE.size > 10, `only ${TABLE.size} rows were read`);
  assert.deepEqual(mistakesIn(TABLE, SOURCES), []);
});

Deno.test("no file imports itself through others, not even for a type", () => {
  assert.equal(circleIn(SOURCES), null);
});

Deno.test("engine/ shows at most nine files and eleven folders", () => {
  const entries = [...Deno.readDirSync(ENGINE)], folders = entries.filter(({ isDirectory }) => isDirectory).length;
  assert.ok(folders <= 11 && entries.length - folders <= 9, entries.map(({ name }) => name).join(" "));
});

for (
  const [what, path, line] of [
    ["a type", "training/backend.ts", 'import type { Instance } from "../cpu/instance.ts";'],
    ["a kernel", "session/history.ts", 'import text from "../wgsl/residual_forward.wgsl" with { type: "text" };'],
    ["a package", "training/rng.ts", 'import uPlot from "uplot";'],
    ["a dynamic import", "wording.ts", 'const { milestones } = await import("./training/milestones.ts");'],
    ["a path", "cpu/instance.ts", 'const worker = import.meta.resolve("../workers/worker.ts");'],
  ] as const
) {
  Deno.test(`an import in the wrong direction is reported, with file and line: ${what}`, () => {
    const line_number = SOURCES.get(path)!.split("\n").length;
    const [mistake, ...others] = mistakesIn(TABLE, withLine(path, line));
    assert.ok(mistake?.startsWith(`engine/${path}:${line_number} imports `), mistake);
    assert.deepEqual(others, []);
  });
}

Deno.test("a circular import within a room is reported", () => {
  const circle = circleIn(withLine("training/next_turn.ts", 'import type { Tick } from "./clock.ts";'));
  assert.deepEqual(circle, ["training/clock.ts", "training/next_turn.ts", "training/clock.ts"]);
});

Deno.test("folders without a row, rows without a folder, and rows with upward or unused imports are reported", () => {
  const less = new Map(TABLE), more = new Map(TABLE), up = new Map(TABLE), loose = new Map(TABLE);
  less.delete("wgsl/fused");
  assert.ok(mistakesIn(less, SOURCES).includes("engine/wgsl/fused has no row in the table"));
  assert.deepEqual(mistakesIn(more.set("attic", []), SOURCES), [
    "the table has a row for attic, which engine/ does not have",
  ]);
  up.set("training", [...TABLE.get("training")!, "session"]);
  assert.equal(mistakesIn(up, SOURCES)[0], "the table lets training import session, not below it");
  loose.set("cpu", [...TABLE.get("cpu")!, "model.json"]);
  assert.deepEqual(mistakesIn(loose, SOURCES), ["the table lets cpu import model.json, which it does not"]);
});
