import type { LabelledSample } from "../../src/predict/sample.js";
import { Random } from "../../src/random.js";

const WORDS = ["river", "stone", "cloud", "ember", "maple", "tiger", "violet", "anchor"];

/** Random words; "sum" marks the texts that model `maths` mostly answers well and `poet` does not. */
export function toySample(rows: number, seed = 1): LabelledSample {
  const random = new Random(seed);
  const queries: string[] = [];
  const outcome = new Float32Array(rows * 2);
  for (let q = 0; q < rows; q++) {
    const isSum = random.below(2);
    const filler = Array.from({ length: 4 }, () => WORDS[random.below(WORDS.length)]).join(" ");
    queries.push(`${isSum ? "sum the numbers" : "write a verse"} ${filler} ${random.below(1000)}`);
    const right = random.uniform() < 0.9 ? isSum : 1 - isSum;
    outcome.set([right, 1 - isSum], 2 * q);
  }
  return { models: ["maths", "poet"], queries, outcome };
}
