import { open, type FileHandle } from "node:fs/promises";
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { InputError, OptllmError } from "../errors.js";
import { fileName, oneLine, shown } from "./shown.js";

/** The largest page, row group of a column and footer that are unpacked, in bytes: 256 MiB. */
const SIZE_LIMIT = 2 ** 28;
const ROW_LIMIT = 2 ** 24;

/** Consecutive rows of a column. Numbers without blanks come as typed arrays. */
export type ColumnValues = ArrayLike<unknown>;

/** A Parquet file that is open for reading. */
export interface ParquetTable {
  /** Names of the flat columns; nested ones are left out. */
  columns: string[];
  rows: number;
  /** Row groups: borders in rows, the last one is `rows`. */
  borders: number[];
  /** The values of one column in one row group, piece by piece; `from` is the piece's first row. */
  read(column: string, group: number, onValues: (values: ColumnValues, from: number) => void): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a Parquet file, any of its codecs. Text is decoded, whole numbers of 64 bits come as bigint.
 *
 * @throws InputError naming the file: damaged, no flat column, more than 2^24 rows.
 */
export async function openParquet(path: string): Promise<ParquetTable> {
  const name = fileName(path);
  const handle = await open(path, "r");
  try {
    const file = await asyncBuffer(handle);
    const { metadata, columns, borders } = await guarded(name, async () => {
      const metadata = await parquetMetadataAsync(file, { geoparquet: false });
      return { metadata, columns: flatColumns(metadata, name), borders: bordersOf(metadata, name) };
    });
    return {
      columns,
      rows: borders.at(-1) ?? 0,
      borders,
      read: (column, group, onValues) =>
        guarded(`${name}, column ${shown(column)}`, async () => {
          const [rowStart, rowEnd] = [group === 0 ? 0 : borders[group - 1], borders[group]];
          let expected = rowStart;
          let failure: unknown;
          await parquetRead({
            file,
            metadata,
            columns: [column],
            rowStart,
            rowEnd,
            compressors: limited,
            // What is thrown here would be nobody's to catch.
            onChunk: ({ columnData, rowStart: from }) => {
              try {
                if (failure === undefined && columnData.length > rowEnd - expected)
                  throw new Error(`more than ${rowEnd - rowStart} rows`);
                if (failure === undefined) onValues(columnData, from);
                expected += columnData.length;
              } catch (error) {
                failure = error;
              }
            },
          });
          if (failure !== undefined) throw failure;
          if (expected !== rowEnd) throw new Error(`${expected - rowStart} of ${rowEnd - rowStart} rows`);
        }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const part = async (start: number, end: number): Promise<ArrayBuffer> => {
    const length = Math.min(end, size) - start;
    if (!(start >= 0 && length >= 0)) throw new Error("a part lies outside the file");
    if (length > SIZE_LIMIT) throw new Error("a part is larger than 256 MiB");
    const bytes = new ArrayBuffer(length);
    const { bytesRead } = await handle.read(new Uint8Array(bytes), 0, length, start);
    if (bytesRead < length) throw new Error("the file ends too early");
    return bytes;
  };
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = part(start, end);
      // The decoder may ask ahead and never look at the answer: that must not end the process.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
}

/** The codecs, none of which may unpack more than the limit. */
const limited: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, length: number) => {
      if (!(length >= 0 && length <= SIZE_LIMIT)) throw new Error("a page is larger than 256 MiB");
      return unpack(input, length);
    },
  ]),
);

function flatColumns(metadata: FileMetaData, name: string): string[] {
  const columns = parquetSchema(metadata)
    .children.filter(
      ({ children, element }) => children.length === 0 && element.repetition_type !== "REPEATED",
    )
    .map(({ element }) => element.name);
  if (columns.some((column) => typeof column !== "string")) throw damaged(name, "a column without name");
  if (new Set(columns).size < columns.length) throw damaged(name, "two columns have the same name");
  if (columns.length === 0) throw new InputError(`${name} has no flat columns`, { file: name });
  return columns;
}

function bordersOf(metadata: FileMetaData, name: string): number[] {
  let rows = 0;
  return metadata.row_groups.map(({ num_rows }) => {
    const count = Number(num_rows);
    if (!(count >= 0)) throw damaged(name, `a row group of ${count} rows`);
    rows += count;
    if (rows > ROW_LIMIT)
      throw new InputError(`${name} has more than ${ROW_LIMIT} rows; split the file`, { file: name });
    return rows;
  });
}

/** Runs the decoder, whose every failure is the file's. */
async function guarded<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OptllmError) throw error;
    throw damaged(name, error instanceof Error ? error.message : String(error));
  }
}

function damaged(name: string, why: string): InputError {
  return new InputError(`${name}: damaged Parquet (${oneLine(why).slice(0, 120)})`, { file: name });
}
