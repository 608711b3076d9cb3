import type { Block, BlockSource, Problem } from "../../../src/types.js";

/**
 * A source that hands out a problem in blocks of so many rows, one size after another, and that counts its passes. Blocks are
 * overwritten once the next one is asked for.
 */
export function inBlocks(problem: Problem, sizes: readonly number[]): BlockSource & { passes: number } {
  const width = problem.models.length;
  const queries = problem.cost.length / width;
  return {
    models: problem.models,
    passes: 0,
    *blocks() {
      this.passes++;
      for (let from = 0, i = 0; from < queries; i++) {
        const to = Math.min(queries, from + sizes[i % sizes.length]);
        const block = blockOf(problem, from, to);
        yield block;
        block.cost.fill(NaN);
        block.successProbability.fill(NaN);
        for (const column of Object.values(block.columns ?? {})) column.fill(NaN);
        from = to;
      }
    },
  };
}

function blockOf(problem: Problem, from: number, to: number): Block {
  const width = problem.models.length;
  const { cost, successProbability, weight, allowed, minProbability, columns, groups } = problem;
  const each = <A extends { slice(from: number, to: number): A }>(
    all: Readonly<Record<string, A>> | undefined,
    wide: number,
  ): Record<string, A> | undefined =>
    all &&
    Object.fromEntries(Object.entries(all).map(([k, values]) => [k, values.slice(wide * from, wide * to)]));
  return {
    cost: cost.slice(width * from, width * to),
    successProbability: successProbability.slice(width * from, width * to),
    weight: weight?.slice(from, to),
    allowed: allowed?.slice(width * from, width * to),
    minProbability: minProbability?.slice(from, to),
    columns: each(columns as never, width) as Block["columns"],
    groups: each(groups as never, 1) as Block["groups"],
  };
}
