import { InputError } from "../../errors.js";
import { fieldsOf } from "../../prices/fields.js";
import { shown } from "../../text/shown.js";
import type { Eligibility } from "../eligibility.js";
import type { RoutedModel } from "../models.js";
import { dollarsOf } from "../money.js";
import type { RequestRow } from "../row.js";
import type { RequestFeatures } from "../scorer.js";
import { groupColumnsOf, type PolicyLimit } from "./policyLimit.js";

/** What one answer uses, or may use at most. */
export interface Use {
  dollars: number;
  /** Prompt and answer. */
  tokens: number;
  /** Chance of a good answer. */
  probability: number;
}

/** How a capacity stands, in units of its limit. */
export interface LimitStatus {
  name: string;
  capacity: number;
  /** Of answers that are settled. */
  used: number;
  /** Of answers that are under way: the most that they may use. */
  reserved: number;
  left: number;
}

/** What has been used of capacities: plain data. */
export interface CapacityState {
  /** SHA-256 of the policy whose capacities they are; undefined in a state of an earlier version. */
  policy?: string;
  used: [name: string, amount: number][];
  /** By decision under way: what it holds of each capacity. */
  open: [id: string, amounts: [name: string, amount: number][]][];
}

/** A request's values of the columns that limits are on; undefined where none is. */
type Groups = Readonly<Record<string, string>> | undefined;

/** What a decision under way holds of each limit; NaN of those that it does not count for. */
type Held = Float64Array;

/** Sums of amounts are off by less than this part of a capacity. */
const ROUNDING = 1e-12;

/** The limits of a policy: what they cost a request, and what is left of each capacity. */
export class Capacities {
  private readonly used: Float64Array;
  private readonly reserved: Float64Array;
  private readonly open = new Map<string, Held>();
  private readonly groupColumns: string[];
  /** By limit: the values that count; undefined: all. */
  private readonly values: (ReadonlySet<string> | undefined)[];
  /** Limits × models: what a request adds, and for each dollar, token and chance. */
  private readonly amounts: Record<"queries" | "dollars" | "tokens" | "probability", Float64Array>;

  /** `planned`: λ of the plan, for which the prices are. `policy`: its digest. */
  constructor(
    private readonly limits: readonly PolicyLimit[],
    private readonly models: readonly (RoutedModel | undefined)[],
    private readonly planned: number,
    private readonly policy: string,
  ) {
    this.used = new Float64Array(limits.length);
    this.reserved = new Float64Array(limits.length);
    this.groupColumns = groupColumnsOf(limits);
    this.values = limits.map(({ group }) => group && new Set(group.values));
    const table = (unit: keyof Capacities["amounts"]): Float64Array =>
      Float64Array.from({ length: limits.length * models.length }, (_, at) => {
        const { amounts } = limits[Math.floor(at / models.length)];
        const name = models[at % models.length]?.name;
        return (name !== undefined && Object.hasOwn(amounts, name) && amounts[name][unit]) || 0;
      });
    this.amounts = {
      queries: table("queries"),
      dollars: table("dollars"),
      tokens: table("tokens"),
      probability: table("probability"),
    };
  }

  /**
   * What a request tells of its groups.
   *
   * @throws InputError where it does not.
   */
  groupsIn(features: RequestFeatures | undefined): Groups {
    if (this.groupColumns.length === 0) return undefined;
    return Object.fromEntries(
      this.groupColumns.map((column) => {
        if (features !== undefined && Object.hasOwn(features, column))
          return [column, String(features[column]).trim()];
        throw new InputError(
          `the request has no feature ${shown(column)}, and limits of the policy are on some of its values; expected features: ` +
            `{ ${this.groupColumns.map((one) => shown(one)).join(", ")} }, "" where unknown`,
          { field: "features", column },
        );
      }),
    );
  }

  /** Takes the limits' prices off the values of a request. */
  charge(row: RequestRow, { output }: Eligibility, lambda: number, groups: Groups): void {
    for (let m = 0; m < this.models.length; m++) {
      const model = this.models[m];
      if (model === undefined) continue;
      const use: Use = {
        dollars: row.expectedCost(m),
        tokens: row.input[m] + answerOf(model, row.cost[m], row.input[m], output[m]),
        probability: row.probability[m],
      };
      for (let k = 0; k < this.limits.length; k++) {
        if (!this.isAbout(k, groups)) continue;
        const amount = this.amountOf(k, m, use);
        if (amount !== 0) row.value[m] -= this.priceAt(k, lambda) * amount;
      }
    }
  }

  /** Closes the models whose answer does not fit what is left of a capacity. */
  close(row: RequestRow, eligibility: Eligibility, groups: Groups): void {
    for (let m = 0; m < this.models.length; m++) {
      if (eligibility.open[m] === 1 && !this.fits(m, worstUse(row, eligibility, m), groups))
        eligibility.exclude(m, "limit used up");
    }
  }

  /** Whether an answer that uses as much fits every capacity. */
  fits(m: number, use: Use, groups: Groups): boolean {
    return this.limits.every(({ capacity }, k) => {
      if (capacity === undefined || !this.isAbout(k, groups)) return true;
      const amount = this.amountOf(k, m, use);
      return amount === 0 || this.used[k] + this.reserved[k] + amount <= capacity * (1 + ROUNDING);
    });
  }

  reserve(id: string, m: number, use: Use, groups: Groups): void {
    const held = Float64Array.from(this.limits, (_, k) =>
      this.isAbout(k, groups) ? this.amountOf(k, m, use) : NaN,
    );
    this.hold(id, held);
  }

