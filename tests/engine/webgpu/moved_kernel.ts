// Rewrites a kernel so that it marks each number that it reads or writes, and so that its one workgroup can be any of
// the grid.
import { expect } from "./check.ts";
import { slotsOf } from "../../../engine/webgpu/plan.ts";

/**
 * What a workgroup has to know: its place in the grid, a number that no other run has, how many marks stand between a
 * number's mark for reading and that for writing, where its counters are, and for each binding where its tensor's marks
 * begin and how many numbers it has.
 */
export const RUN = 64;
const OWN_NUMBER = 3, BETWEEN = 4, COUNTERS = 5, PLACES = 6;

const withoutComments = (source: string) => source.replaceAll(/\/\/.*/g, "");

/** @returns how many numbers an element of each bound array has, by the kernel's name for it */
export function widthsOf(source: string): Map<string, number> {
  const declaration = /@group\(0\)\s*@binding\(\d+\)\s*var<\s*storage[^>]*>\s*(\w+)\s*:\s*array<\s*(\w+)/g;
  const widths: Record<string, number> = { f32: 1, u32: 1, vec2f: 2, vec2u: 2, vec4f: 4 };
  const found = [...withoutComments(source).matchAll(declaration)].map(([, name, type]): [string, number] => {
    expect(type in widths, `${name}: array<${type}> cannot be counted`);
    return [name, widths[type]];
  });
  expect(found.length === slotsOf(source).length, "a binding is not an array of numbers");
  return new Map(found);
}

/** @returns where the bracket that opens at `open` closes */
function closing(text: string, open: number): number {
  for (let i = open, depth = 0; i < text.length; i++) {
    if ("([{".includes(text[i])) depth++;
    if (")]}".includes(text[i]) && --depth === 0) return i;
  }
  throw new Error(`unbalanced: ${text.slice(open, open + 40)}`);
}

/** Replaces name[place] by name[reads_name(place)], or by writes_name or both where the element is written. */
function markAccesses(text: string, names: string[]): string {
  const use = new RegExp(`(?<![.\\w])(${names.join("|")})\\b`, "g");
  let result = "", from = 0;
  for (let found = use.exec(text); found; found = use.exec(text)) {
    const [name] = found, open = found.index + name.length;
    if (text[open] !== "[") { // a variable of the same name
      expect(text[found.index - 1] !== "&", `${name}: a pointer to it cannot be followed`);
      continue;
    }
    const close = closing(text, open), after = text.slice(close + 1);
    expect(
      !/^\s*(\.\w+|\[[^\]]*\])\s*([-+*/%&|^]|<<|>>)?=(?!=)/.test(after),
      `${name}: only a part of an element is written`,
    );
    const updated = /^\s*([-+*/%&|^]|<<|>>)=(?!=)|^\s*(\+\+|--)/.test(after), written = /^\s*=(?!=)/.test(after);
    const place = markAccesses(text.slice(open + 1, close), names);
    const marked = updated
      ? `reads_${name}(writes_${name}(${place}))`
      : `${written ? "writes" : "reads"}_${name}(${place})`;
    result += `${text.slice(from, open)}[${marked}]`;
    from = use.lastIndex = close + 1;
  }
  return result + text.slice(from);
}

/** Lets main's workgroup be any of the grid. */
function moveWorkgroup(code: string): string {
  const open = code.indexOf("(", code.search(/fn main\s*\(/)), close = closing(code, open);
  const size = code.match(/@workgroup_size\(([^)]*)\)/)![1].split(",");
  const place = "vec3u(moved_run[0], moved_run[1], moved_run[2])";
  const steps: Record<string, string> = {
    workgroup_id: place,
    global_invocation_id: `${place} * vec3u(${[0, 1, 2].map((i) => size[i] ?? "1u")})`,
  };
  let lines = "";
  const parameters = code.slice(open, close).replaceAll(/@builtin\((\w+)\)\s*(\w+)/g, (whole, builtin, name) => {
    expect(/^local_/.test(builtin) || builtin in steps, `${builtin} cannot be moved`);
    if (!(builtin in steps)) return whole;
    lines += ` let ${name} = unmoved_${name} + ${steps[builtin]};`;
    return `@builtin(${builtin}) unmoved_${name}`;
  });
  const body = code.indexOf("{", close) + 1;
  return code.slice(0, open) + parameters + code.slice(close, body) + lines + code.slice(body);
}

/** @returns the kernel with two more bindings: the marks, and what a workgroup has to know */
export function markedKernel(source: string): string {
  const code = withoutComments(source), declaration = /@group\(0\)[^;]*;/g;
  const widths = widthsOf(source), slots = slotsOf(source);
  const marked = markAccesses(code.replaceAll(declaration, ""), slots.map(({ name }) => name));
  const functions = slots.flatMap(({ name, binding }) =>
    ["reads", "writes"].map((verb, which) =>
      `fn ${verb}_${name}(place: u32) -> u32 {
        mark(place, ${widths.get(name)}u, ${PLACES + 2 * binding}u, ${which}u);
        return place;
      }`
    )
  );
  // No run has the number of another, so marks need not be erased in between.
  return `${code.match(declaration)!.join("\n")}
    @group(0) @binding(${slots.length}) var<storage, read_write> moved_marks: array<atomic<u32>>;
    @group(0) @binding(${slots.length + 1}) var<storage, read> moved_run: array<u32, ${RUN}>;
    fn mark(place: u32, width: u32, binding: u32, which: u32) {
      let counters = moved_run[${COUNTERS}];
      if (place >= moved_run[binding + 1u] / width) {
        atomicAdd(&moved_marks[counters + 2u], 1u);
        return;
      }
      let at = moved_run[binding] + place * width + which * moved_run[${BETWEEN}];
      if (atomicExchange(&moved_marks[at], moved_run[${OWN_NUMBER}]) != moved_run[${OWN_NUMBER}]) {
        atomicAdd(&moved_marks[counters + which], width);
      }
    }
    ${functions.join("\n")}
    ${moveWorkgroup(marked)}`;
}
