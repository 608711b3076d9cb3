import { InputError } from "../errors.js";
import type { Dataset } from "../types.js";
import { readDataset } from "./dataset.js";
import { readNpy } from "./npy.js";
import type { DatasetOptions } from "./reading.js";

/** Where a predictor's vectors and columns come from. */
export interface VectorChoice {
  /** The beginning of the names of the columns that hold vectors. */
  vectorColumns?: string;
  /** Vectors are beside the texts, not in their place. */
  vectorsAdd?: boolean;
  featureColumns?: readonly string[];
}

/**
 * Reads rows with their feature columns, and their vectors from columns or from a `.npy` file with one row for each row.
 *
 * @throws InputError naming the file.
 */
export async function readVectorRows(
  path: string,
  reading: DatasetOptions,
  { vectorColumns, vectorsAdd: beside, featureColumns = [] }: VectorChoice,
  npy?: string,
): Promise<Dataset> {
  const others = reading.columns ?? [];
  const hasVectors = !beside && (npy !== undefined || vectorColumns !== undefined);
  const dataset = await readDataset(path, {
    ...reading,
    columns: others === "all" ? others : [...new Set([...others, ...featureColumns])],
    needsTexts: reading.needsTexts === true && !hasVectors,
    vectorPrefix: vectorColumns,
  });
  if (vectorColumns !== undefined && dataset.vectors === undefined)
    throw new InputError(
      `--vector-columns cannot read ${path}: it is in another tool's format; expected native rows`,
    );
  const vectors = npy === undefined ? dataset.vectors : await npyVectors(npy, path, dataset.ids.length);
  return vectors === undefined ? dataset : { ...dataset, vectors: { ...vectors, beside } };
}

/** What the options for vectors contradict, in words; undefined where they go together. */
export function vectorConflict({
  vectors,
  labelVectors,
  vectorsAdd,
  vectorColumns,
  embed,
  labels,
  where = [],
  skipBadRows,
}: {
  vectors?: string;
  labelVectors?: string;
  vectorsAdd?: boolean;
  vectorColumns?: string;
  embed?: string;
  labels?: string;
  where?: readonly unknown[];
  skipBadRows?: boolean;
}): string | undefined {
  if ([vectors ?? labelVectors, vectorColumns, embed].filter((one) => one !== undefined).length > 1)
    return "give at most one of --vectors, --vector-columns and --embed";
  if (vectorsAdd && (vectors ?? labelVectors ?? vectorColumns ?? embed) === undefined)
    return "--vectors-add needs --vectors, --vector-columns or --embed";
  if (labelVectors !== undefined && labels === undefined) return "--label-vectors needs --labels";
  if (labels !== undefined && (vectors === undefined) !== (labelVectors === undefined))
    return "give --vectors and --label-vectors together: both files need vectors";
  const leavesOut = where.length > 0 ? "--where" : skipBadRows ? "--skip-bad-rows" : undefined;
  if (vectors !== undefined && leavesOut !== undefined)
    return `${leavesOut} leaves rows out, so the rows of --vectors would not match; use --vector-columns`;
  return undefined;
}

async function npyVectors(npy: string, path: string, queries: number) {
  const { rows, columns, value } = await readNpy(npy);
  if (rows !== queries) {
    throw new InputError(`${npy} has ${rows} rows, ${path} has ${queries}; expected a vector for each row`, {
      file: npy,
      rows,
      queries,
    });
  }
  return { columns, value };
}
