import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { checkFields, checkObject } from "../checks.js";
import type { Account, Ledger } from "../ledger/ledger.js";
import { dollarsOf, microsDown } from "../money.js";
import { approach, descend, type PriceRange } from "./lambda.js";
import { Pace, type PaceState } from "./pace.js";
import { PERIODS, type Period } from "./periods.js";
import { Zone } from "./zone.js";

/** Money that must last for a period, and is spent evenly over its requests. */
export interface BudgetOptions {
  /** Dollars for each period. */
  dollars: number;
  /** When it is renewed; weeks begin on Monday. `total`: never. */
  period: Period;
  /** Time zone of the period's clock, such as "Europe/Berlin". Default UTC. */
  timeZone?: string;
  /** Requests expected in a whole period. Default: what the last weeks suggest; at first, what has come so far. */
  requests?: number;
  /** Only with `total`: the day or moment until which the money is to last. */
  until?: Date | string;
  /** Default true. False: a limit only; nothing is done to make the money last. */
  isPaced?: boolean;
}

export interface BudgetState {
  name: string;
  lambda?: number;
  movedAt: number;
  /** The number of the solution that λ was moved towards last. */
  solvedWith: number;
  pace: PaceState;
}

const FIELDS: Record<keyof BudgetOptions, true> = {
  dollars: true,
  period: true,
  timeZone: true,
  requests: true,
  until: true,
  isPaced: true,
};
const MOST_DOLLARS = 1e9;

/** One budget: its limit, its pace and the λ that makes it last. */
export class PacedBudget {
  /** Undefined until it is first solved; 0 for a budget that is only a limit. */
  lambda: number | undefined;
  readonly isPaced: boolean;
  /** Whether it was given a λ to begin with. */
  readonly hasStart: boolean;
  private readonly limit: number;
  private readonly options: { period: Period; zone: Zone; until?: number; requests?: number };
  private pace: Pace;
  private movedAt = 0;
  private solvedWith = -1;
  private current: Account;

  /** `name`: such as "policy:support". `start`: λ to begin with. */
  constructor(
    readonly name: string,
    options: BudgetOptions,
    start?: number,
  ) {
    this.options = checked(name, options);
    this.limit = microsDown(options.dollars);
    const { period, until, requests } = this.options;
    const hasHorizon = period !== "total" || until !== undefined || requests !== undefined;
    this.isPaced = options.isPaced !== false && hasHorizon;
    this.hasStart = start !== undefined;
    this.lambda = this.isPaced ? start : 0;
    this.pace = new Pace(this.options);
    this.current = { name, period: 0, limit: this.limit };
  }

  /** The account of the period under way. */
  get account(): Account {
    return this.current;
  }

  /** Counts requests; begins a new period when the time has come. */
  observe(time: number, requests: number): void {
    this.pace.observe(time, requests);
    // A total budget is one account for ever.
    const period = this.options.period === "total" ? 0 : this.pace.span!.start;
    const { name, limit, end } = this;
    if (period === this.current.period && end === (this.current.end ?? Infinity)) return;
    this.current = { name, period, limit, ...(end < Infinity && { end }) };
  }

  /** Dollars that each request still to come may cost. */
  rate(time: number, room: number): number {
    return dollarsOf(Math.max(0, room)) / this.pace.left(time);
  }

  /** Requests still to come in the period under way. */
  requestsLeft(time: number): number {
    return this.pace.left(time);
  }

  /** When the period under way ends; ∞ for a total budget without an end. */
  get end(): number {
    return this.pace.span?.end ?? Infinity;
  }

  get requestsSeen(): number {
    return this.pace.seen;
  }

  get perDay(): number | undefined {
    return this.pace.perDay;
  }

  /** Whether the λ has not been moved towards the solution of this number yet. */
  isBehind(solution: number): boolean {
    return this.isPaced && this.solvedWith !== solution;
  }

  /** Moves λ towards the one that was solved for, at once if `isFree`. */
  moveTo(target: number, time: number, solution: number, range: PriceRange, isFree: boolean): void {
    const isAtOnce = isFree || this.lambda === undefined;
    this.lambda = isAtOnce ? target : approach(this.lambda!, target, time - this.movedAt, range);
    this.movedAt = time;
    this.solvedWith = solution;
  }

  /** Takes the λ that holds for all processes which share the budget. */
  agree({ shared }: Ledger): void {
    if (shared === undefined || !this.isPaced || this.lambda === undefined) return;
    this.lambda = shared.agree(this.current, this.lambda);
  }

  /** A step of dual descent after a request of this cost. */
  descend(cost: number, rate: number, { least }: PriceRange): void {
    if (!this.isPaced || this.lambda === undefined) return;
    if (cost > rate) this.lambda = Math.max(this.lambda, least);
    this.lambda = descend(this.lambda, cost, rate);
  }

  state(): BudgetState {
    const { name, lambda, movedAt, solvedWith } = this;
    const known = lambda === undefined || lambda === Infinity ? {} : { lambda };
    return { name, ...known, movedAt, solvedWith, pace: this.pace.state() };
  }

  restore({ lambda, movedAt, solvedWith, pace }: BudgetState): void {
    if (this.isPaced) this.lambda = lambda ?? this.lambda;
    this.movedAt = movedAt;
    this.solvedWith = solvedWith;
    this.pace = new Pace(this.options, pace);
  }
}

function checked(name: string, options: BudgetOptions) {
  const refuse = (field: string, value: unknown, expected: string): never => {
    throw new InputError(
      `budget ${shown(name)}: ${field} is ${shown(typeof value === "number" ? String(value) : value)}; expected ${expected}`,
      {
        field,
      },
    );
  };
  checkObject(`budget ${shown(name)}`, options, "{ dollars, period }");
  checkFields(`budget ${shown(name)}`, options, FIELDS);
  const { dollars, period, timeZone = "UTC", requests, until } = options;
  const isAmount = typeof dollars === "number" && dollars >= 0 && dollars <= MOST_DOLLARS;
  if (!isAmount) refuse("dollars", dollars, "a number from 0 to a billion");
  if (!PERIODS.includes(period)) refuse("period", period, PERIODS.join(", "));
  if (requests !== undefined && !(typeof requests === "number" && requests >= 1 && requests <= 1e12))
    refuse("requests", requests, "a number ≥ 1");
  if (until !== undefined && period !== "total") refuse("until", until, 'it only with period "total"');
  const end = until === undefined ? undefined : new Date(until).getTime();
  if (end !== undefined && !(end > 0 && end < 4.1e12))
    refuse("until", until, "a moment before 2100, such as 2027-01-31");
  return { period, zone: new Zone(timeZone), requests, until: end };
}
