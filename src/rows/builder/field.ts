import type { ColumnTaste } from "./columnTastes.js";
import { COST_EXPECTED, costOf, SCORE_EXPECTED, scoreOf, TOKENS_EXPECTED, tokensOf } from "./cell.js";

/** What a model's column holds: a number for each row. */
export type NumberKind = "score" | "cost" | "input" | "output";

/** A column of the file and where its values go. */
export interface Field {
  name: string;
  kind: NumberKind | "id" | "query" | "allowed" | "part" | "vector" | "ignored";
  /** Index of the model (score, cost, tokens) or of the vector's column; −1 for other kinds. */
  index: number;
  /** Takes the values as texts, if the column was asked for. */
  texts?: string[];
  /** Positions of the conditions on this column. */
  conditions?: number[];
  /** Looks at some of the values, if that was asked for. */
  taste?: ColumnTaste;
}

/** Whether a reader may pass over the column's value in the row under way. */
export function isSkipped({ kind, texts, conditions, taste }: Field): boolean {
  return kind === "ignored" && !texts && !conditions && (taste === undefined || taste.isAsleep);
}

const SUFFIXES = {
  __score: "score",
  __cost: "cost",
  __input_tokens: "input",
  __output_tokens: "output",
} as const;

/** Model and kind of a column named `<model>__score` and so on; undefined for other names. */
export function modelColumn(name: string): { model: string; kind: NumberKind; suffix: string } | undefined {
  const at = name.lastIndexOf("__");
  const suffix = at < 0 ? "" : name.slice(at);
  if (!Object.hasOwn(SUFFIXES, suffix)) return undefined;
  return { model: name.slice(0, at), kind: SUFFIXES[suffix as keyof typeof SUFFIXES], suffix };
}

export function isNumberKind(kind: Field["kind"]): kind is NumberKind {
  return kind === "score" || kind === "cost" || kind === "input" || kind === "output";
}

/** How each kind of number is read (`BAD` where it cannot be), and what its error message expects. */
export const READ = {
  score: { numberOf: scoreOf, expected: SCORE_EXPECTED },
  cost: { numberOf: costOf, expected: COST_EXPECTED },
  input: { numberOf: tokensOf, expected: TOKENS_EXPECTED },
  output: { numberOf: tokensOf, expected: TOKENS_EXPECTED },
} as const;

/** A value as a typed column holds it: blank is null, undefined or NaN; whole numbers may be bigints. `BAD` as above. */
export function typedNumber(kind: NumberKind, value: unknown): number {
  if (value === undefined || Number.isNaN(value)) return READ[kind].numberOf(null);
  if (value === Infinity && kind === "cost") return Infinity;
  return READ[kind].numberOf(typeof value === "bigint" ? Number(value) : value);
}
