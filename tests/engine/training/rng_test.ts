// Catches: a stream that does not follow from its seed, a changed hash (which would change every run), a distribution
// other than its name says, inexact arithmetic.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { exactCosTurns, exactLog } from "../../../engine/training/exact_math.ts";
import { batchStart, gumbel, hash32, normal, type Stream, streamKey } from "../../../engine/training/rng.ts";

const KEY = 0x9e3779b9;

function moments(count: number, draw: (i: number) => number): { mean: number; variance: number; largest: number } {
  let sum = 0, squares = 0, largest = 0;
  for (let i = 0; i < count; i++) {
    const x = draw(i);
    sum += x;
    squares += x * x;
    largest = Math.max(largest, Math.abs(x));
  }
  const mean = sum / count;
  return { mean, variance: squares / count - mean * mean, largest };
}

Deno.test("a stream's key is the first word of SHA-256 over its name and the seed", () => {
  for (const stream of ["weights", "batches", "samples"] as Stream[]) {
    for (const seed of ["hamlet", "", "Ophélie 🌊"]) {
      const digest = createHash("sha256").update(`${stream}:${seed}`).digest();
      assert.equal(streamKey(seed, stream), digest.readUInt32BE(0));
    }
  }
});

Deno.test("surrounding spaces and the encoding of accents do not change a seed; everything else does", () => {
  assert.equal(streamKey("  caf\u00e9\n", "weights"), streamKey("cafe\u0301", "weights"));
  assert.notEqual(streamKey("a b", "weights"), streamKey("ab", "weights"));
  assert.notEqual(streamKey("Hamlet", "weights"), streamKey("hamlet", "weights"));
});

/** lowbias32 with BigInt, for comparison. */
function mixBig(x: bigint): bigint {
  const low = 0xffffffffn;
  x = ((x ^ (x >> 16n)) * 0x7feb352dn) & low;
  x = ((x ^ (x >> 15n)) * 0x846ca68bn) & low;
  return x ^ (x >> 16n);
}

Deno.test("the hash is three rounds of lowbias32, with arguments taken modulo 2^32", () => {
  for (const [key, a, b] of [[0, 0, 0], [1, 2, 3], [KEY, 2000, 31], [0xffffffff, 0xffffffff, 0xffffffff]]) {
    const low = 0xffffffffn;
    const wanted = mixBig((mixBig((mixBig(BigInt(key)) + BigInt(a)) & low) + BigInt(b)) & low);
    assert.equal(hash32(key, a, b), Number(wanted));
  }
  assert.equal(hash32(KEY, 5 + 2 ** 32, 7), hash32(KEY, 5, 7));
});

Deno.test("flipping one bit of an argument flips about half of the hash's bits", () => {
  let turned = 0, pairs = 0;
  const count = (x: number) => x.toString(2).replaceAll("0", "").length;
  for (let i = 0; i < 200; i++) {
    for (let bit = 0; bit < 32; bit++) {
      const flip = (x: number) => (x ^ (1 << bit)) >>> 0;
      turned += count((hash32(KEY, i, 3 * i) ^ hash32(KEY, flip(i), 3 * i)) >>> 0);
      turned += count((hash32(KEY, i, 3 * i) ^ hash32(KEY, i, flip(3 * i))) >>> 0);
      pairs += 2;
    }
  }
  assert.ok(Math.abs(turned / pairs - 16) < 0.1, `${turned / pairs} of 32 bits`);
});

Deno.test("normal numbers have mean 0 and variance 1", () => {
  const { mean, variance, largest } = moments(200_000, (i) => normal(KEY, i));
  assert.ok(Math.abs(mean) < 0.01 && Math.abs(variance - 1) < 0.02, `${mean} ${variance}`);
  assert.ok(largest > 4 && largest < 7, `${largest}`);
});

Deno.test("Gumbel noise has Euler's constant as its mean and pi^2 / 6 as its variance", () => {
  const { mean, variance } = moments(200_000, (i) => gumbel(KEY, Math.floor(i / 65), i % 65));
  assert.ok(Math.abs(mean - 0.57722) < 0.015, `${mean}`);
  assert.ok(Math.abs(variance - Math.PI ** 2 / 6) < 0.03, `${variance}`);
});

Deno.test("batches start uniformly throughout the text, and never past its end", () => {
  const starts = 1000, draws = 200_000, counts = new Array(starts).fill(0);
  for (let i = 0; i < draws; i++) counts[batchStart(KEY, Math.floor(i / 32), i % 32, starts)]++;
  const wanted = draws / starts;
  const chi2 = counts.reduce((sum, count) => sum + (count - wanted) ** 2 / wanted, 0);
  // 999 degrees of freedom: 999 on average, with a standard deviation of 45.
  assert.ok(chi2 > 800 && chi2 < 1200, `${chi2}`);
  assert.equal(counts.length, starts);
});

Deno.test("exactLog is accurate to the last few bits", () => {
  for (let i = 1; i < 5000; i++) {
    for (const x of [i / 5000, i * 1.37, 2 ** -i || 1, 1 + i * 2 ** -40]) {
      if (x < 2 ** -1022) continue;
      const wanted = Math.log(x);
      assert.ok(Math.abs(exactLog(x) - wanted) <= 1e-14 * Math.max(Math.abs(wanted), 1e-13), `ln ${x}`);
    }
  }
  assert.equal(exactLog(1), 0);
});

Deno.test("exactCosTurns is accurate to the last few bits", () => {
  for (let i = 0; i < 10_000; i++) {
    const u = i / 10_000;
    assert.ok(Math.abs(exactCosTurns(u) - Math.cos(2 * Math.PI * u)) < 1e-15 * 4, `cos(2 pi ${u})`);
  }
  assert.deepEqual([0, 0.5].map(exactCosTurns), [1, -1]);
});
