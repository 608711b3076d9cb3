import { InputError } from "../errors.js";
import type { Dataset, QueryVectors } from "../types.js";

/** Some rows of a dataset, in the order given. */
export function takeRows(dataset: Dataset, rows: Uint32Array): Dataset {
  const all = Uint32Array.from(dataset.models, (_, m) => m);
  const { vectors } = dataset;
  return { ...take(dataset, rows, all), ...(vectors && { vectors: takeVectors(vectors, rows) }) };
}

function takeVectors({ columns, value, names }: QueryVectors, rows: Uint32Array): QueryVectors {
  const taken = new Float32Array(new SharedArrayBuffer(4 * rows.length * columns));
  rows.forEach((row, r) => taken.set(value.subarray(row * columns, (row + 1) * columns), r * columns));
  return { columns, value: taken, ...(names && { names }) };
}

/** Some models of a dataset, in the order given; every name must be one of its models. */
export function takeModels(dataset: Dataset, models: readonly string[]): Dataset {
  if (models.length === dataset.models.length && models.every((name, m) => name === dataset.models[m])) {
    return dataset;
  }
  const columns = Uint32Array.from(models, (name) => dataset.models.indexOf(name));
  const rows = Uint32Array.from(dataset.ids, (_, q) => q);
  const { vectors } = dataset;
  return { ...take(dataset, rows, columns), ...(vectors && { vectors }) };
}

function take(dataset: Dataset, rows: Uint32Array, columns: Uint32Array): Dataset {
  const gather = (matrix: Float32Array): Float32Array => {
    const taken = new Float32Array(new SharedArrayBuffer(rows.length * columns.length * 4));
    let at = 0;
    for (const row of rows) {
      for (const column of columns) taken[at++] = matrix[row * dataset.models.length + column];
    }
    return taken;
  };
  const { tokens, allowedModels } = dataset;
  const texts = <T>(values: readonly T[]): T[] => Array.from(rows, (row) => values[row]);
  return {
    ids: texts(dataset.ids),
    queries: texts(dataset.queries),
    models: Array.from(columns, (column) => dataset.models[column]),
    cost: gather(dataset.cost),
    outcome: gather(dataset.outcome),
    ...(tokens && { tokens: { input: gather(tokens.input), output: gather(tokens.output) } }),
    ...(allowedModels && { allowedModels: texts(allowedModels) }),
    ...(dataset.columns && {
      columns: new Map([...dataset.columns].map(([name, values]) => [name, texts(values)])),
    }),
  };
}

/** Whether some query has such a value in a model's column of a matrix. */
export function columnHas(
  { ids, models }: Dataset,
  matrix: Float32Array,
  column: number,
  accepts: (value: number) => boolean,
): boolean {
  for (let q = 0; q < ids.length; q++) if (accepts(matrix[q * models.length + column])) return true;
  return false;
}

/** A part of the rows: a share of them, or so many. */
export type Part = { share: number } | { count: number };

/** How many of `queries` rows a part is: at least one. Throws `InputError` when it is more than there are. */
export function partSize(part: Part, queries: number, name: string): number {
  const size = "share" in part ? Math.max(1, Math.round(part.share * queries)) : part.count;
  if (!(size >= 1 && size <= queries)) {
    throw new InputError(`${name} asks for ${size} rows, the file has ${queries}`, { field: name });
  }
  return size;
}
