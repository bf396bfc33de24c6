// SHA-256 (FIPS 180-4). Our own implementation, because crypto.subtle is missing outside secure contexts, such as on a
// teacher's server at a LAN address, and because seeds are hashed synchronously.

const PRIMES = firstPrimes(64);
/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const K = Uint32Array.from(PRIMES, (p) => fractionalRootBits(p, 3n));
/** First 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, 5.3.3). */
const INITIAL = Uint32Array.from(PRIMES.slice(0, 8), (p) => fractionalRootBits(p, 2n));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes;
}

/** floor(2^32 * (p^(1/degree) mod 1)), exactly, by bisection in integers. */
function fractionalRootBits(p: number, degree: bigint): number {
  const target = BigInt(p) << (32n * degree);
  let low = 0n, high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** @returns the digest's eight 32-bit words, most significant first. */
export function sha256Words(bytes: Uint8Array): Uint32Array {
  const padded = new Uint8Array((bytes.length + 9 + 63) & ~63);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = INITIAL.slice();
  const w = new Uint32Array(64);
  for (let start = 0; start < padded.length; start += 64) compress(state, w, view, start);
  return state;
}

function compress(state: Uint32Array, w: Uint32Array, view: DataView, start: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(start + 4 * i);
  for (let i = 16; i < 64; i++) {
    const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g, g = f, f = e, e = (d + t1) | 0, d = c, c = b, b = a, a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => state[i] += value);
}

/** @returns the digest as 64 hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return [...sha256Words(bytes)].map((word) => word.toString(16).padStart(8, "0")).join("");
}
