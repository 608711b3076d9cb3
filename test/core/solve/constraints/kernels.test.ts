import { describe, expect, it } from "vitest";
import { Core } from "../../../../src/core/core.js";
import { findCandidates } from "../../../../src/core/solve/constraints/candidates.js";
import { round, roundStrand } from "../../../../src/core/solve/constraints/round.js";
import { smooth } from "../../../../src/core/solve/constraints/smooth.js";
import { split } from "../../../../src/core/solve/constraints/split.js";
import type { PricedPart } from "../../../../src/core/solve/constraints/priced.js";
import { Random } from "../../../../src/random.js";
import { compileCore } from "../../../builds.js";
import { BUILDS } from "../matrices.js";

/** A random part: float32 or float64 costs and columns, weights, forbidden options, several classes. */
function randomPart(seed: number, models: number, queries: number): PricedPart {
  const random = new Random(seed);
  const options = queries * models;
  const isWide = seed % 2 === 0;
  const list = (length: number, pick: () => number): number[] => Array.from({ length }, pick);
  const costs = list(options, () => random.uniform());
  for (let o = 0; o < options; o++) if (o % models > 0 && random.below(6) === 0) costs[o] = Infinity;
  const classes = 3;
  const rows = 5;
  const cells = Array.from({ length: classes * models }, () =>
    Array.from({ length: rows }, (_, k) => k)
      .filter(() => random.below(2) === 0)
      .map((row) => ({ row, column: random.below(5), factor: random.normal() })),
  );
  const start = new Uint32Array(classes * models + 1);
  cells.forEach((cell, i) => (start[i + 1] = start[i] + cell.length));
  const all = cells.flat();
  return {
    view: {
      matrices: {
        models,
        cost: isWide ? Float64Array.from(costs) : Float32Array.from(costs),
        successProbability: Float32Array.from(list(options, () => random.below(9) / 8)),
        weight: seed % 3 === 0 ? Float32Array.from(list(queries, () => random.below(4) / 2)) : undefined,
      },
      columns: [
        Float32Array.from(list(options, () => random.uniform())),
        Float64Array.from(list(options, () => random.uniform())),
      ],
      classes: Uint16Array.from(list(queries, () => random.below(classes))),
    },
    first: 0,
    from: 0,
    to: queries,
    terms: {
      classes,
      rows,
      start,
      row: Uint32Array.from(all, ({ row }) => row),
      column: Uint32Array.from(all, ({ column }) => column),
      factor: Float64Array.from(all, ({ factor }) => factor),
    },
    coefficients: Float64Array.from(list(classes * 5 * models, () => random.normal())),
  };
}

/** What the kernels compute, from the definitions. */
class Slow {
  readonly models: number;
  constructor(readonly part: PricedPart) {
    this.models = part.view.matrices.models;
  }
  columnAt(j: number, q: number, m: number): number {
    const { matrices, columns } = this.part.view;
    const o = q * this.models + m;
    return j === 0
      ? 1
      : j === 1
        ? matrices.successProbability[o]
        : j === 2
          ? matrices.cost[o]
          : columns[j - 3][o];
  }
  weight(q: number): number {
    return this.part.view.matrices.weight?.[q] ?? 1;
  }
  values(q: number): number[] {
    const { view, coefficients } = this.part;
    return Array.from({ length: this.models }, (_, m) => {
      if (this.columnAt(2, q, m) === Infinity) return -Infinity;
      let value = 0;
      for (let j = 0; j < 5; j++)
        value += coefficients[(view.classes[q] * 5 + j) * this.models + m] * this.columnAt(j, q, m);
      return value;
    });
  }
  shares(q: number, temperature: number): number[] {
    const values = this.values(q);
    const best = Math.max(...values);
    const e = values.map((v) => (v < best - 24 * temperature ? 0 : Math.exp((v - best) / temperature)));
    const sum = e.reduce((a, b) => a + b);
    return e.map((x) => x / sum);
  }
  amounts(q: number, m: number): number[] {
    const { terms, view } = this.part;
    const sums = new Array<number>(terms.rows).fill(0);
    const at = view.classes[q] * this.models + m;
    for (let t = terms.start[at]; t < terms.start[at + 1]; t++) {
      sums[terms.row[t]] += terms.factor[t] * this.columnAt(terms.column[t], q, m);
    }
    return sums;
  }
  table(sharesOf: (q: number) => number[]): Float64Array {
    const table = new Float64Array(3 * this.models * 5);
    for (let q = 0; q < this.part.to; q++) {
      sharesOf(q).forEach((share, m) => {
        if (share === 0) return;
        for (let j = 0; j < 5; j++) {
          table[(this.part.view.classes[q] * this.models + m) * 5 + j] +=
            this.weight(q) * share * this.columnAt(j, q, m);
        }
      });
    }
    return table;
  }
}

const near = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    expect(Math.abs(found[i] - expected[i])).toBeLessThan(1e-9 * (1 + Math.abs(expected[i])));
  }
};

