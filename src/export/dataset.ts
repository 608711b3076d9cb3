import { csvCell } from "./csv.js";
import { float32Text } from "./number.js";

const ROWS_PER_CHUNK = 1024;

/** One query in native form. */
export interface NativeRow {
  id: string;
  query: string;
  /** Dollars for each model; Infinity: must not answer, written blank. */
  cost: Float32Array;
  /** Observed success for each model, 0 … 1; NaN: not labelled, written blank. */
  score: Float32Array;
}

export interface NativeTable {
  models: string[];
  rows: Iterable<NativeRow>;
}

/**
 * Native rows as text in chunks: id, query and for each model `<model>__score` and `<model>__cost`, as `readDataset`
 * reads them. With `scores: false` the rows are work to allocate, without scores (default true). A blank value
 * is null in JSONL, so that every row names every model. CSV guards against formulas: see `csvCell`; JSONL keeps
 * every text exactly.
 */
export function datasetRows(
  table: NativeTable,
  format: "jsonl" | "csv",
  options: { scores?: boolean } = {},
): Iterable<string> {
  const { scores = true } = options;
  return inChunks(format === "csv" ? csvRows(table, scores) : jsonRows(table, scores));
}

function* csvRows({ models, rows }: NativeTable, scores: boolean): Generator<string> {
  const columns = models.flatMap((model) =>
    scores ? [`${model}__score`, `${model}__cost`] : [`${model}__cost`],
  );
  yield ["id", "query", ...columns.map(csvCell)].join(",") + "\n";
  for (const { id, query, score, cost } of rows) {
    let text = `${csvCell(id)},${csvCell(query)}`;
    for (let m = 0; m < models.length; m++) {
      if (scores) text += `,${float32Text(score[m], "")}`;
      text += `,${float32Text(cost[m], "")}`;
    }
    yield `${text}\n`;
  }
}

function* jsonRows({ models, rows }: NativeTable, scores: boolean): Generator<string> {
  const scoreKeys = models.map((model) => `,${JSON.stringify(`${model}__score`)}:`);
  const costKeys = models.map((model) => `,${JSON.stringify(`${model}__cost`)}:`);
  for (const { id, query, score, cost } of rows) {
    let text = `{"id":${JSON.stringify(id)},"query":${JSON.stringify(query)}`;
    for (let m = 0; m < models.length; m++) {
      if (scores) text += scoreKeys[m] + float32Text(score[m], "null");
      text += costKeys[m] + float32Text(cost[m], "null");
    }
    yield `${text}}\n`;
  }
}

function* inChunks(lines: Iterable<string>): Generator<string> {
  let text = "";
  let rows = 0;
  for (const line of lines) {
    text += line;
    if (++rows % ROWS_PER_CHUNK > 0) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}
