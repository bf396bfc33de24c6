// Catches: a bad file that is read, is refused without a sentence that names what is wrong, or takes long.
import assert from "node:assert/strict";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../../engine/checkpoint/checkpoint.ts";
import { MOST_BYTES } from "../../../engine/checkpoint/limits.ts";
import { FileError } from "../../../engine/checkpoint/file_error.ts";
import { fileOf, type Header, Kept, partsOf, withAbout, withHeader, withJson } from "./files.ts";
import { quickest } from "../quickest.ts";

const kept = await Kept.of();
await kept.train_to(12);
const GOOD = await kept.save(), CHECKPOINT: Checkpoint = await readCheckpoint(GOOD.slice());
const { header: HEADER, data: DATA } = partsOf(GOOD);
const MOST_MS = 200;

type Bytes = Uint8Array<ArrayBuffer>;

/** A file with one bit of its data flipped. */
function flipped(bit: number): Bytes {
  const data = DATA.slice();
  data[bit >> 3] ^= 1 << (bit & 7);
  return fileOf(new TextEncoder().encode(HEADER), data);
}

/** With a number put into a vector, and a checksum that fits. */
function withNumber(part: "params" | "m" | "v", at: number, value: number): Promise<Bytes> {
  const copy = structuredClone(CHECKPOINT);
  (part === "params" ? copy.params : copy.rest![part])[at] = value;
  return writeCheckpoint(copy);
}

function withMetadata(change: (text: string) => string): Bytes {
  return withJson(GOOD, ({ __metadata__ }) => __metadata__.press_start = change(__metadata__.press_start));
}

const about = (change: (about: Header) => void) => withAbout(GOOD, change);
const json = (change: (header: Header) => void) => withJson(GOOD, change);
const ascii = (text: string): Bytes => new TextEncoder().encode(text);

const LAST = "history.val";

