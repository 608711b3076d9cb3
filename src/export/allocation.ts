import { csvCell } from "./csv.js";
import { float32Text } from "./number.js";
import { tableText, type TableFormat } from "./table.js";

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
 * The text of an allocation in chunks: a row { id, model, cost, probability } for each query, in the order of the
 * queries; cost in dollars. A number that is not finite is null in JSON and blank in CSV. CSV guards against
 * formulas: see `csvCell`.
 */
export function allocationRows(table: AllocationTable, format: TableFormat): Iterable<string> {
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
