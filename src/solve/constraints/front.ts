import { InputError } from "../../errors.js";
import type { RunningOptions } from "../../pool/running.js";
import type { SolveInput } from "../input.js";
import { compile, understand, type Goal, type Understood } from "./compile.js";
import type { Constraint } from "./constraint.js";
import type { ChoiceUnder, ChosenUnder, Line } from "./result.js";
import type { Row } from "./rows.js";
import type { Solved } from "./solve.js";
import { budgetRow } from "./targets.js";
import { bests } from "./ties.js";

/** How a front under constraints is computed. */
export interface FrontUnderOptions extends RunningOptions {
  /** Most points, a whole number ≥ 2, default 40. */
  points?: number;
  /** The front is refined until its bound is nowhere farther above it than this, in expected accuracy. Default 0.001. */
  tolerance?: number;
  /** Steps of the search at each point; a whole number ≥ 0, default 400. */
  steps?: number;
}

/** One plan of a front under constraints. */
export interface FrontUnderPoint {
  /** Dollars. */
  totalCost: number;
  expectedAccuracy: number;
  /** No allocation that keeps the constraints and costs no more has a higher expected accuracy. */
  bound: number;
  /**
   * Summed probability per dollar at the margin; Infinity at the cheapest plan. `bound` + lambda · (budget − totalCost) / weight
   * bounds the plans of every budget.
   */
  lambda: number;
  /** Share of the queries that each model answers, by weight. */
  shares: Record<string, number>;
  /** One model index per query. */
  allocation: Uint8Array;
}

/** The front of the plans that keep the constraints, by rising cost; or why there is none. */
export type FrontUnder =
  | {
      status: "found";
      points: FrontUnderPoint[];
      /** No allocation that keeps the constraints and costs at most so many dollars has a higher expected accuracy. */
      boundAt: (dollars: number) => number;
    }
  | Exclude<ChoiceUnder, { status: "chosen" }>;

/**
 * The front under constraints: the budget is swept, the constraints stay. Each solve gives a plan and a line above all plans;
 * budgets are added where the least of the lines is farthest above the plans. Time: that of `chooseUnder` for each point, less
 * what prices of neighbouring budgets save.
 *
 * @throws InputError as `chooseUnder` does.
 */
export async function frontUnder(
  problem: SolveInput,
  constraints: readonly Constraint[],
  options: FrontUnderOptions = {},
): Promise<FrontUnder> {
  const { points: most = 40, tolerance = 1e-3, steps = 400 } = options;
  if (!(Number.isSafeInteger(most) && most >= 2)) {
    throw new InputError(`points is ${most}; expected a whole number ≥ 2`, { field: "points" });
  }
  if (!(tolerance >= 0)) {
    throw new InputError(`tolerance is ${tolerance}; expected a number ≥ 0`, { field: "tolerance" });
  }
  const understood = await understand(problem, constraints, options);
  const sweep = new Sweep(understood, steps, options);
  const { cheapest, mostAccurate } = bests(
    understood,
    async (goal, row) => (await sweep.solve(goal, row)).choice,
  );
  for (const best of [cheapest, mostAccurate]) {
    const end = await best();
    if (end.status !== "chosen") return end;
    sweep.add(end);
  }
  while (sweep.points.length < most) {
    const next = sweep.widest();
    if (next === undefined || next.width <= tolerance) break;
    options.onProgress?.({ phase: "front", done: sweep.points.length, total: most });
    await sweep.solveWithin(next.dollars);
  }
  return { status: "found", points: sweep.front(), boundAt: (dollars) => sweep.boundAt(dollars) };
}

class Sweep {
  readonly points: FrontUnderPoint[] = [];
  private readonly lines: Line[] = [];
  private readonly tried = new Set<number>();
  private warm: { dollars: number; price: Float64Array }[] = [];

  constructor(
    private readonly understood: Understood,
    private readonly steps: number,
    private readonly running: RunningOptions,
  ) {}

