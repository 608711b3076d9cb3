import { csvCell } from "./csv.js";
import { tableText, type TableFormat } from "./table.js";

/** Queries to label. */
export interface AskRow {
  id: string;
  query: string;
  /** The models whose answers are to be judged. */
  models: readonly string[];
  stratum: number;
  /** Chance of being drawn, 0 … 1. */
  probability: number;
}

/**
 * A row for each query: id, query, ask, stratum, inclusion_probability. In CSV, `ask` has the names separated by commas, as
 * `--models` takes them; in JSON it is a list.
 */
export function askRows(rows: readonly AskRow[], format: TableFormat): Iterable<string> {
  return tableText(
    {
      header: "id,query,ask,stratum,inclusion_probability",
      rows: rows.length,
      json: (k) => {
        const { id, query, models, stratum, probability } = rows[k];
        return JSON.stringify({ id, query, ask: models, stratum, inclusion_probability: probability });
      },
      csv: (k) => {
        const { id, query, models, stratum, probability } = rows[k];
        const ask = models.map(csvCell).join(",");
        return [...[id, query, ask].map(csvCell), stratum, probability].join(",");
      },
    },
    format,
  );
}
