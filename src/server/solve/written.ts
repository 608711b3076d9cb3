import type { Limit } from "../../solve/constraints/result.js";
import type { Solution } from "./solved.js";

/** A solution as JSON, which has no ∞: model indexes as a list, ∞ as a text, null for the mean of nothing. */
export function written(solution: Solution): object {
  return {
    ...solution,
    ...("allocation" in solution && { allocation: Array.from(solution.allocation) }),
    ...("lambda" in solution && { lambda: finite(solution.lambda) }),
    ...("limits" in solution && { limits: solution.limits.map(writtenLimit) }),
  };
}

function writtenLimit({ price, unitPrice, value, slack, ...limit }: Limit): object {
  return {
    ...limit,
    value: Number.isNaN(value) ? null : finite(value),
    slack: Number.isNaN(slack) ? null : finite(slack),
    price: writtenPrice(price),
    unitPrice: writtenPrice(unitPrice),
  };
}

function writtenPrice({ accuracy, dollars }: Limit["price"]): object {
  return { accuracy: finite(accuracy), dollars: finite(dollars) };
}

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
