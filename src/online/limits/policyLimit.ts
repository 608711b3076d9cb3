import { InputError } from "../../errors.js";
import { fieldsOf } from "../../prices/fields.js";
import type { Constraint } from "../../solve/constraints/constraint.js";
import type { Limit } from "../../solve/constraints/result.js";
import { COST, ONE, PROBABILITY, rowsOf, type Row } from "../../solve/constraints/rows.js";
import { shown } from "../../text/shown.js";
import { uniqueNames } from "../../text/uniqueNames.js";

/** What one request adds to a limit if a model answers it: a number for it, and for each unit of what it uses. */
export interface Amounts {
  queries?: number;
  probability?: number;
  dollars?: number;
  tokens?: number;
}

/** A limit of a plan, as a router keeps it. */
export interface PolicyLimit {
  name: string;
  /** What one unit costs, ≥ 0: success probability or, where the policy's λ is infinite, dollars. */
  price: number;
  /** The most that may be used, in units. Undefined for what no capacity bounds, such as a share: it has a price alone. */
  capacity?: number;
  /** By model; a model without any adds nothing. */
  amounts: Record<string, Amounts>;
  /** Only requests with one of these values of a column count. Undefined: all requests. */
  group?: { column: string; values: string[] };
}

/** The columns whose values a request must tell, since limits are on some of them. */
export function groupColumnsOf(limits: readonly PolicyLimit[] = []): string[] {
  return [...new Set(limits.flatMap(({ group }) => group?.column ?? []))];
}

/**
 * The limits of a plan that a router can keep: those with a capacity, and those with a price.
 *
 * @throws InputError for a limit on a group whose values are not known: a request tells its value, not its number.
 */
export function policyLimits(
  models: readonly string[],
  constraints: readonly Constraint[],
  limits: readonly Limit[],
  lambda: number,
): PolicyLimit[] {
  const { rows } = rowsOf(
    models,
    constraints,
    constraints.map(() => 1),
  );
  // What is used of a capacity is kept by its name, and names of long lists of models are cut.
  const names = uniqueNames(limits.map(({ name }) => name));
  return rows.flatMap((row, k): PolicyLimit[] => {
    const { unitPrice } = limits[k];
    const name = names[k];
    const { group } = constraints[row.constraint];
    if (group !== undefined && group.values === undefined) {
      throw new InputError(
        `limit "${shown(name)}" is on a group known by numbers alone, and a request tells a value; give the constraint's group.values`,
        { field: "limits" },
      );
    }
    const price = lambda === Infinity ? unitPrice.dollars : unitPrice.accuracy;
    const capacity = hasCapacity(row) ? row.limit : undefined;
    if (price === 0 && capacity === undefined) return [];
    return [
      {
        name,
        price,
        ...(capacity !== undefined && { capacity }),
        amounts: amountsOf(models, row),
        ...(group !== undefined && { group: { column: group.column, values: [...group.values!] } }),
      },
    ];
  });
}

/** Whether what is used up can be counted: an upper limit on a sum of what is never below 0 and known in the end. */
function hasCapacity({ form, sign, limit, sum: { column, factor } }: Row): boolean {
  return form === "total" && sign > 0 && limit >= 0 && column !== PROBABILITY && factor.every((f) => f >= 0);
}

function amountsOf(models: readonly string[], { terms }: Row): Record<string, Amounts> {
  const found = models.flatMap((name, m): [string, Amounts][] => {
    const amounts: Amounts = {};
    for (const { column, factor } of terms) {
      if (factor[m] === 0) continue;
      const unit = (["queries", "probability", "dollars"] as const)[[ONE, PROBABILITY, COST].indexOf(column)];
      amounts[unit ?? "tokens"] = factor[m];
    }
    return Object.keys(amounts).length === 0 ? [] : [[name, amounts]];
  });
  return Object.fromEntries(found);
}

const MOST_LIMITS = 128;
const UNITS = ["queries", "probability", "dollars", "tokens"];

/** Limits as they were read from JSON, checked. Throws `InputError` naming the field. */
export function checkPolicyLimits(value: unknown, models: readonly string[]): PolicyLimit[] {
  const refuse = (field: string, wrong: unknown, expected: string): never => {
    throw new InputError(`policy: ${field} is ${shown(wrong)}; expected ${expected}`, { field });
  };
  if (!Array.isArray(value) || value.length > MOST_LIMITS)
    return refuse("limits", value, `a list of at most ${MOST_LIMITS}`);
  value.forEach((one: unknown, k) => {
    const { name, price, capacity, amounts, group } = fieldsOf(one, `limits.${k}`);
    const isAmount = (x: unknown): x is number => typeof x === "number" && x >= 0 && x < Infinity;
    if (typeof name !== "string" || name.length > 2_000) refuse(`limits.${k}.name`, name, "a name");
    if (!isAmount(price)) refuse(`limits.${k}.price`, price, "a number ≥ 0");
    if (capacity !== undefined && !isAmount(capacity))
      refuse(`limits.${k}.capacity`, capacity, "a number ≥ 0");
    if (group !== undefined) {
      const { column, values } = fieldsOf(group, `limits.${k}.group`);
      const isTexts = Array.isArray(values) && values.every((value) => typeof value === "string");
      if (typeof column !== "string") refuse(`limits.${k}.group.column`, column, "the name of a column");
      if (!isTexts) refuse(`limits.${k}.group.values`, values, "a list of texts");
    }
    for (const [model, units] of Object.entries(fieldsOf(amounts, `limits.${k}.amounts`))) {
      const field = `limits.${k}.amounts.${shown(model)}`;
      if (!models.includes(model)) refuse(field, model, "one of the policy's models");
      for (const [unit, amount] of Object.entries(fieldsOf(units, field))) {
        const isNumber = typeof amount === "number" && Math.abs(amount) <= 1e15;
        if (!UNITS.includes(unit)) refuse(field, unit, UNITS.join(", "));
        if (!isNumber || (capacity !== undefined && amount < 0))
          refuse(`${field}.${unit}`, amount, "a number, ≥ 0 where there is a capacity");
      }
    }
  });
  return value as PolicyLimit[];
}
