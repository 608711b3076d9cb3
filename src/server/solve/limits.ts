import { constraintsOf, columnsOf, TOKENS } from "../../plan/limits/resolve.js";
import { numbered } from "../../plan/limits/groups.js";
import { limitsIn } from "../../plan/limits/json.js";
import type { Constraint } from "../../solve/constraints/constraint.js";
import { shown } from "../../text/shown.js";
import type { Costs, Problem } from "../../types.js";
import { badRequest } from "../http/apiError.js";
import type { Body } from "../protocol/asked.js";
import type { Matrices, Parts } from "./matrices.js";

/** Limits of a body, and the columns and groups that they need. */
export interface Limited {
  constraints: Constraint[];
  columns: NonNullable<Problem["columns"]>;
  groups: NonNullable<Problem["groups"]>;
}

const MOST_ID = 2 ** 32 - 1;

/**
 * `constraints` of a body: an object says what a file of constraints says, a list is the library's own. Undefined for
 * none.
 *
 * @throws ApiError 400 or InputError naming the field.
 */
export function limitedBy(
  body: Body,
  models: readonly string[],
  matrices: Matrices,
  parts: Parts,
): Limited | undefined {
  const columns = Object.fromEntries(
    namesOf("columns", body, parts).map(([name, field, value]): [string, Costs] => [
      name,
      matrices.rows(field, value)!,
    ]),
  );
  const groups = new Map(
    namesOf("groups", body, parts).map(([name, field, value]): [string, (string | number)[]] => [
      name,
      groupOf(field, value, matrices),
    ]),
  );
  const { constraints } = body;
  if (constraints === undefined) {
    const [field] = [...(body.columns ? ["columns"] : []), ...(body.groups ? ["groups"] : [])];
    if (field !== undefined || groups.size > 0 || Object.keys(columns).length > 0)
      throw badRequest(`${field ?? "columns or groups"} without constraints: nothing would use it`, field);
    return undefined;
  }
  return Array.isArray(constraints)
    ? { constraints: constraints as Constraint[], columns, groups: idsOf(groups) }
    : written(constraints as Body, models, columns, groups);
}

/** Limits as a file has them, on groups by the texts of their values. */
function written(
  constraints: Body,
  models: readonly string[],
  columns: Limited["columns"],
  groups: ReadonlyMap<string, readonly (string | number)[]>,
): Limited {
  const limits = limitsIn(constraints, "constraints");
  const used = columnsOf(limits).map((column) => {
    const values = groups.get(column);
    if (values === undefined)
      throw badRequest(
        `a constraint groups queries by ${shown(column)}; expected the group of each in groups.${shown(column)}`,
        "groups",
      );
    return [column, numbered(values.map(String))] as const;
  });
  if (limits.specs.some(({ measure }) => measure === "tokens") && !Object.hasOwn(columns, TOKENS))
    throw badRequest(
      `a constraint counts tokens; expected those of each query and model in columns.${TOKENS}`,
      "columns",
    );
  return {
    constraints: constraintsOf(limits, models, new Map(used)),
    columns,
    groups: Object.fromEntries(used.map(([column, { ids }]) => [column, ids])),
  };
}

/** What stands below a field, and in files whose names begin with it: name, field and value of each. */
function namesOf(field: "columns" | "groups", body: Body, parts: Parts): [string, string, unknown][] {
  const given = Object.entries((body[field] ?? {}) as Body);
  const files = [...parts.keys()].filter((part) => part.startsWith(`${field}.`));
  return [
    ...given.map(([name, value]): [string, string, unknown] => [name, `${field}.${name}`, value]),
    ...files.map((part): [string, string, unknown] => [part.slice(field.length + 1), part, undefined]),
  ];
}

function groupOf(field: string, value: unknown, matrices: Matrices): (string | number)[] {
  if (value === undefined) return [...matrices.column(field, undefined)!];
  const list = value as unknown[];
  const wrong = list.findIndex((one) => typeof one !== "string" && typeof one !== "number");
  if (wrong < 0) return list as (string | number)[];
  const at = `${field}[${wrong}]`;
  throw badRequest(`${at} is ${shown(list[wrong])}; expected a text or a whole number`, at);
}

/** Group numbers, as a list of constraints names them. */
function idsOf(groups: ReadonlyMap<string, readonly (string | number)[]>): Limited["groups"] {
  return Object.fromEntries(
    [...groups].map(([name, values]) => {
      const wrong = values.findIndex(
        (id) => !(Number.isInteger(id) && (id as number) >= 0 && (id as number) <= MOST_ID),
      );
      if (wrong >= 0) {
        const at = `groups.${name}[${wrong}]`;
        throw badRequest(
          `${shown(at)} is ${shown(String(values[wrong]))}; expected a whole number, 0 … 2³² − 1: a list of constraints names groups by numbers`,
          at.slice(0, 200),
        );
      }
      return [name, Uint32Array.from(values as number[])];
    }),
  );
}
