import { csvCell } from "./csv.js";
import { textOf } from "./number.js";
import { tableText, type TableFormat } from "./table.js";

/** Numbers of either precision. */
export type Floats = Float32Array | Float64Array;

/** Points of a front as they are written to a file: one row a point. */
export interface FrontTable {
  models: string[];
  /** Total cost of each point, dollars. */
  cost: Floats;
  /** Expected accuracy of each point, 0 … 1. */
  accuracy: Floats;
  /** λ of each point, probability per dollar; Infinity at the cheapest. */
  lambda: Floats;
  /** Share of the queries that each model answers, 0 … 1, points × models. */
  shares: Floats;
}

/**
 * The text of a front in chunks: a row { cost, accuracy, lambda, shares: { model: share } } for each point, in CSV
 * the columns cost,accuracy,lambda,share:<model>…. A lambda of Infinity is null in JSON and blank in CSV.
 */
export function frontRows(table: FrontTable, format: TableFormat): Iterable<string> {
  const { models, cost, accuracy, lambda, shares } = table;
  const keys = models.map((model) => `${JSON.stringify(model)}:`);
  const [costText, accuracyText, lambdaText, shareText] = [cost, accuracy, lambda, shares].map(textOf);
  const point = (i: number, blank: string): string[] => [
    costText(cost[i], blank),
    accuracyText(accuracy[i], blank),
    lambdaText(lambda[i], blank),
  ];
  const share = (i: number, m: number, blank: string): string =>
    shareText(shares[i * models.length + m], blank);
  return tableText(
    {
      header: ["cost", "accuracy", "lambda", ...models.map((model) => csvCell(`share:${model}`))].join(","),
      rows: cost.length,
      json: (i) => {
        const [costOf, accuracyOf, lambdaOf] = point(i, "null");
        const sharesOf = keys.map((key, m) => key + share(i, m, "null")).join(",");
        return `{"cost":${costOf},"accuracy":${accuracyOf},"lambda":${lambdaOf},"shares":{${sharesOf}}}`;
      },
      csv: (i) => [...point(i, ""), ...models.map((_, m) => share(i, m, ""))].join(","),
    },
    format,
  );
}
