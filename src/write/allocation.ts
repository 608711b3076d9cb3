import { csvCell } from "./csv.js";
import type { Chunks } from "./file.js";
import type { Costs } from "../types.js";
import { float32Text, textOf } from "./number.js";
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
  cost: Costs;
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
  const costText = textOf(cost);
  const optionOf = (q: number): number => q * models.length + allocation[q];
  const dollars = (q: number, blank: string): string => costText(cost[optionOf(q)], blank);
  const probability = (q: number, blank: string): string =>
    float32Text(successProbability[optionOf(q)], blank);
  return tableText(
    {
      header: "id,model,cost,probability",
      rows: allocation.length,
      json: (q) =>
        `{"id":${JSON.stringify(idOf(q))},"model":${jsonModels[allocation[q]]},` +
        `"cost":${dollars(q, "null")},"probability":${probability(q, "null")}}`,
      csv: (q) => `${csvCell(idOf(q))},${csvModels[allocation[q]]},${dollars(q, "")},${probability(q, "")}`,
    },
    format,
  );
}

function allocationParquet(table: AllocationTable): AsyncIterable<Uint8Array> {
  return parquetBytes(
    [
      { name: "id", type: "STRING" },
      { name: "model", type: "STRING" },
      { name: "cost", type: table.cost instanceof Float64Array ? "DOUBLE" : "FLOAT" },
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
    const chosen = <M extends Costs>(values: M): M => {
      const taken = new (values.constructor as new (length: number) => M)(part.length);
      for (let i = 0; i < part.length; i++) taken[i] = values[(from + i) * models.length + part[i]];
      return taken;
    };
    yield [
      Array.from(part, (_, i) => ids?.[from + i] ?? String(from + i)),
      Array.from(part, (model) => models[model]),
      chosen(cost),
      chosen(successProbability),
    ];
  }
}
