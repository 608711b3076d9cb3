import { concatSteps, type Steps } from "../../core/solve/steps.js";
import { InputError } from "../../errors.js";
import { selectRows } from "../../matrix.js";
import type { JobResults } from "../../pool/jobs.js";
import { passOver, type Asked, type PassKind } from "../../solve/pass.js";
import type { Costs, Problem } from "../../types.js";
import { writeResult } from "../files.js";
import { readRows, readTable, type Shard } from "../table.js";

/** What a pass writes of a shard. Rows count from the first of the shard. */
export interface ShardResult<Kind extends PassKind = PassKind> {
  /** One for each shard of the solver. */
  results: JobResults[Kind][];
  /** Of an allocation: the option that each row takes. */
  taken?: Values;
  /** Rows whose model may still change: all of their options. */
  open?: Values & { rows: Uint32Array };
}

interface Values {
  cost: Costs;
  successProbability: Float32Array;
}

/** The steps `hull`, `boundary` and `allocate`: one job of the solver for each of its shards, on one shard of the run. */
export async function passOfShard(
  folder: string,
  shard: Shard,
  asked: Asked<PassKind>,
  output: string,
): Promise<void> {
  const problem = await readRows(await readTable(folder), shard);
  try {
    await writeResult(output, await passOn(problem, asked));
  } catch (error) {
    throw placed(error, shard.from);
  }
}

/** The same of a problem in memory. */
async function passOn(problem: Problem, asked: Asked<PassKind>): Promise<ShardResult> {
  const results: JobResults[PassKind][] = [];
  for await (const part of passOver(problem, {}, asked)) results.push(...part.results);
  switch (asked.kind) {
    case "sumHulls":
      return { results };
    case "allocate":
      return { results, taken: takenBy(problem, results as JobResults["allocate"][]) };
    case "bracket": {
      const brackets = (results as JobResults["bracket"][]).map((bracket) => ({
        ...bracket,
        steps: [concatSteps(bracket.steps)],
      }));
      return {
        results: brackets,
        taken: takenBy(
          problem,
          brackets.map(({ allocation }) => allocation),
        ),
        open: openOf(
          problem,
          brackets.flatMap(({ steps }) => steps),
        ),
      };
    }
  }
}

function takenBy({ models, cost, successProbability }: Problem, allocations: readonly Uint8Array[]): Values {
  const rows = cost.length / models.length;
  const taken = { cost: like(cost, rows), successProbability: new Float32Array(rows) };
  let row = 0;
  for (const allocation of allocations)
    for (let i = 0; i < allocation.length; i++, row++) {
      const option = row * models.length + allocation[i];
      taken.cost[row] = cost[option];
      taken.successProbability[row] = successProbability[option];
    }
  return taken;
}

function like(cost: Costs, length: number): Costs {
  return cost instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

function openOf({ models, cost, successProbability }: Problem, steps: readonly Steps[]) {
  const rows = Uint32Array.from(new Set(steps.flatMap(({ query }) => [...query])));
  const width = models.length;
  return {
    rows,
    cost: selectRows(cost, width, rows),
    successProbability: selectRows(successProbability, width, rows),
  };
}

/** An error with the number of the row in the whole work. */
function placed(error: unknown, from: number): unknown {
  if (!(error instanceof InputError) || typeof error.details.query !== "number") return error;
  const { query } = error.details;
  const message = error.message.replace(`query ${query}`, `query ${query + from}`);
  return new InputError(message, { ...error.details, query: query + from });
}
