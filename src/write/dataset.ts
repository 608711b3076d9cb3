import type { Costs, Dataset } from "../types.js";
import { csvCell } from "./csv.js";
import type { Chunks } from "./file.js";
import { float32Text, textOf } from "./number.js";
import { parquetBytes, ROWS_PER_GROUP, type ParquetColumn, type ParquetValues } from "./parquet.js";

const ROWS_PER_CHUNK = 1024;

/** One query in native form. */
export interface NativeRow {
  id: string;
  query: string;
  /** Dollars for each model; Infinity: must not answer, written blank. */
  cost: Costs;
  /** Observed success for each model, 0 … 1; NaN: not labelled, written blank. */
  score: Float32Array;
  /** Tokens for each model; NaN: unknown, written blank. Only if the table has tokens. */
  inputTokens?: Float32Array;
  outputTokens?: Float32Array;
  /** Values of the table's other columns, in their order. */
  texts?: string[];
}

/** Rows to be written, with their columns. */
export interface NativeTable {
  models: string[];
  rows: Iterable<NativeRow>;
  /** Names of other columns. */
  columns?: string[];
  hasTokens?: boolean;
  /** Default true; false: no cost column at all, for rows that are only labels. */
  hasCosts?: boolean;
}

/** A format in which rows are written. */
export type DatasetFormat = "jsonl" | "csv" | "parquet";

/** One number of a row: its name in the file and its source. */
interface Cell {
  name: string;
  model: number;
  kind: "score" | "cost" | "inputTokens" | "outputTokens";
}

/**
 * A dataset as native rows, with its tokens and the other columns that it kept. Where some rows have costs, those
 * without any are left out: they would not read back. `leftOut` is their number.
 */
export function nativeTable(dataset: Dataset): NativeTable & { leftOut: number } {
  const { models, tokens } = dataset;
  // A name that reads back as something else is not written.
  const columns = [...(dataset.columns ?? new Map<string, string[]>())].filter(
    ([name]) => !/^(id|query)?$|__(score|cost|input_tokens|output_tokens)$/.test(name.trim()),
  );
  const isPriced = (q: number): boolean =>
    dataset.cost.subarray(q * models.length, (q + 1) * models.length).some((dollars) => dollars < Infinity);
  const priced = dataset.ids.reduce((count, _, q) => count + (isPriced(q) ? 1 : 0), 0);
  const hasCosts = priced > 0;
  return {
    leftOut: hasCosts ? dataset.ids.length - priced : 0,
    models,
    columns: columns.map(([name]) => name),
    hasTokens: tokens !== undefined,
    hasCosts,
    rows: (function* () {
      for (const [q, id] of dataset.ids.entries()) {
        if (hasCosts && !isPriced(q)) continue;
        const part = <M extends Costs>(matrix: M): M =>
          matrix.subarray(q * models.length, (q + 1) * models.length) as M;
        yield {
          id,
          query: dataset.queries[q],
          cost: part(dataset.cost),
          score: part(dataset.outcome),
          inputTokens: tokens && part(tokens.input),
          outputTokens: tokens && part(tokens.output),
          texts: columns.map(([, texts]) => texts[q]),
        };
      }
    })(),
  };
}

/**
 * Native rows in chunks: id, query, the table's other columns, and for each model `<model>__score`, `<model>__cost` and
 * (if it has them) `<model>__input_tokens` and `<model>__output_tokens`, as `readDataset` reads them. With
 * `scores: false` the rows are work to allocate, without scores (default true). A blank value is null in JSONL, so
 * that every row names every model, and NaN in Parquet. CSV guards against formulas: see `csvCell`; the others keep
 * every text exactly.
 */
export function datasetRows(
  table: NativeTable,
  format: "jsonl" | "csv",
  options?: { scores?: boolean },
): Iterable<string>;
export function datasetRows(
  table: NativeTable,
  format: DatasetFormat,
  options?: { scores?: boolean },
): Chunks;
export function datasetRows(
  table: NativeTable,
  format: DatasetFormat,
  options: { scores?: boolean } = {},
): Chunks {
  const cells = cellsOf(table, options.scores ?? true);
  if (format === "parquet") return parquetRows(table, cells);
  return inChunks(format === "csv" ? csvRows(table, cells) : jsonRows(table, cells));
}