const BAD: [what: string, file: Bytes | Promise<Bytes>, sentence: string | RegExp][] = [
  // nothing of ours
  ["an empty file", new Uint8Array(), "This is not a checkpoint: it does not begin like a .safetensors file."],
  ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /^This is not a checkpoint/],
  ["a text", ascii("To be, or not to be: that is the question."), /^This is not a checkpoint/],
  [
    "another model",
    fileOf(ascii('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), new Uint8Array(4)),
    "This .safetensors file is not a checkpoint of Press Start: it has no entry “press_start”.",
  ],

  // cut short, or too long
  ["eight bytes", GOOD.slice(0, 8), /^This is not a checkpoint/],
  [
    "half a header",
    GOOD.slice(0, 600),
    /^The file is cut short: its header has [\d,]+ bytes, of which 592 are there\.$/,
  ],
  [
    "a header without data",
    GOOD.slice(0, GOOD.length - DATA.length),
    /^The file is cut short, or its header is wrong: the tensor “[\w.]+” ends at byte [\d,]+ of 0\.$/,
  ],
  [
    "one byte too few",
    GOOD.slice(0, -1),
    /^The file is cut short, or its header is wrong: the tensor “history\.val” ends at byte/,
  ],
  [
    "one byte too many",
    fileOf(ascii(HEADER), Uint8Array.of(...DATA, 7)),
    "The file is damaged: its last 1 byte belong to no tensor.",
  ],

  // the header
  [
    "a header that claims gigabytes",
    fileOf(ascii(HEADER), DATA, 8_000_000_000),
    "The file says that its header has 8,000,000,000 bytes; a checkpoint’s has at most 65,536.",
  ],
  [
    "a header that claims more than a number can hold",
    (() => {
      const file = GOOD.slice();
      file.fill(255, 0, 8);
      return file;
    })(),
    /^The file says that its header has 18,446,744,073,709,552,000 bytes/,
  ],
  [
    "a header that is not UTF-8",
    withBytes((header) => header[20] = 0xff),
    "The file is damaged: its header is not UTF-8 text.",
  ],
  [
    "a header padded with NUL",
    withBytes((header) => header.fill(0, header.findLastIndex((byte) => byte === 0x7d) + 1), 4),
    "The file is damaged: its header ends in something other than spaces.",
  ],
  [
    "a header that is not JSON",
    withHeader(GOOD, (text) => text.replace('"wte":', '"wte";')),
    /^The file is damaged: its header is not JSON from character [\d,]+ on \(“;\{"dtype":".+”\)\.$/,
  ],
  [
    "a header that ends early",
    withHeader(GOOD, (text) => text.trimEnd().slice(0, -1)),
    /is not JSON from character [\d,]+ on \(it ends there\)\.$/,
  ],
  [
    "a tensor twice",
    withHeader(GOOD, (text) => text.replace('"wpe"', '"wte"')),
    "The file is damaged: its header has the key “wte” twice.",
  ],
  [
    "metadata twice",
    withHeader(GOOD, (text) => text.replace('"press_start":', '"press_start":"","press_start":')),
    "The file is damaged: its header has the key “press_start” twice.",
  ],
  [
    "metadata that is a number",
    json((header) => header.__metadata__.more = 5),
    "The file is damaged: more is 5, and not a text.",
  ],
  [
    "metadata that is a list",
    json((header) => header.__metadata__ = []),
    "The file is damaged: __metadata__ is [], and not an object.",
  ],
  [
    "an empty header",
    fileOf(ascii("{}"), new Uint8Array(8)),
    "The file is damaged: its last 8 bytes belong to no tensor.",
  ],

  // tensors
  [
    "a wrong type",
    json(({ wte }) => wte.dtype = "F16"),
    "The tensor “wte” holds F16; a checkpoint’s tensors hold F32.",
  ],
  ["no type", json(({ wte }) => delete wte.dtype), "The tensor “wte” holds null; a checkpoint’s tensors hold F32."],
  [
    "a wrong shape",
    json(({ wte }) => wte.shape.reverse()),
    /^The tensor “wte” has the shape \[16, \d+\]; the file’s model needs \[\d+, 16\]\.$/,
  ],
  [
    "a shape of another size",
    json(({ wte }) => wte.shape[0]++),
    /^The file is damaged: the tensor “wte” has [\d,]+ bytes, which does not fit its shape/,
  ],
  ["a huge shape", json(({ wte }) => wte.shape = [2 ** 52, 2 ** 52]), /which does not fit its shape/],
  [
    "a negative shape",
    json(({ wte }) => wte.shape[0] = -1),
    "The file is damaged: wte.shape is [-1,16], and not a list of whole numbers.",
  ],
  ["a broken shape", json(({ wte }) => wte.shape[0] = 1.5), /^The file is damaged: wte\.shape is \[1\.5,16\]/],
  [
    "no offsets",
    json(({ wte }) => delete wte.data_offsets),
    "The file is damaged: wte.data_offsets is null, and not a list of whole numbers.",
  ],
  [
    "reversed offsets",
    json(({ wte }) => wte.data_offsets.reverse()),
    /^The file is damaged: wte\.data_offsets is .*, and not where it begins and ends\.$/,
  ],
  [
    "another field",
    json(({ wte }) => wte.more = 1),
    "The file is damaged: a field of wte is more, and not dtype, shape or data_offsets.",
  ],
  ["a tensor that is a number", json((header) => header.wte = 5), "The file is damaged: wte is 5, and not an object."],
  [
    "offsets beyond the file",
    json((header) => shift(header[LAST], 4)),
    /^The file is cut short, or its header is wrong: the tensor “history\.val” ends at byte/,
  ],
  ["offsets of terabytes", json((header) => shift(header.wte, 2 ** 43)), /ends at byte 8,796,093,0\d\d,\d{3} of/],
  [
    "overlapping tensors",
    json(({ wpe }) => shift(wpe, -4)),
    `The file is damaged: the tensors “wte” and “wpe” overlap.`,
  ],
  [
    "two tensors in one place",
    json((header) => header["h.0.ln_1.bias"].data_offsets = header["h.0.ln_1.weight"].data_offsets),
    /overlap\.$/,
  ],
  [
    "a hole",
    json((header) => delete header["h.0.ln_1.bias"]),
    /^The file is damaged: 64 bytes before the tensor “h\.0\.attn\.qkv” belong to no tensor\.$/,
  ],
  ["a missing tensor", withoutLast(), "The file lacks the tensor “history.val”."],
  ["an unknown tensor", json((header) => rename(header, "wpe", "wpf")), "The file’s model has no tensor “wpf”."],
  [
    "a tensor named by a long text",
    json((header) => rename(header, "wpe", "x".repeat(5000))),
    /^The file’s model has no tensor “x{24} … x{16} \(5,000 characters\)”\.$/,
  ],
  [
    "NaN among the weights",
    withNumber("params", 3, NaN),
    "The tensor “wte” has NaN at number 3; training needs finite numbers.",
  ],
  [
    "infinity among the moments",
    withNumber("m", 0, -Infinity),
    "The tensor “adamw.m.wte” has -Infinity at number 0; training needs finite numbers.",
  ],
  [
    "a negative mean of squares",
    withNumber("v", 1, -1),
    "The tensor “adamw.v.wte” has -1 at number 1; a mean of squares is never below 0.",
  ],

  // flipped bits
  ["a flipped bit in the first weight", flipped(0), "The file is damaged: its checksum does not match its content."],
  ["a flipped bit in the last loss", flipped(8 * DATA.length - 1), /^The file is damaged: its checksum/],
  [
    "another seed",
    withMetadata((text) => text.replace('"seed":"hamlet"', '"seed":"hamlft"')),
    /^The file is damaged: its checksum/,
  ],
  [
    "another learning rate",
    withMetadata((text) => text.replace(/"learning_rate":0\.003/, '"learning_rate":0.007')),
    /^The file is damaged: its checksum/,
  ],
  [
    "another checksum",
    withMetadata((text) => text.replace(/"checksum":"./, '"checksum":"g')),
    /“press_start” checksum is "g[0-9a-f]+ … .*, and not 64 hexadecimal digits\.$/,
  ],
  [
    "no checksum",
    withMetadata((text) => text.replace(/"checksum":"[0-9a-f]+",/, "")),
    "The file is damaged: “press_start” checksum is missing, and not a text.",
  ],

  // metadata
  [
    "metadata that is not JSON",
    withMetadata(() => "iteration 12"),
    "The file is damaged: its entry “press_start” is not JSON from character 0 on (“iteration 12”).",
  ],
  [
    "a field twice",
    withMetadata((text) => text.replace("{", '{"seed":"x",')),
    "The file is damaged: its entry “press_start” has the key “seed” twice.",
  ],
  [
    "a newer format",
    about((about) => about.format = 2),
    "The file has format 2, and this page reads format 1: open it on a newer Press Start page.",
  ],
  [
    "no format",
    about((about) => delete about.format),
    "The file is damaged: “press_start” format is missing, and not a number.",
  ],
  [
    "an iteration beyond the end",
    about((about) => about.training.iterations = 11),
    "The file is damaged: “press_start” iteration is 12, and not a whole number from 0 to 11.",
  ],
  [
    "endless iterations",
    about((about) => about.training.iterations = 1e12),
    /training\.iterations is 1000000000000, and not a whole number from 1 to 1000000\.$/,
  ],
  [
    "a model that no engine trains",
    about((about) => about.model.n_layer = 2 ** 30),
    /^No engine trains the file’s model: n_layer is 1073741824/,
  ],
  [
    "a vocabulary of another size",
    about((about) => about.corpus.characters += "\u{1f30a}"),
    /corpus is .*, and not \d+ different characters\.$/,
  ],
  [
    "a vocabulary that repeats itself",
    about((about) => about.corpus.characters = "aa" + about.corpus.characters.slice(2)),
    /different characters\.$/,
  ],
  ["an empty seed", about((about) => about.seed = "\u200b"), /“press_start” seed is ".", and not a seed\.$/],
  [
    "samples that are none",
    about((about) => about.samples = [{ iteration: 3, val: null }]),
    "The file is damaged: “press_start” samples[0].phase is missing, and not a text.",
  ],
];

function shift(tensor: { data_offsets: number[] }, by: number): void {
  tensor.data_offsets = tensor.data_offsets.map((offset) => offset + by);
}

function rename(header: Header, from: string, to: string): void {
  header[to] = header[from];
  delete header[from];
}

function withBytes(change: (header: Uint8Array) => void, spaces = 0): Bytes {
  const header = ascii(HEADER.trimEnd() + " ".repeat(spaces));
  change(header);
  return fileOf(header, DATA);
}

/** Without the last tensor and its bytes. */
function withoutLast(): Bytes {
  const { data_offsets: [begin] } = JSON.parse(HEADER)[LAST];
  const file = json((header) => delete header[LAST]), { header } = partsOf(file);
  return fileOf(ascii(header), DATA.slice(0, begin));
}

for (const [what, file, sentence] of BAD) {
  Deno.test(`refused with a sentence: ${what}`, async () => {
    const bytes = await file;
    const took = await quickest(MOST_MS, async () => {
      const begin = performance.now();
      await assert.rejects(readCheckpoint(bytes), (error: Error) => {
        assert.ok(error instanceof FileError, error.stack);
        if (typeof sentence === "string") assert.equal(error.message, sentence);
        else assert.match(error.message, sentence);
        assert.match(error.message, /^[A-Z][^\n]{10,400}\.$/);
        return true;
      });
      return performance.now() - begin;
    });
    assert.ok(took < MOST_MS, `${took} ms`);
  });
}

Deno.test("a file that is too large is refused by its beginning alone", async () => {
  const end = MOST_BYTES + 4, tensor = { dtype: "F32", shape: [end / 4], data_offsets: [0, end] };
  const header = ascii(JSON.stringify({ __metadata__: JSON.parse(HEADER).__metadata__, wte: tensor }));
  await assert.rejects(readCheckpoint(fileOf(header, new Uint8Array()), 8 + header.length + end), {
    kind: "too-large",
    message: /^The file has 134,\d{3},\d{3} bytes; the largest checkpoint has 134,217,728\.$/,
  });
});

Deno.test("nothing is wrong with the good file, in any order of its tensors, with more metadata, and unaligned", async () => {
  const entries = Object.entries<Header>(JSON.parse(HEADER)).filter(([name]) => name !== "__metadata__").reverse();
  const header: Header = { ...JSON.parse(HEADER), __metadata__: { format: "pt", ...JSON.parse(HEADER).__metadata__ } };
  const data: number[] = [];
  for (const [name, { data_offsets: [begin, end] }] of entries) {
    delete header[name];
    header[name] = { ...JSON.parse(HEADER)[name], data_offsets: [data.length, data.length + end - begin] };
    for (const byte of DATA.subarray(begin, end)) data.push(byte);
  }
  const file = fileOf(ascii(JSON.stringify(header, null, 1).padEnd(12_345)), Uint8Array.from(data));
  assert.deepEqual(await readCheckpoint(file), CHECKPOINT);
});
