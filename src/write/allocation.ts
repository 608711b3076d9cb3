import { csvCell } from "./csv.js";
import type { Chunks } from "./file.js";
import { float32Text } from "./number.js";
import { parquetBytes, ROWS_PER_GROUP, type ParquetValues } from "./parquet.js";
import { tableText, type TableFormat } from "./table.js";

/** An allocation as it is written to a file: one row a query. */
export interface AllocationTable {
  /** Names of the queries; default: their index, from 0. */
  ids?: string[];
  models: string[];
  /** Index of each query's model. */
  allocation: Uint8Array;
  /** Dollars, queries × models. */
  cost: Float32Array;
  /** 0 … 1, queries × models. */
  successProbability: Float32Array;
}

/**
 * An allocation in chunks: a row { id, model, cost, probability } for each query, in the order of the
 * queries; cost in dollars. A number that is not finite is null in JSON and blank in CSV; in Parquet
 * it stays as it is. CSV guards against formulas: see `csvCell`.
 */
export function allocationRows(table: AllocationTable, format: TableFormat): Iterable<string>;
export function allocationRows(table: AllocationTable, format: TableFormat | "parquet"): Chunks;
export function allocationRows(table: AllocationTable, format: TableFormat | "parquet"): Chunks {
  return format === "parquet" ? allocationParquet(table) : allocationText(table, format);
}

function allocationText(table: AllocationTable, format: TableFormat): Iterable<string> {
  const { ids, models, allocation, cost, successProbability } = table;
  const jsonModels = models.map((model) => JSON.stringify(model));
  const csvModels = models.map(csvCell);
  const idOf = (q: number): string => ids?.[q] ?? String(q);
  const number = (values: Float32Array, q: number, blank: string): string =>
    float32Text(values[q * models.length + allocation[q]], blank);
  return tableText(
    {
      header: "id,model,cost,probability",
      rows: allocation.length,
      json: (q) =>
        `{"id":${JSON.stringify(idOf(q))},"model":${jsonModels[allocation[q]]},` +
        `"cost":${number(cost, q, "null")},"probability":${number(successProbability, q, "null")}}`,
      csv: (q) =>
        `${csvCell(idOf(q))},${csvModels[allocation[q]]},${number(cost, q, "")},${number(successProbability, q, "")}`,
    },
    format,
  );
}

function allocationParquet(table: AllocationTable): AsyncIterable<Uint8Array> {
  return parquetBytes(
    [
      { name: "id", type: "STRING" },
      { name: "model", type: "STRING" },
      { name: "cost", type: "FLOAT" },
      { name: "probability", type: "FLOAT" },
    ],
    groups(table),
  );
}

function* groups({
  ids,
  models,
  allocation,
  cost,
  successProbability,
}: AllocationTable): Generator<ParquetValues[]> {
  for (let from = 0; from < allocation.length; from += ROWS_PER_GROUP) {
    const part = allocation.subarray(from, from + ROWS_PER_GROUP);
    const chosen = (values: Float32Array): Float32Array =>
      Float32Array.from(part, (model, i) => values[(from + i) * models.length + model]);
    yield [
      Array.from(part, (_, i) => ids?.[from + i] ?? String(from + i)),
      Array.from(part, (model) => models[model]),
      chosen(cost),
      chosen(successProbability),
    ];
  }
}
