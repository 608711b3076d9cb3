import { InputError } from "../errors.js";
import { selectColumns, selectRows } from "../matrix.js";
import type { Costs, Dataset } from "../types.js";

/** Some rows of a dataset, in the order given. */
export function takeRows(dataset: Dataset, rows: Uint32Array): Dataset {
  const { ids, queries, models, allowedModels, columns, vectors } = dataset;
  const texts = <T>(values: readonly T[]): T[] => Array.from(rows, (row) => values[row]);
  return {
    ids: texts(ids),
    queries: texts(queries),
    ...withMatrices(dataset, models, (matrix) => selectRows(matrix, models.length, rows)),
    ...(allowedModels && { allowedModels: texts(allowedModels) }),
    ...(columns && { columns: new Map([...columns].map(([name, values]) => [name, texts(values)])) }),
    ...(vectors && {
      vectors: { ...vectors, value: selectRows(vectors.value, vectors.columns, rows) },
    }),
  };
}

/** Some models of a dataset, in the order given; every name must be one of its models. */
export function takeModels(dataset: Dataset, models: readonly string[]): Dataset {
  if (models.length === dataset.models.length && models.every((name, m) => name === dataset.models[m])) {
    return dataset;
  }
  const columns = models.map((name) => dataset.models.indexOf(name));
  return {
    ...dataset,
    ...withMatrices(dataset, [...models], (matrix) => selectColumns(matrix, dataset.models.length, columns)),
  };
}

function withMatrices(
  { cost, outcome, tokens }: Dataset,
  models: string[],
  select: <M extends Costs>(matrix: M) => M,
) {
  return {
    models,
    cost: select(cost),
    outcome: select(outcome),
    ...(tokens && { tokens: { input: select(tokens.input), output: select(tokens.output) } }),
  };
}

/** Whether some query has such a value in a model's column of a matrix. */
export function columnHas(
  { ids, models }: Dataset,
  matrix: Costs,
  column: number,
  accepts: (value: number) => boolean,
): boolean {
  for (let q = 0; q < ids.length; q++) if (accepts(matrix[q * models.length + column])) return true;
  return false;
}

/**
 * A part of the rows: a share of them, or a number. `least`: at least as many rows, as far as that is no more than a quarter
 * of them.
 */
export type Part = { share: number; least?: number } | { count: number };

/** What fits and chooses unless a caller says otherwise: so that files of a few hundred rows give evidence as well. */
export const USUAL_PART: Part = { share: 0.05, least: 100 };

/** The number of rows in a part of `queries` rows: at least one. Throws `InputError` when it is more than there are. */
export function partSize(part: Part, queries: number, name: string): number {
  const size = "share" in part ? sizeOfShare(part, queries) : part.count;
  if (!(size >= 1 && size <= queries)) {
    throw new InputError(`${name} asks for ${size} rows, the file has ${queries}`, { field: name });
  }
  return size;
}

function sizeOfShare({ share, least = 1 }: { share: number; least?: number }, queries: number): number {
  return Math.max(1, Math.round(share * queries), Math.min(least, Math.floor(queries / 4)));
}
