import type { LabelledSample } from "../../src/predict/sample.js";
import { Random } from "../../src/random.js";
import type { QueryVectors } from "../../src/types.js";

export const COLUMNS = 6;

/** Vectors whose first number decides which of two models is right; every text is the same. */
export function vectorSample(rows: number, seed = 1): LabelledSample & { vectors: QueryVectors } {
  const random = new Random(seed);
  const value = Float32Array.from({ length: rows * COLUMNS }, () => random.uniform() - 0.5);
  const outcome = new Float32Array(rows * 2);
  for (let q = 0; q < rows; q++) {
    const side = random.below(2);
    value[q * COLUMNS] = side === 1 ? 2 : -2;
    outcome.set([side, 1 - side], 2 * q);
  }
  return {
    models: ["plus", "minus"],
    queries: new Array<string>(rows).fill("the same text"),
    outcome,
    vectors: { columns: COLUMNS, value },
  };
}