function cellsOf({ models, hasTokens, hasCosts = true }: NativeTable, scores: boolean): Cell[] {
  return models.flatMap((name, model) => [
    ...(scores ? [{ name: `${name}__score`, model, kind: "score" as const }] : []),
    ...(hasCosts ? [{ name: `${name}__cost`, model, kind: "cost" as const }] : []),
    ...(hasTokens
      ? ([
          { name: `${name}__input_tokens`, model, kind: "inputTokens" },
          { name: `${name}__output_tokens`, model, kind: "outputTokens" },
        ] as const)
      : []),
  ]);
}

/** A cell as text: costs with all their digits. */
function textOfCell(row: NativeRow, cell: Cell, blank: string): string {
  const value = valueOf(row, cell);
  return cell.kind === "cost" ? textOf(row.cost)(value, blank) : float32Text(value, blank);
}

function valueOf(row: NativeRow, { kind, model }: Cell): number {
  return row[kind]?.[model] ?? NaN;
}

function* csvRows({ rows, columns = [] }: NativeTable, cells: Cell[]): Generator<string> {
  const names = ["id", "query", ...columns, ...cells.map(({ name }) => name)];
  yield names.map(csvCell).join(",") + "\n";
  for (const row of rows) {
    let text = `${csvCell(row.id)},${csvCell(row.query)}`;
    for (const other of row.texts ?? []) text += `,${csvCell(other)}`;
    for (const cell of cells) text += `,${textOfCell(row, cell, "")}`;
    yield `${text}\n`;
  }
}

function* jsonRows({ rows, columns = [] }: NativeTable, cells: Cell[]): Generator<string> {
  const keys = cells.map(({ name }) => `,${JSON.stringify(name)}:`);
  const otherKeys = columns.map((name) => `,${JSON.stringify(name)}:`);
  for (const row of rows) {
    let text = `{"id":${JSON.stringify(row.id)},"query":${JSON.stringify(row.query)}`;
    for (const [i, other] of (row.texts ?? []).entries()) text += otherKeys[i] + JSON.stringify(other);
    for (let i = 0; i < cells.length; i++) text += keys[i] + textOfCell(row, cells[i], "null");
    yield `${text}}\n`;
  }
}

function parquetRows({ rows, columns = [] }: NativeTable, cells: Cell[]): AsyncIterable<Uint8Array> {
  const schema: ParquetColumn[] = [
    ...["id", "query", ...columns].map((name) => ({ name, type: "STRING" as const })),
    ...cells.map(({ name, kind }) => ({
      name,
      type: kind === "cost" ? ("DOUBLE" as const) : ("FLOAT" as const),
    })),
  ];
  return parquetBytes(schema, groupsOf(rows, columns.length, cells));
}

function* groupsOf(
  rows: Iterable<NativeRow>,
  columns: number,
  cells: Cell[],
): Generator<readonly ParquetValues[]> {
  let texts: string[][] = [];
  let numbers: Costs[] = [];
  let count = 0;
  const group = (): ParquetValues[] => [...texts, ...numbers.map((values) => values.subarray(0, count))];
  for (const row of rows) {
    if (count === 0) {
      texts = Array.from({ length: 2 + columns }, () => []);
      numbers = cells.map(({ kind }) =>
        kind === "cost" ? new Float64Array(ROWS_PER_GROUP) : new Float32Array(ROWS_PER_GROUP),
      );
    }
    [row.id, row.query, ...(row.texts ?? [])].forEach((text, i) => texts[i].push(text));
    for (let i = 0; i < cells.length; i++) {
      const value = valueOf(row, cells[i]);
      // A float32 cost stands for its short decimal, as in the other formats.
      const isShort = cells[i].kind === "cost" && row.cost instanceof Float32Array;
      numbers[i][count] = isShort ? Number(float32Text(value, "NaN")) : Number.isFinite(value) ? value : NaN;
    }
    if (++count < ROWS_PER_GROUP) continue;
    yield group();
    count = 0;
  }
  if (count > 0) yield group();
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