  /** Ends what a decision holds, if it holds anything: this is what its answer used; undefined: all that it held. */
  settle(id: string, m: number, use?: Use): void {
    const held = this.release(id);
    held?.forEach((amount, k) => {
      if (!Number.isNaN(amount)) this.used[k] += use === undefined ? amount : this.amountOf(k, m, use);
    });
  }

  /** Ends what a decision holds; nothing was used. */
  cancel(id: string): void {
    this.release(id);
  }

  status(): LimitStatus[] {
    return this.limits.flatMap(({ name, capacity }, k) => {
      const [used, reserved] = [this.used[k], this.reserved[k]];
      return capacity === undefined
        ? []
        : [{ name, capacity, used, reserved, left: Math.max(0, capacity - used - reserved) }];
    });
  }

  state(): CapacityState {
    const named = (amounts: Float64Array): [string, number][] =>
      this.limits.flatMap(({ name, capacity }, k) =>
        capacity === undefined || Number.isNaN(amounts[k]) ? [] : [[name, amounts[k]]],
      );
    return {
      policy: this.policy,
      used: named(this.used),
      open: [...this.open].map(([id, held]) => [id, named(held)]),
    };
  }

  /**
   * Takes over what was used of the limits of the same names. False if it is of another policy: a capacity is for the whole
   * time that its plan is about, and nothing is taken over.
   */
  restore({ policy, used, open }: CapacityState): boolean {
    if (policy !== undefined && policy !== this.policy) return false;
    const placed = (amounts: readonly [string, number][], none: number): Float64Array => {
      const byName = new Map(amounts);
      return Float64Array.from(this.limits, ({ name }) => byName.get(name) ?? none);
    };
    this.used.set(placed(used, 0));
    for (const [id, amounts] of open) this.hold(id, placed(amounts, NaN));
    return true;
  }

  private hold(id: string, held: Held): void {
    this.open.set(id, held);
    held.forEach((amount, k) => (this.reserved[k] += amount || 0));
  }

  private release(id: string): Held | undefined {
    const held = this.open.get(id);
    this.open.delete(id);
    held?.forEach(
      (amount, k) => (this.reserved[k] = this.open.size === 0 ? 0 : this.reserved[k] - (amount || 0)),
    );
    return held;
  }

  /** Whether a limit counts requests of these groups. */
  private isAbout(k: number, groups: Groups): boolean {
    const values = this.values[k];
    return values === undefined || values.has(groups?.[this.limits[k].group!.column] ?? "");
  }

  private amountOf(k: number, m: number, { dollars, tokens, probability }: Use): number {
    const at = k * this.models.length + m;
    const { amounts } = this;
    return (
      amounts.queries[at] +
      amounts.dollars[at] * dollars +
      amounts.tokens[at] * tokens +
      amounts.probability[at] * probability
    );
  }

  /** A price in dollars at λ = ∞, otherwise in success probability. */
  private priceAt(k: number, lambda: number): number {
    const { price } = this.limits[k];
    const { planned } = this;
    if ((lambda === Infinity) === (planned === Infinity)) return price;
    return lambda === Infinity ? price / (planned > 0 ? planned : 1) : price * lambda;
  }
}

/** The state for a successor who settles no decision of before: what they hold counts as used. */
export function withoutOpen({ used, open, ...state }: CapacityState): CapacityState {
  const sums = new Map(used);
  for (const [name, amount] of open.flatMap(([, amounts]) => amounts))
    sums.set(name, (sums.get(name) ?? 0) + amount);
  return { ...state, used: [...sums], open: [] };
}

/** The most that an answer to the request under way may use. */
export function worstUse(row: RequestRow, { output, worst }: Eligibility, m: number): Use {
  return {
    dollars: dollarsOf(worst[m]),
    tokens: row.input[m] + output[m],
    probability: row.probability[m],
  };
}

/** Tokens of the answer that the predicted dollars are for, no more than the longest one. */
function answerOf({ price }: RoutedModel, cost: number, input: number, longest: number): number {
  const rate = price.output ?? 0;
  if (!(rate > 0)) return longest;
  return Math.min(longest, Math.max(0, (1e6 * cost - input * price.input) / rate));
}

/** What was used, as it was read from JSON, checked. Throws `InputError` naming the field. */
export function checkCapacityState(value: unknown): CapacityState {
  const fail = (wrong: unknown, expected: string): never => {
    throw new InputError(`state: limits is ${shown(wrong)}; expected ${expected}`, { field: "limits" });
  };
  const checkNamed = (amounts: unknown): void => {
    if (!Array.isArray(amounts) || amounts.length > 128) fail(amounts, "a list of at most 128");
    for (const entry of amounts as unknown[]) {
      const [name, amount] = Array.isArray(entry) ? (entry as unknown[]) : [];
      const isFine = typeof name === "string" && typeof amount === "number" && Math.abs(amount) < Infinity;
      if (!isFine) fail(entry, "a name and a number");
    }
  };
  const { policy, used, open } = fieldsOf(value, "state.limits");
  if (policy !== undefined && typeof policy !== "string") fail(policy, "of a policy, by its digest");
  checkNamed(used);
  if (!Array.isArray(open) || open.length > 10_000_000) fail(open, "a list");
  for (const entry of open as unknown[]) {
    const [id, amounts] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof id !== "string") fail(entry, "an id and amounts");
    checkNamed(amounts);
  }
  return value as CapacityState;
}
