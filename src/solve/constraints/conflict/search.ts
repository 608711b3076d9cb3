import type { Standing } from "../../../core/solve/constraints/neighbourhood.js";
import { breathe } from "../../../pool/breathe.js";
import type { Scope } from "../lagrangian.js";
import { applied, standingOf, type Neighbourhood } from "../neighbourhood.js";
import { tryAll, type Polished } from "../polish.js";
import { prove, type Proof } from "../proof/prove.js";
import { standingsNow } from "../standing.js";
import { onlyRows } from "./onlyRows.js";

/** Searches of everything that finding a conflict may take, where few queries matter. */
const MOST_SEARCHES = 60;
/** Weighted violations below it are rounding. */
const NOISE = 1e-10;
/** What a violation of the other rows counts where one row alone is to move. */
const FIRM = 1e6;
/** A move is found up to this part of what one query moves. */
const MOVE_TOLERANCE = 1e-9;

/** A row of a conflict, and how far it must move at least if it alone is moved, in units of its sum; undefined: not known. */
export interface Move {
  row: number;
  move?: number;
}

/**
 * The rows that conflict where a search has shown that no allocation keeps all. A row is left out for good if a search shows that
 * no allocation keeps the others either; what is left conflicts, and no row of it is needless, as far as the searches came to an
 * end. A row's move is a lower bound on its violation over the allocations that keep the others: the least one, if the search for
 * it came to an end. Where few queries matter, all allocations are tried; else by branch and bound, with `work` for all searches
 * together.
 */
export async function conflictBySearch(
  scope: Scope,
  { around, standing, allocation }: Pick<Polished, "around" | "standing" | "allocation">,
  work: number,
): Promise<Move[]> {
  return new Search(scope, around, standing, allocation, work).run();
}

class Search {
  private readonly rows: Set<number>;
  private searches = 0;

  constructor(
    private readonly scope: Scope,
    private readonly around: Neighbourhood,
    private readonly nearest: Standing,
    private readonly allocation: Uint8Array,
    private work: number,
  ) {
    this.rows = new Set(scope.compiled.rows.keys());
  }

  async run(): Promise<Move[]> {
    const { rows } = this;
    // Half of the work is for finding the rows.
    const moving = this.work / 2;
    this.work -= moving;
    for (const k of [...rows]) {
      const others = [...rows].filter((j) => j !== k);
      if (await this.isImpossible(others)) rows.delete(k);
    }
    this.work = moving;
    const moves: Move[] = [];
    for (const row of rows) moves.push({ row, move: await this.moveOf(row) });
    return moves;
  }

  /** Whether it is proven that no allocation keeps some rows. */
  private async isImpossible(rows: readonly number[]): Promise<boolean> {
    const violation = this.leastViolation((k) => Number(rows.includes(k)));
    if (violation !== undefined) return violation > NOISE;
    const { isProven, isBetter } = await this.prove(rows);
    return isProven && !isBetter;
  }

  private async moveOf(row: number): Promise<number | undefined> {
    const { around, scope, rows, nearest } = this;
    const { scale } = scope.compiled;
    const violation = this.leastViolation((k) => (rows.has(k) ? (k === row ? 1 : FIRM) : 0));
    if (violation !== undefined) return (violation / around.penalty[row]) * scale[row];
    const others = [...rows].filter((k) => k !== row);
    const { least, losses, tolerance } = await this.prove(others, row);
    const move = least - tolerance - losses - nearest.slack[row];
    return move > 0 && move < Infinity ? move * scale[row] : undefined;
  }

  /** The least weighted violation, with the weights of the rows multiplied, if all allocations can be tried. */
  private leastViolation(weightOf: (row: number) => number): number | undefined {
    const { around, nearest } = this;
    if (++this.searches > MOST_SEARCHES) return undefined;
    const changed = { ...around, penalty: around.penalty.map((p, k) => p * weightOf(k)) };
    const from = standingOf(changed, nearest.current, nearest.slack, nearest.losses);
    if (from.violation <= NOISE) return 0;
    const found = tryAll(changed, from);
    return found?.isComplete ? found.violation : undefined;
  }

  /** Branch and bound for an allocation that keeps some rows; if one is to be least, for that of the smallest sum in it. */
  private async prove(
    rows: readonly number[],
    least?: number,
  ): Promise<Proof & { losses: number; tolerance: number }> {
    const { around, nearest, scope, allocation } = this;
    const { compiled, signal } = scope;
    const part = onlyRows(around, nearest, rows, least);
    const tolerance = least === undefined ? MOVE_TOLERANCE : MOVE_TOLERANCE / around.penalty[least];
    const proof = await prove(part.around, part.standing, {
      tolerance,
      work: this.work,
      isKept: (standing) => {
        const { rows: standings } = standingsNow(compiled, applied(allocation, part.around, standing));
        return rows.every((k) => standings[k].slack >= 0);
      },
      pause: async () => {
        await breathe(signal);
        return false;
      },
    });
    this.work = Math.max(0, this.work - proof.work);
    return { ...proof, losses: part.standing.losses, tolerance };
  }
}
