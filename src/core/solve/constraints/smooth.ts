import type { Core } from "../../core.js";
import type { ConstraintKernels } from "../../kernels.js";
import { overBlocks, type PricedPart } from "./priced.js";

/** The work of one pass of the smoothed dual over part of a view. */
export interface SmoothInput extends PricedPart {
  temperature: number;
  /** One in so many shared queries counts for the Hessian, for so many; 0: no Hessian. */
  every: number;
}

/** What a pass sums up; parts add up. */
export interface SmoothSums {
  /** Classes × models × columns (ones first): Σ weight · share · column. */
  table: Float64Array;
  /** Rows × rows: Σ weight · covariance of the rows' amounts. Empty if it is not wanted. */
  hessian: Float64Array;
  /** Over the queries of several options: Σ weight · temperature · log Σ exp, Σ weight · best value, Σ weight · share · value. */
  soft: number;
  best: number;
  mixed: number;
  /** Queries of several options. */
  several: number;
}

/** One pass of the smoothed dual over part of a view; see the kernel `smoothPass`. */
export function smooth(core: Core<ConstraintKernels>, input: SmoothInput): SmoothSums {
  const { arena, kernels } = core;
  const { temperature, every, terms } = input;
  const length = every === 0 ? 0 : terms.rows * terms.rows;
  return arena.scoped(() => {
    const sums = arena.write(new Float64Array(4 + length));
    const table = overBlocks(core, input, (priced, rows, first) =>
      kernels.smoothPass(priced.address, rows, first, temperature, sums, every),
    );
    const [soft, best, mixed, several] = arena.f64(sums, 4);
    return { table, hessian: arena.f64(sums, 4 + length).slice(4), soft, best, mixed, several };
  });
}

/** Adds the sums of the next part to those of others, in place. */
export function addSums(all: SmoothSums, part: SmoothSums): SmoothSums {
  addInto(all.table, part.table);
  addInto(all.hessian, part.hessian);
  all.soft += part.soft;
  all.best += part.best;
  all.mixed += part.mixed;
  all.several += part.several;
  return all;
}

export function addInto(sum: Float64Array, part: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += part[i];
}
