import { InputError } from "../errors.js";
import { jsonOf } from "../json.js";
import { parseDecimal } from "../text/number.js";
import { shown } from "../text/shown.js";

const OPERATORS = ["!=", "<=", ">=", "=", "<", ">"] as const;

/** A condition on one column; rows that fail it are not read. */
export interface Condition {
  column: string;
  operator: (typeof OPERATORS)[number];
  value: string;
}

/**
 * A condition as people write it: `task=math`, `tenant!=acme`, `weight>=2`. The column ends at the first operator.
 *
 * @throws InputError: no column, no operator, or `<`, `<=`, `>`, `>=` without a number.
 */
export function parseCondition(text: string): Condition {
  const found = /^([^=!<>]+)(!=|<=|>=|=|<|>)(.*)$/su.exec(text);
  const column = found?.[1].trim() ?? "";
  const operator = OPERATORS.find((name) => name === found?.[2]);
  const value = found?.[3].trim() ?? "";
  const isOrder = operator !== "=" && operator !== "!=";
  if (column === "" || operator === undefined || (isOrder && Number.isNaN(parseDecimal(value))))
    throw new InputError(
      `condition ${shown(text)}; expected COLUMN=VALUE, COLUMN!=VALUE, or COLUMN<NUMBER (also <=, >, >=)`,
      { condition: text },
    );
  return { column, operator, value };
}

/**
 * Whether a value (a CSV cell, a JSON value; undefined: absent) meets a condition. `=` compares numbers where both are
 * numbers, else texts; null and an absent value are the empty text. The others need a number.
 */
export function meets({ operator, value: wanted }: Condition, value: unknown): boolean {
  const text = textOf(value);
  const number = typeof value === "number" ? value : parseDecimal(text);
  const bound = parseDecimal(wanted);
  switch (operator) {
    case "=":
      return text === wanted || number === bound;
    case "!=":
      return text !== wanted && number !== bound;
    case "<":
      return number < bound;
    case "<=":
      return number <= bound;
    case ">":
      return number > bound;
    case ">=":
      return number >= bound;
  }
}

/** A value of a row as text: null and undefined are "", lists and objects are JSON. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : jsonOf(value);
}
