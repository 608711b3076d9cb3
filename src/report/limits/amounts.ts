import type { Choice } from "../../solve/choice.js";
import { formOf, type Constraint } from "../../solve/constraints/constraint.js";
import type { ChoiceUnder, Limit } from "../../solve/constraints/result.js";
import type { Target } from "../../solve/target.js";
import { brief, count, dollars, percent, points, UNKNOWN } from "../../text/amounts.js";
import { shownName } from "../../text/names.js";
import { oneLine } from "../../text/shown.js";
import { apart, percentOf } from "../words.js";

/** The limits of a choice, without the target's own. Empty without limits. */
export function limitsIn(choice: Choice | ChoiceUnder): readonly Limit[] {
  return "limits" in choice ? choice.limits.filter(({ constraint }) => constraint >= 0) : [];
}

/** A limit's name as it is shown. */
export function nameOfLimit({ name }: Pick<Limit, "name">): string {
  return shownName(oneLine(name));
}

/** What a constraint adds up, and how. */
type Form = Pick<Constraint, "measure" | "as">;

/** A value in the unit of its limit. `isWhole`: rounded up to whole queries, or down. */
export function amountText(value: number | null, constraint: Form, isWhole?: "up" | "down"): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  if (isShare(constraint)) return percent(value);
  const { measure = "queries" } = constraint;
  if (measure === "cost") return dollars(value);
  if (typeof measure === "object" && "perModel" in measure) return `${brief(value)} s`;
  const whole = isWhole === undefined ? value : isWhole === "up" ? Math.ceil(value) : Math.floor(value);
  return `${count(whole)} ${typeof measure === "object" ? measure.column : measure}`;
}

/** The value of a limit that is missed; of dollars and shares with the digits that tell it from the limit. */
export function missedText({ value, limit, side }: Limit, constraint: Form): string {
  const relation = side === "atMost" ? "above" : "below";
  if (isShare(constraint)) return apart(value, limit, percentOf, relation);
  if (constraint.measure === "cost" && formOf(constraint) === "total")
    return apart(value, limit, dollars, relation);
  return amountText(value, constraint);
}

/** A value of the target itself. */
export function targetText(value: number, target: Target): string {
  return "budget" in target ? dollars(value) : percent(value);
}

/** A step of a limit, what it is called, and what it is worth at the margin: dollars, or accuracy where money buys none. */
export function worthOf({ limit, price }: Limit, constraint: Form) {
  const size = isShare(constraint) ? 0.01 : Math.abs(limit) / 100 || 1;
  const step = isShare(constraint) ? "percentage point" : limit === 0 ? "unit" : "percent";
  const isMoney = Number.isFinite(price.dollars);
  return {
    step,
    ...(isMoney && { dollars: price.dollars * size }),
    accuracy: price.accuracy * size,
    text: isMoney ? dollars(price.dollars * size) : accuracyText(price.accuracy * size),
  };
}

/** A gain of accuracy, with the digits that it needs. */
function accuracyText(gain: number): string {
  return gain < 1e-4 ? `+${brief(100 * gain)} points` : points(gain);
}

function isShare(constraint: Form): boolean {
  return formOf(constraint) === "share" || constraint.measure === "accuracy";
}
