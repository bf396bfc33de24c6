// How much the characters of a line surprised a model, and their mean. No DOM.

/** A model that counts, and what it says of the same characters. */
export interface CountingModel {
  /** As readers know it: trigram, 4-gram. */
  title: string;
  /** How many characters before the next one it looks at. */
  looks_back: number;
  /** -ln p, in nats. */
  surprise: readonly number[];
}

/** The mean of surprises, in nats per character: the NLL of the line. */
export function meanOf(surprise: readonly number[]): number {
  return sumOf(surprise) / surprise.length;
}

export function sumOf(surprise: readonly number[]): number {
  return surprise.reduce((sum, nats) => sum + nats, 0);
}

/** The places at which a model is at least `margin` nats less surprised than another, the largest difference first. */
export function betterAt(model: readonly number[], other: readonly number[], margin: number): number[] {
  const gain = (place: number) => other[place] - model[place];
  return model.map((_, place) => place).filter((place) => gain(place) >= margin).sort((a, b) => gain(b) - gain(a));
}
