import { InvalidArgumentError } from "commander";
import { InputError } from "../errors.js";
import { parseModelPrice, type NewRates } from "../prices/ownPrices.js";
import { splitNames } from "../rows/modelNames.js";
import { parseCondition, type Condition } from "../rows/where.js";
import type { Cascade } from "../plan/cascade.js";
import type { Part } from "../plan/rows.js";
import type { UsageFile } from "../rows/formats/batchUsage.js";

/** Options as people type them; a wrong one is refused with what is accepted. */

export function numberFrom0(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError("expected a number ≥ 0.");
  return value;
}

export function finiteNumber(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("expected a number.");
  return value;
}

export function shareOf1(text: string): number {
  const percent = /^(.*)%$/.exec(text.trim());
  const value = percent === null ? numberFrom0(text) : numberFrom0(percent[1]) / 100;
  if (value > 1) throw new InvalidArgumentError("expected 0 … 1, or a percentage such as 85%.");
  return value;
}

export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]+$/.test(text.trim()) ? Number(text) : NaN;
    if (!(value >= low && value <= high)) {
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** `5%` or `0.05`: a share of the rows; `200`: a number of rows. */
export function part(text: string): Part {
  const expected = "expected a share such as 5% or 0.05, or a number of rows such as 200.";
  if (/^[0-9]+$/.test(text.trim()) && Number(text) >= 1) return { count: Number(text) };
  let share: number;
  try {
    share = shareOf1(text);
  } catch {
    throw new InvalidArgumentError(expected);
  }
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError(expected);
  return { share };
}

export function names(text: string): string[] {
  const list = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (list.length === 0) throw new InvalidArgumentError("expected names separated by commas.");
  return list;
}

/** Collects the texts of a repeated option that lists models; `settleNames` turns them into names. */
export function nameTexts(text: string, before: string[] = []): string[] {
  if (splitNames(text).length === 0) throw new InvalidArgumentError("expected names separated by commas.");
  return [...before, text.trim()];
}

/** The names of columns in a repeated option. */
export function columnNames(text: string, before: string[] = []): string[] {
  const names = splitNames(text);
  if (names.length === 0) throw new InvalidArgumentError("expected names separated by commas.");
  return [...new Set([...before, ...names])];
}

/** Collects the conditions of a repeated option. */
export function condition(text: string, before: Condition[]): Condition[] {
  return [...before, argument(text, parseCondition)];
}

/** The argument of an option; what it is refused with becomes a refusal of the option. */
export function argument<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof InputError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** `MODEL=0.5`, added to those before. A model's name may hold `=`. */
export function modelFactor(text: string, before: [string, number][] = []): [string, number][] {
  const at = text.lastIndexOf("=");
  const factor = text.slice(at + 1).trim() === "" ? NaN : Number(text.slice(at + 1));
  if (at < 1 || !(factor >= 0 && factor < Infinity)) {
    throw new InvalidArgumentError("expected MODEL=FACTOR with a factor ≥ 0, such as gpt-4=0.5.");
  }
  return [...before, [text.slice(0, at), factor]];
}

/** A model's price as `parseModelPrice` takes it; added to those before. */
export function modelPrice(text: string, before: [string, NewRates][] = []): [string, NewRates][] {
  return [...before, argument(text, parseModelPrice)];
}

/** `MODEL`, or `MODEL=0.5` with a fraction 0 … 1; added to those before. */
function modelPart(
  text: string,
  before: Map<string, number | undefined> = new Map(),
): Map<string, number | undefined> {
  const at = text.lastIndexOf("=");
  const part = at < 1 || text.slice(at + 1).trim() === "" ? NaN : Number(text.slice(at + 1));
  // A model's name may hold "=".
  if (Number.isNaN(part)) return before.set(text, undefined);
  if (!(part >= 0 && part <= 1))
    throw new InvalidArgumentError("expected MODEL or MODEL=PART with a part 0 … 1.");
  return before.set(text.slice(0, at), part);
}

/** What `--batch` asks for: all requests in batches, or models that batches may answer as well. */
export interface BatchArgument {
  every: boolean;
  models: Map<string, number | undefined>;
}

/** Blank: all requests; otherwise as `modelPart`. */
export function batchArgument(
  text: string,
  { every, models }: BatchArgument = { every: false, models: new Map() },
): BatchArgument {
  return text === "" ? { every: true, models } : { every, models: modelPart(text, models) };
}

/** `SMALL,LARGE,COLUMN[,DOLLARS]`, added to those before. */
export function cascade(text: string, before: Cascade[] = []): Cascade[] {
  const [small, large, check, dollars, ...more] = text.split(",").map((part) => part.trim());
  if (!small || !large || !check || more.length > 0)
    throw new InvalidArgumentError("Expected SMALL,LARGE,COLUMN or SMALL,LARGE,COLUMN,DOLLARS.");
  return [
    ...before,
    { small, large, check, ...(dollars !== undefined && { dollars: numberFrom0(dollars) }) },
  ];
}

/** `FILE`, or `MODEL=FILE`: the first "=" ends the model's name. Added to those before. */
export function usageFile(text: string, before: UsageFile[] = []): UsageFile[] {
  const at = text.indexOf("=");
  return [...before, at < 0 ? { path: text } : { model: text.slice(0, at), path: text.slice(at + 1) }];
}
