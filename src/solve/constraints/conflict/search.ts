import type { Standing } from "../../../core/solve/constraints/neighbourhood.js";
import type { Compiled } from "../compile.js";
import { standingOf, type Neighbourhood } from "../neighbourhood.js";
import { tryAll } from "../polish.js";

/** Searches of everything that finding a conflict may take. */
const MOST_SEARCHES = 60;
/** Weighted violations below it are rounding. */
const NOISE = 1e-10;
/** What a violation of the other rows counts where one row alone is to move. */
const FIRM = 1e6;

/** A row of a conflict, and how far it must move if it alone is moved, in units of its sum; 0 if that is not known. */
export interface Move {
  row: number;
  move: number;
}

/**
 * The rows that conflict where a search of everything has shown that no allocation keeps all. A row is left out for good if no
 * allocation keeps the others either; what is left conflicts, and without any one of its rows it does not. A row's move is the
 * least violation of it over the allocations that keep the others.
 */
export function conflictBySearch(compiled: Compiled, around: Neighbourhood, nearest: Standing): Move[] {
  let searches = 0;
  const violationAt = (penalty: Float64Array): number | undefined => {
    if (++searches > MOST_SEARCHES) return undefined;
    const changed = { ...around, penalty };
    const from = standingOf(changed, nearest.current, nearest.slack, nearest.losses);
    if (from.violation <= NOISE) return 0;
    const found = tryAll(changed, from);
    return found?.isComplete ? found.violation : undefined;
  };
  const rows = new Set(compiled.rows.keys());
  const penalty = (of: (k: number) => number): Float64Array =>
    around.penalty.map((p, k) => (rows.has(k) ? p * of(k) : 0));
  for (const k of [...rows]) {
    const violation = violationAt(penalty((j) => (j === k ? 0 : 1)));
    if (violation !== undefined && violation > NOISE) rows.delete(k);
  }
  return [...rows].map((row) => {
    const violation = violationAt(penalty((j) => (j === row ? 1 : FIRM))) ?? 0;
    return { row, move: (violation / around.penalty[row]) * compiled.scale[row] };
  });
}
