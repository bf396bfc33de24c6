// What the block about surprise says of a line. No DOM.
import { count, decimals } from "../../wording.ts";
import { type CountingModel, meanOf, sumOf } from "./surprise_sums.ts";
import { visible } from "./visible_characters.ts";

/** Terms of a sum that are written out at its beginning. */
const TERMS = 3;
/** Characters that a sentence names. */
const NAMED = 4;
/** Characters before the one that the reader points at. */
const BEFORE = 6;
const DECIMALS = 2;
const NUMBERS = ["no", "one", "two", "three", "four"];

export const nats = (value: number) => decimals(value, DECIMALS);

/** The character as a reader can see it, in quotation marks. */
export const quoted = (character: string) => `“${visible(character)}”`;

/** The mean worked out: (0.31 + 2.10 + 0.02 + … + 1.20) / 40 = 70.80 / 40 = 1.77 */
export function workedOut(surprise: readonly number[]): string {
  const n = surprise.length, terms = surprise.map(nats);
  const shown = n <= TERMS + 2 ? terms : [...terms.slice(0, TERMS), "…", terms[n - 1]];
  return `(${shown.join(" + ")}) / ${n} = ${nats(sumOf(surprise))} / ${n} = ${nats(meanOf(surprise))}`;
}

/** Above the line: whose model it is, and when. */
export const shownAt = {
  recorded: (iteration: number) => `recorded run, iteration ${count(iteration)}`,
  own: (iteration: number) => `your run, iteration ${count(iteration)}`,
  nothing: "no run yet: press Start; each measurement then adds a step here",
};

export const nllOf = (surprise: readonly number[]) => `NLL ${nats(meanOf(surprise))}`;

/** One character of the line, for a reader who points at it. @param place from 1, because the first is given */
export function ofCharacter(
  line: readonly string[],
  place: number,
  model: readonly number[] | null,
  counting: CountingModel,
): string {
  const before = line.slice(Math.max(0, place - BEFORE), place).map(visible).join("");
  const other = counting.surprise[place - 1];
  const said = model ? `the model ${chance(model[place - 1])}, ` : "";
  return `${quoted(line[place])} after “${before}”: ${said}the ${counting.title} ${chance(other)}`;
}

/** A surprise and the probability behind it: 0.84 nats (p = 43%). */
function chance(surprise: number): string {
  const p = 100 * Math.exp(-surprise);
  const percent = p >= 99.5 ? "99" : p >= 9.5 ? decimals(p, 0) : p >= 0.1 ? decimals(p, 1) : null;
  const bound = p >= 99.5 ? "above" : percent === null ? "below" : "=";
  return `${nats(surprise)} nats (p ${bound} ${percent ?? "0.1"}%)`;
}

/** Which characters look further back than the model that counts. @param better places among the predicted, from 0 */
export function whereBetter(
  line: readonly string[],
  better: readonly number[],
  model: readonly number[],
  { title, looks_back, surprise }: CountingModel,
  margin: number,
): string {
  const of = surprise.length, than = `at least ${margin} ${margin === 1 ? "nat" : "nats"} better than the ${title}`;
  if (better.length === 0) return `At none of the ${of} characters is the model ${than}.`;
  const named = better.slice(0, NAMED)
    .map((place) => `${quoted(line[place + 1])} (${nats(model[place])} instead of ${nats(surprise[place])})`);
  const more = better.length > NAMED ? ` and ${better.length - NAMED} more` : "";
  const which = `At ${better.length} of ${of} characters the model is ${than}: ${named.join(", ")}${more}.`;
  return `${which} ${sees(title, looks_back)}`;
}

function sees(title: string, looks_back: number): string {
  if (looks_back === 0) return `The ${title} sees no character before them.`;
  const seen = looks_back === 1 ? "the character" : `the ${NUMBERS[looks_back]} characters`;
  return `The ${title} sees only ${seen} before each. The model sees further back, through attention alone.`;
}
