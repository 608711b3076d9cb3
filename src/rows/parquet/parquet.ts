import { open, type FileHandle } from "node:fs/promises";
import {
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type ColumnChunk,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  type SchemaElement,
} from "hyparquet";
import { InputError, OptllmError } from "../../errors.js";
import { codecsOf } from "./parquetCodecs.js";
import { emptyRoom, SIZE_LIMIT, Stretch, type Room } from "./parquetFile.js";
import { checkHeaders, ColumnPages, isPlainColumn } from "./parquetPages.js";
import { plain } from "./plain.js";
import { ROW_LIMIT } from "../limits.js";
import { fileName, oneLine, shown } from "../../text/shown.js";
import { endOfStruct } from "./thrift.js";

/** The values of a column in one row group, first to last. */
export interface ColumnValues {
  /**
   * The next values, at most as many as rows are left. Only until the next call. As JSON would hold them; in a
   * Float64Array blank is NaN.
   */
  next(count: number): Promise<ArrayLike<unknown>>;
}

/** A Parquet file that is open for reading. */
export interface ParquetTable {
  /** Names of the flat columns; nested ones are left out. */
  columns: string[];
  rows: number;
  /** Row groups: borders in rows, the last one is `rows`. */
  borders: number[];
  bytes: number;
  column(name: string, group: number): Promise<ColumnValues>;
  close(): Promise<void>;
}

/**
 * Opens a Parquet file, any of its codecs. A column takes a window of the file and a page in memory, but the unusual
 * kinds (dates, decimals, delta encoding) a whole column of a row group.
 *
 * @throws InputError naming the file: damaged, no flat column, more than 2^24 rows.
 */
export async function openParquet(path: string): Promise<ParquetTable> {
  const name = fileName(path);
  const handle = await open(path, "r");
  try {
    const file = await asyncBuffer(handle);
    const { metadata, elements, borders, codecs } = await guarded(name, async () => {
      const metadata = await readMetadata(file);
      const elements = flatColumns(metadata, name);
      return { metadata, elements, borders: bordersOf(metadata, name), codecs: await codecsOf(metadata) };
    });
    const rooms: Room[] = [];
    const chunksOf = chunkFinder(metadata);
    return {
      columns: [...elements.keys()],
      rows: borders.at(-1) ?? 0,
      borders,
      bytes: file.byteLength,
      column: async (column, group) => {
        const place = `${name}, column ${shown(column)}`;
        const rows = borders[group] - (group === 0 ? 0 : borders[group - 1]);
        const element = elements.get(column)!;
        const values = await guarded(place, async () => {
          const chunk = chunksOf(group).get(column);
          if (!chunk?.meta_data || chunk.file_path) throw new Error("no data of the column in this file");
          if (!isPlainColumn(element, chunk.meta_data))
            return wholeChunk(file, metadata, chunk, rows, codecs);
          const room = rooms.pop() ?? emptyRoom();
          const { start, end } = placeOf(chunk.meta_data, file.byteLength);
          const stretch = new Stretch(handle, room, start, end);
          const giveBack = (): void => void rooms.push(room);
          return new ColumnPages(stretch, room, element, chunk.meta_data, codecs, rows, giveBack);
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

/** Finds the chunks of the flat columns of a row group; of the same group as before at once. */
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

/** The footer, checked and decoded. It ends with its length and the format's name, of 4 bytes each. */
async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  const length = new DataView(await file.slice(file.byteLength - 8)).getUint32(0, true);
  const footer = await file.slice(file.byteLength - 8 - length);
  endOfStruct(new Uint8Array(footer, 0, length));
  return parquetMetadata(footer, { geoparquet: false });
}

/** Where the pages of a column chunk stand in the file. Some writers give a place to a dictionary that is not there. */
function placeOf(meta: ColumnMetaData, size: number): { start: number; end: number } {
  const [dictionary, data] = [meta.dictionary_page_offset ?? 0n, meta.data_page_offset].map(Number);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = Math.min(size, start + Number(meta.total_compressed_size));
  if (!(start >= 0 && end >= start)) throw new Error("a part lies outside the file");
  return { start, end };
}

/** The column chunks that `ColumnPages` does not read. */
async function wholeChunk(
  file: AsyncBuffer,
  metadata: FileMetaData,
  chunk: ColumnChunk,
  rows: number,
  compressors: Compressors,
): Promise<ColumnValues> {
  const { start, end } = placeOf(chunk.meta_data!, file.byteLength);
  checkHeaders(Buffer.from(await file.slice(start, end)));
  const group = { columns: [chunk], total_byte_size: 0n, num_rows: BigInt(rows) };
  const pieces: ArrayLike<unknown>[] = [];
  await parquetRead({
    file,
    // Of all row groups only this one: the decoder looks through them for every column.
    metadata: { ...metadata, row_groups: [group] },
    columns: [chunk.meta_data!.path_in_schema[0]],
    compressors,
    onChunk: ({ columnData }) => pieces.push(columnData),
  });
  const found = pieces.reduce((sum, { length }) => sum + length, 0);
  if (found !== rows) throw new Error(`${found} of ${rows} rows`);
  let [piece, at] = [0, 0];
  const one = (): unknown => {
    while (at === pieces[piece].length) [piece, at] = [piece + 1, 0];
    return plain(pieces[piece][at++]);
  };
  return { next: (count) => Promise.resolve(Array.from({ length: count }, one)) };
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
