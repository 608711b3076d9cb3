import { Option, type Command } from "commander";
import { InputError } from "../../errors.js";
import {
  parseGroupFloor,
  parseLatency,
  parseLatencyOf,
  parseLimit,
  parseShare,
  parseSpend,
} from "../../plan/limits/grammar.js";
import { readConstraints, readGroupBudgets, type Limits } from "../../plan/limits/read.js";
import type { LimitSpec } from "../../plan/limits/spec.js";

/** Limits besides the target. */
export interface ConstraintOptions {
  limit?: LimitSpec[];
  share?: LimitSpec[];
  groupBudget?: string[];
  groupFloor?: LimitSpec[];
  latency?: LimitSpec[];
  latencyOf?: Limits["latencyOf"];
  spend?: LimitSpec[];
  constraints?: string[];
}

export function withConstraints(command: Command): Command {
  const add = <T>(flags: string, description: string, parse: (text: string) => T): Command =>
    command.addOption(new Option(flags, description).argParser(collecting(parse)));
  add("--limit <text>", "most (or at least) that models may answer, such as 'gpt-4o: 20000 queries', 'openai/*: at least 3e8 tokens', 'gpt-4o: 500 rpm for 8h', 'small: $5' (may be repeated)", parseLimit); // prettier-ignore
  add("--share <text>", "share of the queries that models answer, such as 'small >= 30%', or 'openai/* <= 50% of spend' (may be repeated)", parseShare); // prettier-ignore
  add("--spend <text>", "dollars to spend with models, such as 'openai/*: at least $500' (may be repeated)", parseSpend); // prettier-ignore
  add("--group-floor <text>", "least expected accuracy for every value of a column, such as 'language: 80%', or for one, 'language=fr: 80%' (may be repeated)", parseGroupFloor); // prettier-ignore
  add("--group-budget <file>", "table of budgets: the first column, named as one of the work, holds its values, the second dollars (may be repeated)", (text) => text); // prettier-ignore
  add("--latency <text>", "'mean <= 1.2s' for the mean time of a query, 'total <= 8h' for their sum; needs --latency-of (may be repeated)", parseLatency); // prettier-ignore
  add("--latency-of <models=time>", "time that models take for a query, such as 'gpt-4o=1.2s' or '*=800ms' (may be repeated)", parseLatencyOf); // prettier-ignore
  return add("--constraints <file>", "limits from a YAML or JSON file that says what these options say (may be repeated)", (text) => text); // prettier-ignore
}

function collecting<T>(parse: (text: string) => T): (text: string, before?: T[]) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** The limits that were asked for; undefined for none. Throws `InputError` for a file that holds none. */
export async function limitsOf(options: ConstraintOptions): Promise<Limits | undefined> {
  const { limit = [], share = [], spend = [], groupFloor = [], latency = [], latencyOf = [] } = options;
  const files: Limits[] = [];
  for (const path of options.constraints ?? []) files.push(await readConstraints(path));
  const budgets: LimitSpec[] = [];
  for (const path of options.groupBudget ?? []) budgets.push(...(await readGroupBudgets(path)));
  const specs = [
    ...limit,
    ...share,
    ...spend,
    ...budgets,
    ...groupFloor,
    ...latency,
    ...files.flatMap((file) => file.specs),
  ];
  const limits = { specs, latencyOf: [...latencyOf, ...files.flatMap((file) => file.latencyOf)] };
  if (limits.latencyOf.length > 0 && !specs.some(({ measure }) => measure === "latency")) {
    throw new InputError("--latency-of limits nothing: give --latency, such as --latency 'mean <= 1.2s'", {
      field: "latencyOf",
    });
  }
  return specs.length === 0 ? undefined : limits;
}

/** The files that hold limits. */
export function limitFiles({ constraints = [], groupBudget = [] }: ConstraintOptions): string[] {
  return [...constraints, ...groupBudget];
}

/** Whether any limit is asked for. */
export function hasLimits({
  limit,
  share,
  spend,
  groupBudget,
  groupFloor,
  latency,
  constraints,
}: ConstraintOptions): boolean {
  return [limit, share, spend, groupBudget, groupFloor, latency, constraints].some(
    (one) => one !== undefined,
  );
}