  /** Adds the most accurate plan within a budget, if there is one. */
  async solveWithin(dollars: number): Promise<void> {
    this.tried.add(dollars);
    const row = budgetRow(this.understood, dollars);
    const { choice, dual } = await this.solve({ gain: 1, cost: 0 }, row, this.nearest(dollars));
    if (dual !== undefined) this.warm.push({ dollars, price: dual.price });
    if (choice.status === "chosen") this.add(choice);
  }

  add({ totalCost, expectedAccuracy, lambda, shares, allocation }: ChosenUnder): void {
    this.points.push({ totalCost, expectedAccuracy, bound: 1, lambda, shares, allocation });
    this.points.sort((a, b) => a.totalCost - b.totalCost || a.expectedAccuracy - b.expectedAccuracy);
  }

  /** Solves for a goal; its dual bounds the front. `near`: prices of a similar problem. */
  async solve(goal: Goal, row?: Row, near?: Float64Array): Promise<Solved> {
    const { understood, running, steps } = this;
    const effort = { steps, timeLimitMs: Infinity, proof: 0, provesBest: false, seed: 1 };
    const { solveCompiled } = await import("./solve.js");
    const compiled = compile(understood, goal, row);
    const solved = await solveCompiled(compiled, understood, effort, running, near);
    if (solved.dual !== undefined) this.lines.push(solved.dual.line);
    return solved;
  }

  /** The prices of the nearest budget that has been solved. */
  private nearest(dollars: number): Float64Array | undefined {
    const distance = (at: { dollars: number }): number => Math.abs(Math.log(at.dollars / dollars));
    return [...this.warm].sort((a, b) => distance(a) - distance(b))[0]?.price;
  }

  /** The least of the lines at a cost, as expected accuracy. */
  boundAt(dollars: number): number {
    return this.lineAt(dollars).value;
  }

  /** The least of the lines at a cost: its expected accuracy there, and its slope, probability per dollar. */
  private lineAt(dollars: number): { value: number; lambda: number } {
    const { weight } = this.understood;
    let least = { value: 1, lambda: 0 };
    for (const { a, b, most } of this.lines) {
      const value = a > 0 ? (most + b * dollars) / a / weight : 1;
      if (value < least.value) least = { value, lambda: b / a };
    }
    return least;
  }

  /** Where the bound is farthest above the straight lines between plans: halfway, and where two lines cross. */
  widest(): { dollars: number; width: number } | undefined {
    const front = this.front();
    const places = front.slice(1).flatMap((right, i) => {
      const left = front[i];
      const slope = (right.expectedAccuracy - left.expectedAccuracy) / (right.totalCost - left.totalCost);
      return this.crossings(left.totalCost, right.totalCost).map((dollars) => ({
        dollars,
        width: this.boundAt(dollars) - left.expectedAccuracy - slope * (dollars - left.totalCost),
      }));
    });
    const open = places.filter(({ dollars }) => !this.tried.has(dollars));
    return open.sort((a, b) => b.width - a.width || a.dollars - b.dollars)[0];
  }

  /** Costs strictly between two where lines cross, and the middle. */
  private crossings(low: number, high: number): number[] {
    const { lines } = this;
    const slopes = lines.filter(({ a }) => a > 0).map(({ a, b, most }) => ({ at: most / a, slope: b / a }));
    const crossing = slopes.flatMap((one, i) =>
      slopes.slice(i + 1).map((other) => (other.at - one.at) / (one.slope - other.slope)),
    );
    const inside = crossing.filter((dollars) => dollars > low && dollars < high);
    return high > low ? [...inside, (low + high) / 2] : [];
  }

  /** The plans that no other one beats, with their bounds. */
  front(): FrontUnderPoint[] {
    let best = -Infinity;
    return this.points.flatMap((point, i) => {
      const isLast = this.points[i + 1]?.totalCost !== point.totalCost;
      if (!isLast || point.expectedAccuracy <= best) return [];
      const isCheapest = best === -Infinity;
      best = point.expectedAccuracy;
      const { value, lambda } = this.lineAt(point.totalCost);
      return [{ ...point, bound: Math.max(best, value), lambda: isCheapest ? Infinity : lambda }];
    });
  }
}
