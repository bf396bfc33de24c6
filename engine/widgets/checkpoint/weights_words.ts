// What the block about weights says of a tensor. No DOM.
import { count, shortened } from "../../wording.ts";
import { isGain, type TensorFacts } from "../../session/weight_map.ts";

const BYTES = 4;
const DIGITS = 2;

/** "65 × 64 numbers, 16,640 bytes", with what they are like. */
export function ofTensor(name: string, { shape, rms, smallest, largest }: TensorFacts): string {
  const size = shape.reduce((product, n) => product * n, 1);
  const what = isGain({ name }) ? "Distance from 1: root mean square" : "Root mean square";
  return `${name}: ${shape.join(" × ")} numbers, ${count(BYTES * size)} bytes. ${what} ${number(rms)}, from ${
    number(smallest)
  } to ${number(largest)}.`;
}

export function ofModel(numbers: number): string {
  return `All ${count(numbers)} numbers, ${count(BYTES * numbers)} bytes. Choose a tensor to enlarge it.`;
}

/** Which weights the picture shows. */
export const whose = {
  recorded: (iteration: number) => `Recorded run, iteration ${count(iteration)}.`,
  yours: (seed: string, iteration: number) =>
    `Your run with the seed “${shortened(seed)}”, iteration ${count(iteration)}.`,
  waiting: "Asking the engine for your weights.",
};

/** Two digits; 0 is not −0. */
function number(value: number): string {
  return Number(value.toPrecision(DIGITS)).toString().replace("-", "−");
}
