import type { Costs } from "../types.js";
import { csvCell } from "./csv.js";
import { float32Text } from "./number.js";
import { tableText, type TableFormat } from "./table.js";

/** Predicted success probabilities of queries. */
export interface ProbabilityTable {
  ids: string[];
  models: string[];
  /** 0 … 1, queries × models. */
  successProbability: Float32Array;
}

/** A row for each query: its id and `<model>__probability` of each model, in the order of the queries. */
export function probabilityRows(table: ProbabilityTable, format: TableFormat): Iterable<string> {
  const { ids, models, successProbability } = table;
  const names = models.map((model) => `${model}__probability`);
  const jsonNames = names.map((name) => JSON.stringify(name));
  const cells = (q: number, text: (p: string, m: number) => string): string[] =>
    models.map((_, m) => text(float32Text(successProbability[q * models.length + m], "null"), m));
  return tableText(
    {
      header: ["id", ...names.map(csvCell)].join(","),
      rows: ids.length,
      json: (q) => `{"id":${JSON.stringify(ids[q])},${cells(q, (p, m) => `${jsonNames[m]}:${p}`).join(",")}}`,
      csv: (q) => [csvCell(ids[q]), ...cells(q, (p) => p)].join(","),
    },
    format,
  );
}

/** Bytes per chunk; a chunk may end inside a row. */
const CHUNK_FLOATS = 1 << 20;

/** A matrix of float32 or float64 as a NumPy `.npy` file, version 1.0, C order, little-endian. */
export function* npyBytes(matrix: Costs, rows: number, columns: number): Generator<Uint8Array> {
  const text = `{'descr': '<f${matrix.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10 + length, " ");
  head.write("\u0093NUMPY\u0001\u0000", 0, "latin1");
  head.writeUInt16LE(length, 8);
  head.write(text, 10, "latin1");
  head.write("\n", 10 + length - 1, "latin1");
  yield head;
  for (let from = 0; from < matrix.length; from += CHUNK_FLOATS) {
    const part = matrix.subarray(from, from + CHUNK_FLOATS);
    yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
}
