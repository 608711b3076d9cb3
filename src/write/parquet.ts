/** Rows of a group when the writer chooses: enough for compression, little memory. */
export const ROWS_PER_GROUP = 65_536;

/** A column of a Parquet file. */
export interface ParquetColumn {
  name: string;
  type: "STRING" | "FLOAT" | "DOUBLE";
  /** Whether null stands for a blank. Default false: texts are never blank, and NaN stands for a blank number. */
  nullable?: boolean;
}

/** The values of one column in one row group. */
export type ParquetValues = string[] | Float32Array | Float64Array | (string | null)[] | (number | null)[];

/** What a Parquet file says about itself, by name. */
export type ParquetNotes = Readonly<Record<string, string>>;

/**
 * A Parquet file (snappy) as bytes, a row group at a time. Each of `groups` holds the values of every column, all of
 * the same length. The writer is loaded with the first file.
 */
export async function* parquetBytes(
  columns: readonly ParquetColumn[],
  groups: Iterable<readonly ParquetValues[]> | AsyncIterable<readonly ParquetValues[]>,
  notes: ParquetNotes = {},
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  const take = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const columnsOf = (values: readonly ParquetValues[]) =>
    columns.map(({ name, type, nullable = false }, i) => ({ name, type, data: values[i], nullable }));
  const schema = schemaFromColumnData({ columnData: columnsOf(columns.map(() => [])) });
  const kvMetadata = Object.entries(notes).map(([key, value]) => ({ key, value }));
  const file = new ParquetWriter({ writer, schema, ...(kvMetadata.length > 0 && { kvMetadata }) });
  for await (const values of groups) {
    void file.write({ columnData: columnsOf(values), rowGroupSize: Math.max(1, values[0].length) });
    yield take();
  }
  void file.finish();
  yield take();
}
