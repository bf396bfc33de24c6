// Catches: a damaged file that crashes or hangs the reader, is read as something else, or changes the run that reads it.
// PRESS_START_MUTATIONS says how many files; the full suite tries 10,000.
import assert from "node:assert/strict";
import { readCheckpoint } from "../../../engine/checkpoint/checkpoint.ts";
import { FileError } from "../../../engine/checkpoint/file_error.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { quickest } from "../quickest.ts";
import { CORPUS, Kept } from "./files.ts";

const FILES = Number(Deno.env.get("PRESS_START_MUTATIONS") ?? 500), MOST_MS = 200;
type Bytes = Uint8Array<ArrayBuffer>;
type Draw = (below: number) => number;

/** Where a mutation strikes: the length, the header, its metadata or the data, about equally often. */
function place(file: Bytes, header: number, draw: Draw): number {
  const [from, to] = [[0, 8], [8, 600], [8, 8 + header], [8 + header, file.length]][draw(4)];
  return from + draw(to - from);
}

function joined(...parts: Uint8Array[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Each returns a file of its own. */
const MUTATIONS: Record<string, (file: Bytes, at: number, draw: Draw) => Bytes> = {
  bit(file, at, draw) {
    file[at] ^= 1 << draw(8);
    return file;
  },
  bytes(file, at, draw) {
    for (let i = 0; i < 1 + draw(16); i++) file[(at + i) % file.length] = draw(256);
    return file;
  },
  digit(file, at, draw) {
    while (at < file.length && !(file[at] >= 0x30 && file[at] <= 0x39)) at++;
    file[at % file.length] = 0x30 + draw(10);
    return file;
  },
  sign(file, at, draw) {
    file[at] = '{}[]",:0 \n\\-.eE\0'.charCodeAt(draw(16));
    return file;
  },
  cut: (file, at) => file.slice(0, at),
  gap: (file, at, draw) => joined(file.subarray(0, at), file.subarray(at + 1 + draw(40))),
  more: (file, at, draw) =>
    joined(file.subarray(0, at), new Uint8Array(1 + draw(40)).fill(draw(256)), file.subarray(at)),
  twice: (file, at, draw) => joined(file.subarray(0, at + 1 + draw(200)), file.subarray(at)),
  swap(file, at, draw) {
    const length = 1 + draw(64), other = draw(file.length - length);
    const moved = file.slice(other, other + length);
    file.copyWithin(other, at, at + length);
    file.set(moved.subarray(0, Math.max(0, file.length - at)), at);
    return file;
  },
};

Deno.test(`${FILES} damaged files: each is refused in a sentence, quickly, and the run stays as it is`, async () => {
  const kept = await Kept.of();
  await kept.train_to(21);
  const good = await kept.save(),
    before = await kept.trainer.fingerprint(),
    checkpoint = await readCheckpoint(good.slice());
  const header = Number(new DataView(good.buffer).getBigUint64(0, true)), names = Object.keys(MUTATIONS);
  const refused = new Map<string, number>();
  let slowest = 0, harmless = 0;
  for (let n = 0; n < FILES; n++) {
    let drawn = 0;
    const draw: Draw = (below) => hash32(0xf11e, n, drawn++) % below;
    let file = good.slice(), done = "";
    for (let times = 1 + draw(4) % 3; times > 0; times--) {
      const name = names[draw(names.length)];
      done += `${name} `;
      if (file.length > 700) file = MUTATIONS[name](file, Math.min(place(file, header, draw), file.length - 1), draw);
    }
    const copy = file.slice();
    let kind: string | null = null;
    const took = await quickest(MOST_MS, async () => {
      const begin = performance.now();
      kind = await kept.files.load(file, CORPUS).then(() => null, (error) => {
        assert.ok(error instanceof FileError, `file ${n} (${done}): ${error.stack}`);
        assert.match(error.message, /^[A-Z].*\.$/s);
        return error.kind;
      });
      return performance.now() - begin;
    });
    slowest = Math.max(slowest, took);
    assert.deepEqual(file, copy, `file ${n} (${done}) was changed`);
    if (kind !== null) refused.set(kind, (refused.get(kind) ?? 0) + 1);
    else { // only what does not matter was changed, such as a space
      harmless++;
      assert.deepEqual(await readCheckpoint(file), checkpoint, `file ${n} (${done})`);
    }
  }
  assert.equal(await kept.trainer.fingerprint(), before);
  assert.ok(slowest < MOST_MS, `${slowest} ms`);
  assert.ok(refused.size >= 10 && harmless < FILES / 10, `${harmless} harmless; ${JSON.stringify([...refused])}`);
});
