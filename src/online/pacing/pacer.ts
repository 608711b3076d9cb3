import type { Points } from "../../core/solve/points.js";
import { frontNow } from "../../solve/frontNow.js";
import type { Ledger } from "../ledger/ledger.js";
import { CostBias } from "./bias.js";
import type { PacedBudget } from "./budget.js";
import { priceAtAccuracy, priceAtCost, rangeOf, type PriceRange } from "./lambda.js";
import { Reservoir } from "./reservoir.js";

/** Rows up to which every request is solved again, and λ moves freely. */
const FIRST_ROWS = 20;
/** Rows from which λ is solved for; below, dual descent moves it. */
const SOLVED_ROWS = 200;
/** λ is moved this often at most, and the sample solved again when it has this number of new rows. */
const EVERY_MS = 1_000;
const NEW_ROWS = 20;
const NO_RANGE: PriceRange = { least: 0, most: Infinity };

/** How λ is found. */
export interface Steering {
  /** λ that always holds. */
  lambda?: number;
  /** Expected accuracy to reach at the least cost. */
  accuracy?: number;
}

/** What a pacer has learned, the sample apart. */
export interface PacerState {
  bias: ReturnType<CostBias["state"]>;
  solution: number;
  solvedAt: number;
  accuracyLambda: number;
  least: number;
  /** Null: ∞. */
  most: number | null;
}

/** Finds the λ of each request from a sample of recent ones and from what is left of its budgets. */
export class Pacer {
  readonly reservoir: Reservoir;
  readonly bias: CostBias;
  /** Counts the solutions. */
  private solution = 0;
  private solvedAt = -Infinity;
  private front: Points | undefined;
  /** Rows of the sample that the front is of, and rows offered until then. */
  private frontRows = 0;
  private solvedRows = -Infinity;
  private range = NO_RANGE;
  private accuracyLambda = 0;
  private readonly cost: Float32Array;

  constructor(
    private readonly models: string[],
    private readonly steering: Steering,
    seed: number,
  ) {
    this.reservoir = new Reservoir(models.length, seed);
    this.bias = new CostBias(models.length);
    this.cost = new Float32Array(this.reservoir.cost.length);
  }

  /** The λ for a request under these budgets: the highest that one of them, or the steering, asks for. */
  lambdaFor(time: number, budgets: readonly PacedBudget[], ledger: Ledger): number {
    const { accuracy } = this.steering;
    if (accuracy !== undefined || budgets.some(({ isPaced }) => isPaced)) this.solveIfDue(time, budgets);
    let lambda = accuracy === undefined ? (this.steering.lambda ?? 0) : this.accuracyLambda;
    for (const budget of budgets) {
      if (budget.isBehind(this.solution)) this.move(budget, time, ledger);
      budget.agree(ledger);
      lambda = Math.max(lambda, budget.lambda ?? 0);
    }
    return lambda;
  }

  /** Also forgets the front, so that this pacer and one that begins with the state solve the same sample next. */
  state(): PacerState {
    this.front = undefined;
    this.solvedRows = -Infinity;
    const { bias, solution, solvedAt, accuracyLambda, range } = this;
    const solved = { solution, solvedAt: solution === 0 ? 0 : solvedAt, accuracyLambda };
    return {
      bias: bias.state(),
      ...solved,
      least: range.least,
      most: range.most === Infinity ? null : range.most,
    };
  }

  restore({ bias, solution, solvedAt, accuracyLambda, least, most }: PacerState): void {
    this.bias.restore(bias);
    this.solution = solution;
    if (solution > 0) this.solvedAt = solvedAt;
    this.accuracyLambda = accuracyLambda;
    this.range = most === null ? NO_RANGE : { least, most };
  }

  /** A request has been routed to an option of this cost, in dollars. */
  routed(cost: number, time: number, budgets: readonly PacedBudget[], ledger: Ledger): void {
    const { rows } = this.reservoir;
    if (rows < FIRST_ROWS || rows >= SOLVED_ROWS) return;
    for (const budget of budgets)
      budget.descend(cost, budget.rate(time, ledger.room(budget.account)), this.range);
  }

  private solveIfDue(time: number, budgets: readonly PacedBudget[]): void {
    const { rows } = this.reservoir;
    if (rows === 0) return;
    const isKnown = this.solution > 0 && budgets.every((b) => !b.isPaced || b.lambda !== undefined);
    if (rows >= FIRST_ROWS && isKnown && time - this.solvedAt < EVERY_MS) return;
    const { offered } = this.reservoir;
    if (rows < FIRST_ROWS || offered - this.solvedRows >= NEW_ROWS) this.front = this.solve();
    this.solution++;
    this.solvedAt = time;
  }

  /** The front of the sample, with the λ between which it changes; sets the λ of the accuracy. */
  private solve(): Points {
    const { reservoir, bias, models } = this;
    const options = reservoir.rows * models.length;
    for (let k = 0, m = 0; k < options; k++) {
      this.cost[k] = reservoir.cost[k] * bias.factor[m];
      if (++m === models.length) m = 0;
    }
    const front = frontNow({
      models,
      cost: this.cost.subarray(0, options),
      successProbability: reservoir.probability.subarray(0, options),
    });
    this.frontRows = reservoir.rows;
    this.solvedRows = reservoir.offered;
    this.range = rangeOf(front) ?? NO_RANGE;
    const { accuracy } = this.steering;
    if (accuracy !== undefined && this.range !== NO_RANGE)
      this.accuracyLambda = priceAtAccuracy(front, accuracy, this.range);
    return front;
  }

  private move(budget: PacedBudget, time: number, ledger: Ledger): void {
    const { rows } = this.reservoir;
    const isFirst = rows < FIRST_ROWS;
    // Between the two, dual descent moves a λ that is known.
    if (rows < SOLVED_ROWS && !isFirst && budget.lambda !== undefined) return;
    if (isFirst && budget.hasStart) return;
    const rate = budget.rate(time, ledger.room(budget.account));
    // After a restart the front is not known until somebody asks.
    const front = (this.front ??= this.solve());
    const target = this.range === NO_RANGE ? 0 : priceAtCost(front, rate * this.frontRows, this.range);
    budget.moveTo(target, time, this.solution, this.range, isFirst);
  }
}
