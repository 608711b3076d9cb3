import { COST_RANGE, isCost } from "../../decimal.js";
import { parseDecimal } from "../../text/number.js";
import { onScale, type Scale } from "../formats/answers/scale.js";

/** What `scoreOf` and `costOf` give for a value that is neither blank nor acceptable. */
export const BAD = -1;

export const SCORE_EXPECTED =
  "0 … 1, true, false, or blank where not labelled (another scale: --scale WORST..BEST)";
export const TOKENS_EXPECTED = "a number of tokens ≥ 0, or blank where unknown";
export const COST_EXPECTED = `${COST_RANGE}, or blank where the model must not answer`;

/** Words of pandas, R, SQL and spreadsheets for a blank cell. */
const BLANK = new Set(["", "nan", "null", "none", "na", "n/a", "<na>", "#n/a"]);
const LONGEST_BLANK = 16;

/** Whether a text says that there is no value. */
export function isBlank(text: string): boolean {
  return text.length <= LONGEST_BLANK && BLANK.has(text.trim().toLowerCase());
}

/** An observed success, 0 … 1, from a CSV cell or a JSON value; NaN when blank, `BAD` when not acceptable. */
export function scoreOf(value: unknown): number {
  if (typeof value === "string") return scoreOfText(value);
  if (typeof value === "number") return value >= 0 && value <= 1 ? value : BAD;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value === null ? NaN : BAD;
}

/** As `scoreOf`, with numbers on another scale than 0 … 1. */
export function scoreOn(scale: Scale): (value: unknown) => number {
  const { worst, best } = scale;
  return (value) => {
    const number = typeof value === "string" ? parseDecimal(value) : value;
    if (typeof number !== "number" || Number.isNaN(number)) return scoreOf(value);
    return number >= Math.min(worst, best) && number <= Math.max(worst, best) ? onScale(number, scale) : BAD;
  };
}

/** A price in dollars ≥ 0 from a CSV cell or a JSON value; Infinity when blank, `BAD` when not acceptable. */
export function costOf(value: unknown): number {
  if (typeof value === "string") return costOfText(value);
  if (typeof value === "number") return checkedCost(value);
  return value === null ? Infinity : BAD;
}

/** A number of tokens ≥ 0 from a CSV cell or a JSON value; NaN when blank, `BAD` when not acceptable. */
export function tokensOf(value: unknown): number {
  if (value === null) return NaN;
  if (typeof value === "string" && isBlank(value)) return NaN;
  const number = typeof value === "string" ? parseDecimal(value) : value;
  return typeof number === "number" && number >= 0 && number < 2 ** 53 ? number : BAD;
}

function scoreOfText(text: string): number {
  const number = parseDecimal(text);
  if (!Number.isNaN(number)) return number >= 0 && number <= 1 ? number : BAD;
  if (isBlank(text)) return NaN;
  const word = text.trim().toLowerCase();
  if (word === "true") return 1;
  return word === "false" ? 0 : BAD;
}

function costOfText(text: string): number {
  const number = parseDecimal(text);
  if (!Number.isNaN(number)) return checkedCost(number);
  const word = text.trim().toLowerCase();
  return isBlank(text) || word === "inf" || word === "infinity" ? Infinity : BAD;
}

function checkedCost(dollars: number): number {
  // Adding 0 turns −0 into 0.
  return isCost(dollars) ? dollars + 0 : BAD;
}
