import { Random } from "../../src/random.js";
import type { Scorer } from "../../src/online/scorer.js";
import type { ModelOptions } from "../../src/online/models.js";

/** A request of the tests: its text is a number, which draws its row. */
export interface Row {
  probability: number[];
  cost: number[];
}

/** Prices of `small`, `medium`, `large`, … : each four times as dear as the one before. */
export function modelsOf(count: number): Record<string, ModelOptions> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, m) => [
      `m${m}`,
      { price: { input: 0.1 * 4 ** m, output: 0.5 * 4 ** m, cachedInput: 0.025 * 4 ** m } },
    ]),
  );
}

/** The row that a text draws: dearer models are better, hard requests worse. 100 input tokens, about 200 of output. */
export function rowOf(text: string, count: number): Row {
  const random = new Random(Number(text) || 0, 77);
  const difficulty = random.uniform();
  const tokens = 100 + Math.floor(200 * random.uniform());
  const rows = Array.from({ length: count }, (_, m) => {
    const skill = 0.35 + (0.6 * (m + 1)) / count;
    const p = Math.min(
      0.99,
      Math.max(0.01, skill + 0.5 * (0.5 - difficulty) + 0.1 * (random.uniform() - 0.5)),
    );
    return { p, c: (100 * 0.1 * 4 ** m + tokens * 0.5 * 4 ** m) / 1e6 };
  });
  return { probability: rows.map(({ p }) => Math.fround(p)), cost: rows.map(({ c }) => c) };
}

/** A scorer of such rows. */
export function scoresOf(count = 3): Scorer {
  const models = Array.from({ length: count }, (_, m) => `m${m}`);
  const written = (values: number[], out: Float64Array = new Float64Array(count)): Float64Array => {
    out.set(values);
    return out;
  };
  return {
    models,
    digest: "0".repeat(64),
    score: (input, out) => written(rowOf(String(input), count).probability, out),
    costs: (input, _, out) => written(rowOf(input, count).cost, out),
    promptTokens: () => 100,
  };
}
