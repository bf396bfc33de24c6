// Catches: a recording whose probabilities are packed otherwise than the page unpacks them, or which belong to another
// sample than the one that pages show with them.
import assert from "node:assert/strict";
import { type Seen, seenReadings } from "../../../engine/training/seen.ts";

const FOLDER = new URL("../../../docs/recorded/", import.meta.url);
const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.startsWith("seen-"));
const read = (name: string) => JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)));
/** Of a probability with three digits. */
const ROUNDING = 1e-3;

Deno.test("each recorded text has a file", () => assert.ok(names.length >= 2, names.join()));

for (const name of names) {
  Deno.test(`${name}: each sample has a reading of its own characters`, async () => {
    const { corpus, samples: packed, config } = read(name) as Seen;
    const readings = await seenReadings(packed, config.model);
    const { samples } = read(`run-${corpus.name}.json`) as { samples: { iteration: number; text: string }[] };
    assert.deepEqual([...readings.keys()], samples.map(({ iteration }) => iteration));
    const indices = new Map<string, number>(), power = 1 / config.sampling.temperature;
    for (const { iteration, text } of samples) {
      const { candidates: K, likeliest, probabilities, surprise, tempered } = readings.get(iteration)!;
      const characters = Array.from(text);
      assert.equal(surprise.length, characters.length);
      characters.forEach((character, at) => {
        const p = [...probabilities.subarray(at * K, (at + 1) * K)], drawn = Math.exp(-surprise[at]);
        assert.ok(p.every((one, i) => i === 0 || one <= p[i - 1] + ROUNDING), `${iteration}, ${at}: in order`);
        assert.ok(p.reduce((sum, one) => sum + one, 0) < 1 + K * ROUNDING, `${iteration}, ${at}: at most 1`);
        assert.ok(p.reduce((sum, one) => sum + one ** power, 0) < tempered[at] + 2 * K * ROUNDING);
        // The drawn character is among the likeliest, or no likelier than the last of them.
        const i = p.findIndex((one) => Math.abs(one - drawn) < ROUNDING * one + 1e-9);
        if (drawn > p[K - 1] * (1 + 2 * ROUNDING)) assert.ok(i >= 0, `${iteration}, ${at}: ${drawn} in ${p}`);
        // A character that is likely everywhere has one index everywhere.
        if (i >= 0 && drawn > 0.5) {
          const v = likeliest[at * K + i];
          assert.equal(indices.get(character) ?? v, v, `${iteration}, ${at}: ${character}`);
          indices.set(character, v);
        }
      });
    }
    assert.ok(indices.size > 5, "some characters are likely");
  });
}
