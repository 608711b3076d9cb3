/** Rows of a group when the writer chooses: enough for compression, little memory. */
export const ROWS_PER_GROUP = 65_536;

/** A column of a Parquet file. Texts are never blank; NaN stands for a blank number. */
export interface ParquetColumn {
  name: string;
  type: "STRING" | "FLOAT" | "DOUBLE";
}

/** The values of one column in one row group. */
export type ParquetValues = string[] | Float32Array | Float64Array;

/**
 * A Parquet file (snappy) as bytes, a row group at a time. Each of `groups` holds the values of every column, all of
 * the same length. The writer is loaded with the first file.
 */
export async function* parquetBytes(
  columns: readonly ParquetColumn[],
  groups: Iterable<readonly ParquetValues[]>,
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  const take = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const columnsOf = (values: readonly ParquetValues[]) =>
    columns.map(({ name, type }, i) => ({ name, type, data: values[i], nullable: false }));
  const schema = schemaFromColumnData({ columnData: columnsOf(columns.map(() => [])) });
  const file = new ParquetWriter({ writer, schema });
  for (const values of groups) {
    void file.write({ columnData: columnsOf(values), rowGroupSize: Math.max(1, values[0].length) });
    yield take();
  }
  void file.finish();
  yield take();
}
