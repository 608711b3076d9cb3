import { InputError } from "../../errors.js";
import { numbered } from "../../plan/limits/groups.js";
import type { Limits } from "../../plan/limits/read.js";
import { columnsOf, settleLimits } from "../../plan/limits/resolve.js";
import { tokensOf } from "../../plan/limits/tokens.js";
import type { Source } from "../../plan/source.js";
import { oneLine } from "../../text/shown.js";
import type { Dataset, Problem } from "../../types.js";
import { readResult, writeResult } from "../files.js";

/** What limits need to know of a piece. */
export interface LimitedInfo {
  /** Of each column that groups rows: its values in the order of their first row, and how many rows have them. */
  groups: { column: string; values: string[]; counts: number[] }[];
  /** Models that the changes removed. */
  gone: string[];
  /** The file of the rows' amounts; undefined where none are needed. */
  file?: string;
}

/** The rows of a piece as limits see them. */
export interface LimitedRows {
  /** For each column that groups rows, the number of each row's value in this piece. */
  groups: Uint32Array[];
  /** Queries × models; undefined where none are counted. */
  tokens?: Float64Array;
}

/**
 * Writes the groups and tokens of a piece.
 *
 * @throws InputError for tokens that are not recorded.
 */
export async function writeLimited(
  limits: Limits,
  { problem, gone }: { problem: Problem; gone: string[] },
  work: Dataset,
  source: Source,
  file: string,
): Promise<{ info: LimitedInfo; notes: string[] }> {
  const found = columnsOf(limits).map((column) => {
    const texts = work.columns?.get(column) ?? work.ids.map(() => "");
    return { column, ...numbered(texts) };
  });
  const groups = found.map(({ column, values, counts }) => ({ column, values, counts }));
  const counted = countedHere(limits, problem.models, gone);
  const tokens = counted.length > 0 ? await tokensOf(problem, work, source, counted, {}) : undefined;
  const info = { groups, gone };
  if (found.length === 0 && tokens === undefined) return { info, notes: [] };
  const rows: LimitedRows = {
    groups: found.map(({ ids }) => ids),
    ...(tokens && { tokens: Float64Array.from(tokens.tokens) }),
  };
  await writeResult(file, rows);
  return { info: { ...info, file }, notes: tokens?.notes ?? [] };
}

/** Models whose tokens are counted: limits on groups, whose values the other pieces may have, count none. */
function countedHere(limits: Limits, models: readonly string[], gone: readonly string[]): string[] {
  const specs = limits.specs.filter(({ group, measure }) => group === undefined && measure === "tokens");
  return settleLimits({ ...limits, specs }, models, new Map(), gone).counted;
}

/** Reads what `writeLimited` wrote for the piece of this name. Throws `InputError` for a damaged file. */
export async function readLimited(file: string, name: string): Promise<LimitedRows> {
  try {
    return await readResult<LimitedRows>(file);
  } catch (error) {
    if (!(error instanceof InputError) || error.details.isDamaged !== true) throw error;
    throw new InputError(`${oneLine(file)} is damaged; remove ${name}.json beside it, and resume the run`, {
      path: file,
    });
  }
}
