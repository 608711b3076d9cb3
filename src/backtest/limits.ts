import type { Limits } from "../plan/limits/read.js";
import { resolveLimits, type Constrained } from "../plan/limits/resolve.js";
import { limitText, type LimitSpec } from "../plan/limits/spec.js";
import { shown } from "../text/shown.js";
import type { RunningOptions } from "../pool/running.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import { evaluateUnder } from "../solve/constraints/evaluate.js";
import type { ChosenUnder, Limit } from "../solve/constraints/result.js";
import type { Dataset, Problem } from "../types.js";
import type { Records } from "./comparators.js";
import { meanOf } from "./means.js";

/** Limits on the plans of a repeat, and the problem of the records that they are judged by. */
export interface Limited extends Constrained {
  recorded: Problem;
}

/** A limit of a plan that keeps it by the predictions, judged by the records. */
export interface JudgedLimit
  extends Pick<Limit, "name" | "side" | "limit">, Pick<Constraint, "measure" | "as"> {
  /** The sum, mean or share by the predictions and by the records; null for a mean or share of nothing. */
  promised: number | null;
  recorded: number | null;
  /** Whether the records keep it. */
  kept: boolean;
}

/** A limit over the repeats in which there was a plan: means, and the share of the repeats in which the records kept it. */
export interface LimitSummary extends Omit<JudgedLimit, "kept"> {
  kept: number;
  repeats: number;
}

/**
 * Limits on the test queries of a repeat: totals are theirs. With predicted costs, tokens are predicted as well; what is
 * judged is recorded.
 */
export async function limitsOn(
  limits: Limits | undefined,
  { problem, test, sample }: { problem: Problem; test: Dataset; sample: Dataset },
  records: Records,
  options: RunningOptions & { isCostPredicted: boolean; gone?: readonly string[] },
): Promise<Limited | undefined> {
  if (limits === undefined) return undefined;
  const { isCostPredicted } = options;
  const absent = limits.specs.filter((spec) => isOfSampleAlone(spec, test, sample));
  const here: Limits = { ...limits, specs: limits.specs.filter((spec) => !absent.includes(spec)) };
  const known = isCostPredicted ? { ...test, tokens: undefined } : test;
  const constrained = await resolveLimits(here, problem, known, sample, options);
  const isPredicted =
    isCostPredicted && constrained.problem.columns !== undefined && test.tokens !== undefined;
  const judged = isPredicted ? await resolveLimits(here, problem, test, sample, options) : constrained;
  const recorded = { ...judged.problem, cost: records.cost, successProbability: records.outcome };
  const left = absent.map(
    (spec) => `the limit "${shown(limitText(spec))}" is left out where no test row has its group`,
  );
  return { ...constrained, notes: [...left, ...constrained.notes], recorded };
}

/** Whether a limit is on a group whose rows the split has all put into the sample. */
function isOfSampleAlone({ group }: LimitSpec, test: Dataset, sample: Dataset): boolean {
  if (group?.value === undefined) return false;
  const { column, value } = group;
  const has = ({ columns }: Dataset): boolean =>
    columns?.get(column)?.some((text) => text.trim() === value.trim()) === true;
  return !has(test) && has(sample);
}

/** The limits of a plan by the records. */
export async function judgedLimits(
  { recorded, constraints }: Limited,
  { allocation, limits }: ChosenUnder,
): Promise<JudgedLimit[]> {
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const judged = await evaluateUnder(recorded, constraints, allocation);
  return judged.map(({ name, constraint, side, limit, value, slack }, k) => ({
    name,
    side,
    limit,
    ...{ measure: constraints[constraint].measure, as: constraints[constraint].as },
    promised: known(limits[k].value),
    recorded: known(value),
    kept: slack >= 0,
  }));
}

/** Limits of the same name and side over the repeats, in the order in which they come up. */
export function limitSummaries(repeats: readonly (readonly JudgedLimit[])[]): LimitSummary[] {
  const found = new Map<string, JudgedLimit[]>();
  for (const one of repeats.flat()) {
    const key = `${one.side} ${one.name}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()].map((same) => ({
    ...same[0],
    ...meanOf(same.map(({ promised, recorded }) => ({ promised, recorded }))),
    kept: same.filter(({ kept }) => kept).length / same.length,
    repeats: same.length,
  }));
}