describe.each(BUILDS)("the %s build", (build) => {
  const core = new Core(compileCore(build, "constraints"));
  const sizes = [1, 2, 3, 4, 5, 8, 12, 13, 20, 33];

  it.each(sizes)("smooths the dual among %i models as the definition does", (models) => {
    for (const temperature of [0.5, 0.02, 1e-6]) {
      const part = randomPart(models + 7, models, 57);
      const slow = new Slow(part);
      const found = smooth(core, { ...part, temperature, every: 1 });
      near(
        found.table,
        slow.table((q) => slow.shares(q, temperature)),
      );
      let [soft, lost, several] = [0, 0, 0];
      const hessian = new Float64Array(25);
      for (let q = 0; q < part.to; q++) {
        const shares = slow.shares(q, temperature);
        const values = slow.values(q);
        const best = Math.max(...values);
        const w = slow.weight(q);
        if (shares.filter((s) => s > 0).length > 1) several++;
        soft += w * temperature * Math.log(1 / Math.max(...shares));
        lost += w * shares.reduce((sum, s, m) => sum + (s > 0 ? s * (best - values[m]) : 0), 0);
        const amounts = shares.map((_, m) => (shares[m] > 0 ? slow.amounts(q, m) : [0, 0, 0, 0, 0]));
        const mean = [0, 1, 2, 3, 4].map((k) => shares.reduce((sum, s, m) => sum + s * amounts[m][k], 0));
        for (let i = 0; i < 5; i++)
          for (let j = 0; j < 5; j++)
            hessian[5 * i + j] +=
              w *
              shares.reduce(
                (sum, s, m) => sum + s * (amounts[m][i] - mean[i]) * (amounts[m][j] - mean[j]),
                0,
              );
      }
      near([found.soft, found.best - found.mixed, found.several], [soft, lost, several]);
      for (let i = 0; i < 25; i++) expect(Math.abs(found.hessian[i] - hessian[i])).toBeLessThan(1e-5);
    }
  });

  it.each(sizes)("splits, rounds and lists candidates among %i models by the definitions", (models) => {
    const part = randomPart(models + 70, models, 61);
    const slow = new Slow(part);
    const isClose = (q: number, cut: number): boolean => {
      const values = slow.values(q);
      const best = Math.max(...values);
      return values.filter((v) => v >= best - cut).length > 1;
    };
    const found = split(core, { ...part, cut: 0.2 });
    expect([...found.close]).toEqual(Array.from({ length: 61 }, (_, q) => q).filter((q) => isClose(q, 0.2)));
    const bestOf = (q: number): number[] => {
      const values = slow.values(q);
      return values.map((v) => Number(v === Math.max(...values)));
    };
    near(
      found.table,
      slow.table((q) => (isClose(q, 0.2) ? values0(models) : bestOf(q))),
    );

    const [deficit, norm] = [new Float64Array(5), new Float64Array(5).fill(1)];
    const temperature = 0.1;
    const sums = round(core, { ...part, temperature, deficit, norm });
    const { allocation } = sums;
    const none = new Float64Array(5);
    const strand = roundStrand(core, {
      ...{ terms: part.terms, coefficients: part.coefficients, temperature, deficit: none, norm },
      parts: [
        { ...part, from: part.from, to: part.from + 20 },
        { ...part, from: part.from + 20, to: part.to },
      ],
    });
    expect(strand.sums.flatMap((one) => [...one.allocation])).toEqual([...allocation]);
    expect(strand.deficit).toEqual(deficit);
    expect(none).toEqual(new Float64Array(5));
    near(
      sums.table,
      slow.table((q) => values0(models).map((_, m) => Number(m === allocation[q]))),
    );
    let lost = 0;
    const moved = new Float64Array(5);
    for (let q = 0; q < 61; q++) {
      const values = slow.values(q);
      const shares = slow.shares(q, temperature);
      lost += slow.weight(q) * (Math.max(...values) - values[allocation[q]]);
      expect(shares[allocation[q]]).toBeGreaterThan(0);
      for (let k = 0; k < 5; k++) {
        const mean = shares.reduce((sum, s, m) => sum + (s > 0 ? s * slow.amounts(q, m)[k] : 0), 0);
        moved[k] += slow.weight(q) * (slow.amounts(q, allocation[q])[k] - mean);
      }
    }
    near([sums.best - sums.chosen], [lost]);
    for (let k = 0; k < 5; k++) expect(Math.abs(deficit[k] - moved[k])).toBeLessThan(1e-8);

    const own = Uint8Array.from({ length: 61 }, (_, q) => bestOf(q).indexOf(1));
    const limits = { kinds: 8192, keep: 2, room: 100, near: 0.1, far: 0.5 };
    const listed = findCandidates(core, { ...part, ...limits, allocation: own });
    expect([...listed.listed]).toEqual(
      Array.from({ length: 61 }, (_, q) => q).filter((q) => isClose(q, 0.1)),
    );
  });
});

const values0 = (models: number): number[] => new Array<number>(models).fill(0);
