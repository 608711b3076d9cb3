import { describe, expect, it } from "vitest";
import {
  rebuildAround,
  repairAround,
  searchAll,
  type NeighbourhoodInput,
  type Standing,
} from "../../../../src/core/solve/constraints/neighbourhood.js";
import { Random } from "../../../../src/random.js";
import { compileCore } from "../../../builds.js";
import { BUILDS } from "../matrices.js";

/** A small neighbourhood and an allocation in it; numbers are eighths, so that sums are exact and ties occur. */
function randomAround(seed: number, queries: number, rows: number, tightness: number) {
  const random = new Random(seed, 9);
  const start = new Uint32Array(queries + 1);
  const amountStart: number[] = [0];
  const [loss, amountRow, amount]: number[][] = [[], [], []];
  const counts = Array.from({ length: queries }, () => 2 + random.below(2));
  const seconds = counts.map(() => (1 + random.below(12)) / 8).sort((a, b) => a - b);
  counts.forEach((count, q) => {
    start[q + 1] = start[q] + count;
    for (let o = 0; o < count; o++) {
      loss.push(o === 0 ? 0 : seconds[q] + (o - 1) * (random.below(4) / 8));
      for (let k = 0; k < rows; k++) {
        if (random.below(3) === 0) continue;
        amountRow.push(k);
        amount.push((random.below(17) - 4) / 8);
      }
      amountStart.push(amountRow.length);
    }
  });
  const around: NeighbourhoodInput = {
    start,
    loss: Float64Array.from(loss),
    second: Float64Array.from(seconds),
    amountStart: Uint32Array.from(amountStart),
    amountRow: Uint8Array.from(amountRow),
    amount: Float64Array.from(amount),
    price: Float64Array.from({ length: rows }, () => random.below(5) / 8),
    penalty: Float64Array.from({ length: rows }, () => (1 + random.below(4)) / 2),
  };
  const current = Uint32Array.from(counts, (count, q) => start[q] + random.below(count));
  const bound = Float64Array.from(
    { length: rows },
    () => Math.round(tightness * 8 * queries * random.uniform()) / 8,
  );
  return { around, bound, standing: measured(around, bound, current) };
}

/** An allocation's standing, from the definitions. */
function measured(around: NeighbourhoodInput, bound: Float64Array, current: Uint32Array): Standing {
  const slack = bound.slice();
  let losses = 0;
  for (const option of current) {
    losses += around.loss[option];
    for (let i = around.amountStart[option]; i < around.amountStart[option + 1]; i++) {
      slack[around.amountRow[i]] -= around.amount[i];
    }
  }
  let [gap, violation] = [losses, 0];
  slack.forEach((s, k) => {
    if (s < 0) violation -= s * around.penalty[k];
    else gap += around.price[k] * s;
  });
  return { current, slack, losses, gap, violation };
}

/** The least violation, and among those without any the least gap, over all allocations. */
function best(around: NeighbourhoodInput, bound: Float64Array): { violation: number; gap: number } {
  const found = { violation: Infinity, gap: Infinity };
  const current = new Uint32Array(around.second.length);
  const visit = (q: number): void => {
    if (q === current.length) {
      const { violation, gap } = measured(around, bound, current);
      if (violation > found.violation || (violation === found.violation && gap >= found.gap)) return;
      Object.assign(found, { violation, gap });
      return;
    }
    for (let o = around.start[q]; o < around.start[q + 1]; o++) {
      current[q] = o;
      visit(q + 1);
    }
  };
  visit(0);
  return found;
}

/** Repairs by single changes, from the definition: the greatest violation removed for 0.001 + the loss added, while there is any. */
function repaired(around: NeighbourhoodInput, bound: Float64Array, from: Standing): Standing {
  let here = from;
  while (here.violation > 0) {
    let [score, next] = [0, undefined as Standing | undefined];
    here.current.forEach((own, q) => {
      for (let o = around.start[q]; o < around.start[q + 1]; o++) {
        if (o === own) continue;
        const changed = measured(around, bound, here.current.with(q, o));
        const removed = here.violation - changed.violation;
        const worth = removed / (1e-3 + Math.max(0, around.loss[o] - around.loss[own]));
        if (removed > 1e-12 && worth > score) [score, next] = [worth, changed];
      }
    });
    if (next === undefined) break;
    here = next;
  }
  return here;
}

describe.each(BUILDS)("the %s build", (build) => {
  const module = compileCore(build, "constraints");
  const shapes = [
    { queries: 1, rows: 1 },
    { queries: 5, rows: 3 },
    { queries: 7, rows: 6 },
  ];

  it.each(shapes)(
    "searches all allocations of $queries queries and $rows rows as trying each does",
    (shape) => {
      for (let seed = 1; seed <= 40; seed++) {
        const { around, bound, standing } = randomAround(
          seed,
          shape.queries,
          shape.rows,
          0.2 + (seed % 5) / 4,
        );
        const found = searchAll(module, { neighbourhood: around, standing, nodes: 1e6 });
        const where = `seed ${seed}`;
        expect(found.isComplete, where).toBe(true);
        const { current, slack, losses, gap, violation } = found;
        expect({ slack, losses, gap, violation }, where).toEqual(
          (({ slack, losses, gap, violation }) => ({ slack, losses, gap, violation }))(
            measured(around, bound, current),
          ),
        );
        const exact = best(around, bound);
        expect(violation, where).toBe(exact.violation);
        if (violation === 0) expect(gap, where).toBe(exact.gap);
      }
    },
  );

  it.each(shapes)(
    "repairs $queries queries and $rows rows by the single changes of the definition",
    (shape) => {
      for (let seed = 1; seed <= 40; seed++) {
        const { around, bound, standing } = randomAround(seed, shape.queries, shape.rows, 0.3);
        expect(repairAround(module, { neighbourhood: around, standing }), `seed ${seed}`).toEqual(
          standing.violation > 0 ? repaired(around, bound, standing) : standing,
        );
      }
    },
  );

  it.each(shapes)(
    "rebuilds up to 5 of $queries queries into the best of all, as trying each does",
    (shape) => {
      const queries = Math.min(5, shape.queries);
      for (let seed = 1; seed <= 40; seed++) {
        const { around, bound, standing } = randomAround(seed, queries, shape.rows, 0.8);
        const input = { neighbourhood: around, standing, steps: 3, enough: 0, seed, restart: 1 };
        const found = rebuildAround(module, input);
        const where = `seed ${seed}`;
        expect(found, where).toEqual(measured(around, bound, found.current));
        const exact = best(around, bound);
        expect(found.violation, where).toBe(exact.violation);
        if (found.violation === 0) expect(found.gap, where).toBe(exact.gap);
      }
    },
  );
});
