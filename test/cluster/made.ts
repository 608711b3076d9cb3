import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { Random } from "../../src/random.js";
import type { Costs, Problem } from "../../src/types.js";
import { npyBytes } from "../../src/write/probabilities.js";

/** A folder of a test file's own, removed at its end. */
export function testFolder(name: string): (...path: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), `optllm-cluster-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...path) => join(folder, ...path);
}

/** A problem like a real one: dearer models are mostly better. `isDecimal`: costs in whole hundred-thousandths. */
export function madeProblem(rows: number, models: number, isDecimal: boolean, seed = 7): Problem {
  const random = new Random(seed);
  const cost: Costs = isDecimal ? new Float64Array(rows * models) : new Float32Array(rows * models);
  const successProbability = new Float32Array(rows * models);
  for (let q = 0; q < rows; q++) {
    const [length, ease] = [0.2 + random.uniform(), random.uniform()];
    for (let m = 0; m < models; m++) {
      const option = q * models + m;
      const dollars = ((m + 1) / models) ** 2 * length * (0.5 + random.uniform());
      cost[option] = isDecimal ? Math.max(1, Math.round(dollars * 1e5)) / 1e5 : dollars;
      successProbability[option] = ease + (1 - ease) * ((m + random.uniform()) / models) * 0.9;
    }
  }
  return { models: Array.from({ length: models }, (_, m) => `m${m}`), cost, successProbability };
}

/** Recorded costs and tokens of a row, as columns of files. */
export const recordedOf = (q: number) => ({
  "gpt-4o-mini__cost": 1e-4 * (1 + (q % 5)),
  "gpt-4o-mini__input_tokens": 100 + q,
  "gpt-4o-mini__output_tokens": 50,
  "gpt-4o__cost": 2e-3 * (1 + (q % 7)),
  "gpt-4o__input_tokens": 100 + q,
  "gpt-4o__output_tokens": 80 + (q % 9),
});

/** Scores of the same models. */
export const scoresOf = (q: number) => ({ "gpt-4o-mini__score": q % 2, "gpt-4o__score": q % 5 > 0 ? 1 : 0 });

/** Writes a problem as pairs of `.npy` files, cut at some rows. Returns their paths. */
export function writeParts(
  { models, cost, successProbability }: Problem,
  cuts: number[],
  at: (name: string) => string,
) {
  const width = models.length;
  const rows = cost.length / width;
  const borders = [0, ...cuts, rows];
  return borders.slice(1).map((to, k) => {
    const [from, name] = [borders[k], `part-${k}`];
    const part = <M extends Costs>(matrix: M): M => matrix.subarray(from * width, to * width) as M;
    const write = (file: string, matrix: Costs): void =>
      writeFileSync(at(file), Buffer.concat([...npyBytes(matrix, to - from, width)]));
    write(`${name}.probability.npy`, part(successProbability));
    write(`${name}.cost.npy`, part(cost));
    return at(`${name}.cost.npy`);
  });
}
