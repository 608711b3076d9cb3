import { InputError } from "../../errors.js";
import { count } from "../../text/amounts.js";
import { someOf } from "../../text/names.js";
import { oneLine, shown } from "../../text/shown.js";
import type { RunningOptions } from "../../pool/running.js";
import type { Constraint } from "../../solve/constraints/constraint.js";
import { MAX_CONSTRAINTS } from "../../solve/constraints/rows.js";
import type { Dataset, Problem } from "../../types.js";
import { BATCH_ARM } from "../batchArm.js";
import type { Source } from "../source.js";
import { groupColumn, idOf, type GroupColumn, type GroupValues } from "./groups.js";
import { matches, modelsOf } from "./pattern.js";
import type { Limits } from "./read.js";
import { limitText, type LimitSpec } from "./spec.js";
import { tokensOf } from "./tokens.js";

/** The name of the tokens' column in a problem. */
export const TOKENS = "tokens";

/** A problem with the groups and amounts that its constraints need. */
export interface Constrained {
  problem: Problem;
  constraints: Constraint[];
  notes: string[];
}

/** Columns of the work that limits group queries by. */
export function columnsOf({ specs }: Limits): string[] {
  return [...new Set(specs.flatMap(({ group }) => group?.column ?? []))];
}

/**
 * Limits as constraints on a problem, whose queries are those of the work. `gone`: models that a change has removed; an upper
 * limit on these alone is kept anyway, and left out.
 *
 * @throws InputError for a model, a column or a value that there is not, more than 64 constraints, and tokens or latencies
 * that are not known.
 */
export async function resolveLimits(
  limits: Limits,
  problem: Problem,
  work: Dataset,
  source: Source,
  options: RunningOptions & { seed?: number; gone?: readonly string[] } = {},
): Promise<Constrained> {
  const { models } = problem;
  const columns = new Map(columnsOf(limits).map((column) => [column, columnFor(limits, column, work)]));
  const { constraints, counted, notes } = settleLimits(limits, models, columns, options.gone);
  const tokens = counted.length === 0 ? undefined : await tokensOf(problem, work, source, counted, options);
  const groups = Object.fromEntries([...columns].map(([column, { ids }]) => [column, ids]));
  return {
    problem: { ...problem, groups, ...(tokens && { columns: { [TOKENS]: tokens.tokens } }) },
    constraints,
    notes: [...notes, ...(tokens?.notes ?? [])],
  };
}

/** The values of a column. Throws `InputError` naming the first limit that groups by it, where no row has any. */
function columnFor({ specs }: Limits, column: string, work: Dataset): GroupColumn {
  try {
    return groupColumn(work, column);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const spec = specs.find(({ group }) => group?.column === column)!;
    throw new InputError(`limit "${shown(limitText(spec))}": ${error.message}`, error.details);
  }
}

/** Limits as constraints. */
export interface Settled {
  constraints: Constraint[];
  /** Models whose tokens are counted. */
  counted: string[];
  notes: string[];
}

/**
 * Limits as constraints on models and on columns whose values are known; otherwise as `resolveLimits`.
 *
 * @throws InputError as `constraintsOf` does.
 */
export function settleLimits(
  limits: Limits,
  models: readonly string[],
  columns: ReadonlyMap<string, GroupValues>,
  gone: readonly string[] = [],
): Settled {
  checkLatencies(limits, [...models, ...gone]);
  const idle = limits.specs.filter((spec) => isIdle(spec, models, gone, columns));
  const kept: Limits = { ...limits, specs: limits.specs.filter((spec) => !idle.includes(spec)) };
  const specs = kept.specs.flatMap((spec) => eachValue(spec, columns));
  return {
    constraints: constraintsOf(kept, models, columns),
    counted: countedModels(specs, models),
    notes: [...idleNotes(idle), ...batchNotes(specs, models), ...groupNotes(limits, columns)],
  };
}

/** Refuses a latency of no model, which may be misspelt, and two of the same. */
function checkLatencies({ latencyOf }: Limits, models: readonly string[]): void {
  latencyOf.forEach(({ models: pattern, seconds }, i) => {
    const of = `--latency-of "${shown(pattern)}=${seconds}s"`;
    modelsOf(pattern, models, of);
    const other = latencyOf.findIndex((one) => one.models === pattern);
    if (other < i && latencyOf[other].seconds !== seconds) {
      throw new InputError(`${of}: ${shown(pattern)} has ${latencyOf[other].seconds}s already`, {
        field: "latencyOf",
      });
    }
  });
}

/** Models whose tokens are counted by limits. Throws `InputError` for a pattern that fits none. */
function countedModels(specs: readonly LimitSpec[], models: readonly string[]): string[] {
  const counting = specs.filter(({ measure }) => measure === "tokens");
  return models.filter((name) =>
    counting.some((spec) => spec.as === "share" || modelsIn(spec, models).includes(name)),
  );
}

/**
 * Limits as constraints on models, and on groups whose values are numbered.
 *
 * @throws InputError for a model or a value that there is not, a latency that is not known, and more than 64 constraints.
 */
export function constraintsOf(
  limits: Limits,
  models: readonly string[],
  columns: ReadonlyMap<string, GroupValues>,
): Constraint[] {
  const specs = limits.specs.flatMap((spec) => eachValue(spec, columns));
  if (specs.length > MAX_CONSTRAINTS) {
    throw new InputError(
      `the limits are ${specs.length}, where one on a column counts for each of its values; expected at most ${MAX_CONSTRAINTS}`,
      { field: "limits" },
    );
  }
  return specs.map((spec) => constraintOf(spec, models, columns, limits));
}

