import { open, type FileHandle } from "node:fs/promises";
import {
  parquetMetadata,
  parquetSchema,
  type ColumnChunk,
  type ColumnMetaData,
  type FileMetaData,
  type SchemaElement,
} from "hyparquet";
import { InputError, OptllmError } from "../../errors.js";
import { ReadBuffers } from "./buffers.js";
import { codecsOf } from "./parquetCodecs.js";
import { FileWindow, SIZE_LIMIT } from "./parquetFile.js";
import { ColumnPages } from "./parquetPages.js";
import { ROW_LIMIT } from "../limits.js";
import { fileName, oneLine, shown } from "../../text/shown.js";
import { endOfStruct } from "./thrift.js";

/** The values of a column in one row group, first to last. */
export interface ColumnValues {
  /**
   * The next values, as JSON would hold them; in a Float64Array a blank is NaN. They are valid until the next call.
   *
   * @param count At most the number of rows that are left.
   */
  next(count: number): Promise<ArrayLike<unknown>>;
}

/** A Parquet file that is open for reading. */
export interface ParquetTable {
  /** Names of the flat columns; nested ones are left out. */
  columns: string[];
  rows: number;
  /** For each row group, the row after its last one. */
  borders: number[];
  /** Size of the file. */
  bytes: number;
  /** What the file says about itself, by name. */
  notes: ReadonlyMap<string, string>;
  column(name: string, group: number): Promise<ColumnValues>;
  close(): Promise<void>;
}

/** A row group, and where it is in its file. */
export interface RowGroup {
  rows: number;
  /** Bytes of the file, the first and the one after the last. */
  from: number;
  to: number;
  /** Bytes of its values, unpacked. */
  unpacked: number;
}

/** The row groups of a Parquet file of any number of rows. Throws what `openParquet` does. */
export async function rowGroupsOf(path: string): Promise<RowGroup[]> {
  const name = fileName(path);
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    return await guarded(name, async () => {
      const { row_groups: groups } = await readMetadata(handle, size);
      return groups.map(({ columns, num_rows: rows, total_byte_size: unpacked }) => {
        const places = columns.flatMap(({ meta_data: meta }) => (meta ? [placeOf(meta, size)] : []));
        return {
          rows: Number(rows),
          from: Math.min(size, ...places.map(({ start }) => start)),
          to: Math.max(0, ...places.map(({ end }) => end)),
          unpacked: Number(unpacked),
        };
      });
    });
  } finally {
    await handle.close();
  }
}

/**
 * Opens a Parquet file with any of the format's codecs. While a column is read, a window of the file and one page of
 * the column are in memory.
 *
 * @param groups The row groups that are opened, from … to − 1; default: all.
 * @throws InputError naming the file: damaged, no flat column, more than 2^24 rows.
 */
export async function openParquet(
  path: string,
  groups: { from: number; to: number } = { from: 0, to: Infinity },
): Promise<ParquetTable> {
  const name = fileName(path);
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const { metadata, elements, borders, codecs } = await guarded(name, async () => {
      const metadata = await readMetadata(handle, size);
      metadata.row_groups = metadata.row_groups.slice(groups.from, groups.to);
      const elements = flatColumns(metadata, name);
      return { metadata, elements, borders: bordersOf(metadata, name), codecs: await codecsOf(metadata) };
    });
    const free: ReadBuffers[] = [];
    const chunksOf = chunkFinder(metadata);
    return {
      columns: [...elements.keys()],
      rows: borders.at(-1) ?? 0,
      borders,
      bytes: size,
      notes: new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? ""])),
      column: async (column, group) => {
        const place = `${name}, column ${shown(column)}`;
        const rows = borders[group] - (group === 0 ? 0 : borders[group - 1]);
        const element = elements.get(column)!;
        const values = await guarded(place, () => {
          const chunk = chunksOf(group).get(column);
          if (!chunk?.meta_data || chunk.file_path) throw new Error("no data of the column in this file");
          const buffers = free.pop() ?? new ReadBuffers();
          const { start, end } = placeOf(chunk.meta_data, size);
          const window = new FileWindow(handle, buffers, start, end);
          const giveBack = (): void => void free.push(buffers);
          return new ColumnPages(window, buffers, element, chunk.meta_data, codecs, rows, giveBack);
        });
        return { next: (count) => guarded(place, () => values.next(count)) };
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Finds the chunks of the flat columns of a row group. The last group that was asked for is remembered. */
function chunkFinder(metadata: FileMetaData): (group: number) => ReadonlyMap<string, ColumnChunk> {
  let last: { group: number; chunks: ReadonlyMap<string, ColumnChunk> } | undefined;
  return (group) => {
    if (last?.group !== group) {
      const flat = metadata.row_groups[group].columns.filter(
        ({ meta_data }) => meta_data?.path_in_schema.length === 1,
      );
      last = { group, chunks: new Map(flat.map((chunk) => [chunk.meta_data!.path_in_schema[0], chunk])) };
    }
    return last.chunks;
  };
}

/** Reads, checks and decodes the footer. It ends with its length and the format's name, of 4 bytes each. */
async function readMetadata(handle: FileHandle, size: number): Promise<FileMetaData> {
  const length = (await lastBytes(handle, size, 8)).readUInt32LE(0);
  const footer = await lastBytes(handle, size, length + 8);
  endOfStruct(footer.subarray(0, length));
  return parquetMetadata(footer.buffer, { geoparquet: false });
}

async function lastBytes(handle: FileHandle, size: number, length: number): Promise<Buffer<ArrayBuffer>> {
  if (length > size) throw new Error("a part lies outside the file");
  if (length > SIZE_LIMIT) throw new Error("a part is larger than 256 MiB");
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(bytes, 0, length, size - length);
  if (bytesRead < length) throw new Error("the file ends too early");
  return bytes;
}

/** Where the pages of a column chunk are in the file. Some writers give the place of a dictionary that does not exist. */
function placeOf(meta: ColumnMetaData, size: number): { start: number; end: number } {
  const [dictionary, data] = [meta.dictionary_page_offset ?? 0n, meta.data_page_offset].map(Number);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = Math.min(size, start + Number(meta.total_compressed_size));
  if (!(start >= 0 && end >= start)) throw new Error("a part lies outside the file");
  return { start, end };
}

function flatColumns(metadata: FileMetaData, name: string): Map<string, SchemaElement> {
  const flat = parquetSchema(metadata).children.filter(
    ({ children, element }) => children.length === 0 && element.repetition_type !== "REPEATED",
  );
  const columns = new Map(flat.map(({ element }) => [element.name, element]));
  if (flat.some(({ element }) => typeof element.name !== "string"))
    throw damaged(name, "a column without name");
  if (columns.size < flat.length) throw damaged(name, "two columns have the same name");
  if (columns.size === 0) throw new InputError(`${name} has no flat columns`, { file: name });
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

/** Runs the decoder. Whatever it throws is an error of the file. */
async function guarded<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OptllmError) throw error;
    // A RangeError: the decoder would have read beyond the bytes that it was given.
    const isShort = error instanceof RangeError;
    throw damaged(
      name,
      isShort ? "the data ends too early" : error instanceof Error ? error.message : String(error),
    );
  }
}

function damaged(name: string, why: string): InputError {
  return new InputError(`${name}: damaged Parquet (${oneLine(why).slice(0, 120)})`, { file: name });
}
