// Catches: a file's name that a system refuses, that is endless, or that does not say what the file holds.
import assert from "node:assert/strict";
import { fileName } from "../../../../engine/widgets/checkpoint/download.ts";

for (
  const [seed, iteration, part, name] of [
    ["hamlet", 812, "state", "press-start-hamlet-812.safetensors"],
    ["hamlet", 0, "weights", "press-start-hamlet-0-weights.safetensors"],
    ["to be / or not: to *be*?", 20, "state", "press-start-to-be-or-not-to-be-20.safetensors"],
    ["../../etc/passwd", 1, "state", "press-start-etc-passwd-1.safetensors"],
    ["Ætna, été, 北京", 1, "state", "press-start-Ætna-été-北京-1.safetensors"],
    ["🙂", 5, "state", "press-start-5.safetensors"],
    ["x".repeat(1000), 5, "state", `press-start-${"x".repeat(40)}-5.safetensors`],
  ] as const
) Deno.test(`a file of the seed ${seed.slice(0, 30)}`, () => assert.equal(fileName(seed, iteration, part), name));