/** Whether an upper limit is about nothing here: models that are all gone, or the budget of a group without rows. */
function isIdle(
  { models: pattern, side, measure, group }: LimitSpec,
  models: readonly string[],
  gone: readonly string[],
  columns: ReadonlyMap<string, GroupValues>,
): boolean {
  if (side !== "atMost") return false;
  const isOf = (names: readonly string[]): boolean => names.some((name) => matches(pattern!, name));
  if (pattern !== undefined && !isOf(models) && isOf(gone)) return true;
  const isBudget = measure === "cost" && group?.value !== undefined;
  return isBudget && !columns.get(group.column)!.values.includes(group.value!);
}

const MOST_LISTED = 5;

/** Says which limits are about nothing. */
function idleNotes(idle: readonly LimitSpec[]): string[] {
  if (idle.length === 0) return [];
  const named = someOf(idle, MOST_LISTED, (spec) => `"${shown(limitText(spec))}"`);
  return [
    idle.length === 1
      ? `the limit ${named} is left out: its models are gone, or its group has no rows`
      : `${count(idle.length)} limits are about models that are gone or groups without rows, and left out: ${named}`,
  ];
}

/** Says which models' batches a limit on the models does not count. */
function batchNotes(specs: readonly LimitSpec[], models: readonly string[]): string[] {
  return specs.flatMap((spec) => {
    if (spec.models === undefined) return [];
    const counted = modelsIn(spec, models);
    const arms = counted
      .map((name) => name + BATCH_ARM)
      .filter((arm) => models.includes(arm) && !counted.includes(arm));
    return arms.length === 0
      ? []
      : [
          `limit "${shown(limitText(spec))}" does not count ${arms.map(shown).join(", ")}: a batch is a model of its own`,
        ];
  });
}

/** A limit on every value of a column as one for each. */
function eachValue(spec: LimitSpec, columns: ReadonlyMap<string, GroupValues>): LimitSpec[] {
  const { group } = spec;
  if (group === undefined || group.value !== undefined) return [spec];
  const { values } = columns.get(group.column)!;
  return values.map((value) => ({ ...spec, group: { ...group, value } }));
}

function constraintOf(
  spec: LimitSpec,
  models: readonly string[],
  columns: ReadonlyMap<string, GroupValues>,
  { latencyOf }: Limits,
): Constraint {
  const { measure, as, side, value, group } = spec;
  const text = limitText(spec);
  const counted = modelsIn(spec, models);
  const name = oneLine(group?.value === "" ? text.replace("=", "=(blank)") : text);
  return {
    name,
    measure:
      measure === "tokens"
        ? { column: TOKENS }
        : measure === "latency"
          ? { perModel: secondsOf(counted, latencyOf, text) }
          : measure,
    as,
    [side]: value,
    ...(spec.models !== undefined && { models: counted }),
    ...(group !== undefined && {
      group: {
        column: group.column,
        ids: [idOf(columns.get(group.column)!, group.column, group.value!, text)],
        values: [group.value!.trim()],
      },
    }),
  };
}

function modelsIn(spec: LimitSpec, models: readonly string[]): readonly string[] {
  return spec.models === undefined
    ? models
    : modelsOf(spec.models, models, `limit "${shown(limitText(spec))}"`);
}

/** The seconds of each model. Throws `InputError` for a model without any. */
function secondsOf(
  models: readonly string[],
  latencyOf: Limits["latencyOf"],
  limit: string,
): Record<string, number> {
  const found = models.map((model) => {
    const one =
      latencyOf.find((of) => of.models === model) ?? latencyOf.find((of) => matches(of.models, model));
    if (one === undefined) {
      throw new InputError(
        `limit "${shown(limit)}": how long model "${oneLine(model)}" takes is not known; give --latency-of '${oneLine(model)}=1.2s' (--latency-of '*=1.2s' is for all others)`,
        { field: "latencyOf", model },
      );
    }
    return [model, one.seconds] as const;
  });
  return Object.fromEntries(found);
}

/** Says which rows have no value, and which values no budget. */
function groupNotes({ specs }: Limits, columns: ReadonlyMap<string, GroupValues>): string[] {
  return [...columns].flatMap(([column, { values, counts }]) => {
    const notes: string[] = [];
    const name = shown(column);
    const blank = counts[values.indexOf("")];
    if (blank === 1) notes.push(`1 row has no value in column ${name}; it is a group of its own, (blank)`);
    else if (blank > 1)
      notes.push(
        `${count(blank)} rows have no value in column ${name}; they are a group of their own, (blank)`,
      );
    const budgets = specs.filter((spec) => spec.measure === "cost" && spec.group?.column === column);
    const free = values.filter((value) => !budgets.some(({ group }) => group?.value === value));
    if (budgets.length > 0 && free.length > 0) {
      const named = someOf(free, MOST_LISTED, (value) => (value === "" ? "(blank)" : shown(value)));
      const have =
        free.length === 1
          ? `1 value of column ${name} has no budget of its own`
          : `${count(free.length)} values of column ${name} have no budget of their own`;
      notes.push(`${have}: ${named}`);
    }
    return notes;
  });
}
