import { InputError } from "../errors.js";
import type { GroupValues } from "../plan/limits/groups.js";
import type { Limits } from "../plan/limits/read.js";
import { columnsOf, settleLimits, TOKENS } from "../plan/limits/resolve.js";
import { UNCHECKED_LIMITS } from "../plan/plan.js";
import { Pool } from "../pool/pool.js";
import { chooseUnder } from "../solve/constraints/choose.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import type { ChoiceUnder } from "../solve/constraints/result.js";
import { shown } from "../text/shown.js";
import type { Block, BlockSource, OnProgress } from "../types.js";
import type { DispatchOptions } from "./dispatch.js";
import { readLimited } from "./pieces/limited.js";
import type { Run } from "./run.js";
import { rowsOfShard } from "./sizes.js";
import { readRows, type Table } from "./table.js";

/** The limits of a run as constraints, and the values of the columns that they group by. */
export interface RunLimits {
  constraints: Constraint[];
  groups: ReadonlyMap<string, GroupValues>;
  notes: string[];
}

/**
 * The limits of a run whose rows are known. Without constraints if there are none, or none that is about anything.
 *
 * @throws InputError for a model, column or value that there is not.
 */
export function limitsOfRun({ limits }: Run, table: Table): RunLimits {
  if (limits === undefined) return { constraints: [], groups: new Map(), notes: [] };
  const groups = groupsIn(table, limits);
  const gone = table.pieces.find(({ limited }) => limited)?.limited?.gone;
  const { constraints, notes } = settleLimits(limits, table.models, groups, gone);
  return { constraints, groups, notes: constraints.length === 0 ? notes : [...notes, UNCHECKED_LIMITS] };
}

/**
 * Chooses under limits, on threads of this process: each pass reads the matrices that the pieces became. The bytes are those
 * of one machine that holds all rows. `isFew`: also finds the plan without each limit.
 */
export async function chooseLimited(
  { target, shardRows }: Run,
  table: Table,
  { constraints, groups }: RunLimits,
  isFew: boolean,
  { threads, ...options }: DispatchOptions,
): Promise<ChoiceUnder> {
  const pool = threads === 1 ? undefined : new Pool({ threads });
  try {
    const source = limitedSource(table, groups, rowsOfShard(table, shardRows), options.onProgress);
    return await chooseUnder(source, constraints, target, { ...options, pool, withoutEach: isFew });
  } finally {
    await pool?.close();
  }
}

/** The values of the columns that limits group by, in the order of their first row. Throws `InputError` for a blank column. */
function groupsIn({ pieces }: Table, limits: Limits): Map<string, GroupValues> {
  return new Map(
    columnsOf(limits).map((column) => {
      const counts = new Map<string, number>();
      for (const { limited } of pieces) {
        const found = limited?.groups.find((group) => group.column === column);
        found?.values.forEach((value, k) => counts.set(value, (counts.get(value) ?? 0) + found.counts[k]));
      }
      if (![...counts.keys()].some((value) => value !== ""))
        throw new InputError(`no row has a value in column ${shown(column)} to group by`, { column });
      return [column, { values: [...counts.keys()], counts: [...counts.values()] }];
    }),
  );
}

/** The rows with their groups and tokens, piece after piece. The rows of all passes are told, whose number is not known before. */
function limitedSource(
  table: Table,
  groups: ReadonlyMap<string, GroupValues>,
  mostRows: number,
  onProgress?: OnProgress,
): BlockSource {
  const { models, pieces } = table;
  let done = 0;
  const numbers = [...groups].map(([column, { values }]) => ({
    column,
    of: new Map(values.map((value, k) => [value, k])),
  }));
  return {
    models,
    async *blocks(): AsyncGenerator<Block> {
      for (const { name, first, rows, limited } of pieces) {
        if (rows === 0) continue;
        const amounts = limited?.file === undefined ? undefined : await readLimited(limited.file, name);
        for (let from = 0; from < rows; from += mostRows) {
          const to = Math.min(rows, from + mostRows);
          const { cost, successProbability } = await readRows(table, { from: first + from, to: first + to });
          const tokens = amounts?.tokens?.subarray(from * models.length, to * models.length);
          yield {
            ...{ cost, successProbability },
            ...(tokens && { columns: { [TOKENS]: tokens } }),
            groups: Object.fromEntries(
              numbers.map(({ column, of }, k) => {
                const toAll = Uint32Array.from(limited!.groups[k].values, (value) => of.get(value)!);
                return [column, amounts!.groups[k].subarray(from, to).map((id) => toAll[id])];
              }),
            ),
          };
          onProgress?.({ phase: "limits", done: (done += to - from), total: 0 });
        }
      }
    },
  };
}
