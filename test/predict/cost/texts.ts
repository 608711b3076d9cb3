import type { Random } from "../../../src/random.js";

const WORDS = ["river", "stone", "cloud", "engine", "paper", "green", "seven", "house", "light", "salt"];

export function textsOf(count: number, random: Random): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: 3 + random.below(60) }, () => WORDS[random.below(WORDS.length)]).join(" "),
  );
}

export const sum = (values: Iterable<number>): number => [...values].reduce((total, x) => total + x, 0);

/** Costs of a text: 1e-4 + 2e-6 a character, times noise of mean 1, some five times as high. */
export function known(
  texts: readonly string[],
  random: Random,
  noise: number,
  outliers: number,
): Float32Array {
  return Float32Array.from(texts, (text) => {
    const factor = Math.exp(noise * random.normal() - noise ** 2 / 2);
    return (1e-4 + 2e-6 * text.length) * factor * (random.uniform() < outliers ? 5 : 1);
  });
}
