import { snappyUncompress, type ColumnMetaData, type Compressors, type SchemaElement } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { HybridReader } from "./hybrid.js";
import { checkPageLength } from "./parquetCodecs.js";
import { grown, type Room, type Stretch } from "./parquetFile.js";
import { plain } from "./plain.js";
import { endOfStruct } from "./thrift.js";

type PageHeader = ReturnType<typeof parquetHeader>;
type Values = Float64Array | unknown[];

const TYPES = ["FLOAT", "DOUBLE", "INT32", "INT64", "BYTE_ARRAY"];
const ENCODINGS = ["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE"];
const HEADER_BYTES = 2 ** 12;
/** What indices of 24 bits reach. */
const DICTIONARY_LIMIT = 2 ** 24;
const decoder = new TextDecoder();

/** Whether `ColumnPages` reads the column: numbers and texts in the two encodings that writers choose by themselves. */
export function isPlainColumn(element: SchemaElement, { encodings }: ColumnMetaData): boolean {
  const { type, converted_type: converted, logical_type: logical } = element;
  const isText = type === "BYTE_ARRAY" && (converted === undefined || converted === "UTF8");
  const isNumber = converted === undefined || /^INT_/.test(converted);
  const isMarked = logical !== undefined && logical.type !== "STRING";
  const isWhole = logical?.type === "INTEGER" && logical.isSigned;
  return (
    TYPES.includes(type ?? "") &&
    (type === "BYTE_ARRAY" ? isText && !isMarked : isNumber && (!isMarked || isWhole)) &&
    encodings.every((encoding) => ENCODINGS.includes(encoding))
  );
}

/**
 * The values of one column chunk from first to last, a page in memory at a time, without an object for each value.
 * [Parquet format](https://parquet.apache.org/docs/file-format/data-pages/): pages of version 1 and 2, columns that
 * are not nested, PLAIN and dictionary encoding.
 */
export class ColumnPages {
  /** Rows left of the current page, and of the chunk. */
  private rows = 0;
  private rest: number;
  /** Tells which rows have a value; undefined: all. */
  private levels: HybridReader | undefined;
  /** Positions in the dictionary; undefined: the values stand one after another from `at`. */
  private indices: HybridReader | undefined;
  private dictionary: Values | undefined;
  private bytes: Buffer = Buffer.alloc(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private at = 0;
  private values: Values;

  constructor(
    private readonly stretch: Stretch,
    private readonly room: Room,
    private readonly element: SchemaElement,
    private readonly meta: ColumnMetaData,
    private readonly compressors: Compressors,
    rows: number,
    /** Called after the last value: the room is free again. */
    private readonly onEnd: () => void,
  ) {
    this.rest = rows;
    this.values = this.list(0);
  }

  /**
   * The next values, at most as many as there are rows left. Only until the next call. Numbers come as Float64Array, NaN
   * where blank; texts, and whole numbers of 64 bits, as JSON would hold them.
   */
  async next(count: number): Promise<ArrayLike<unknown>> {
    if (this.values.length !== count) this.values = this.list(count);
    for (let from = 0; from < count;) {
      while (this.rows === 0) await this.nextPage();
      const to = Math.min(count, from + this.rows);
      this.fill(from, to);
      this.rows -= to - from;
      this.rest -= to - from;
      from = to;
    }
    if (this.rest === 0) this.onEnd();
    return this.values;
  }

  private list(length: number): Values {
    const { type } = this.element;
    return type === "BYTE_ARRAY" || type === "INT64" ? new Array<unknown>(length) : new Float64Array(length);
  }

  private fill(from: number, to: number): void {
    const { values, levels, indices, dictionary } = this;
    const blank = values instanceof Float64Array ? NaN : null;
    if (!indices) {
      for (let i = from; i < to; i++) values[i] = levels?.next() === 0 ? blank : this.plainValue();
      return;
    }
    if (!dictionary) throw new Error("a page without its dictionary");
    for (let i = from; i < to; i++) {
      if (levels?.next() === 0) {
        values[i] = blank;
        continue;
      }
      const index = indices.next();
      if (index >= dictionary.length) throw new Error("an index beyond the dictionary");
      values[i] = dictionary[index];
    }
  }

  private plainValue(): unknown {
    const { view, at } = this;
    const { type } = this.element;
    if (type === "BYTE_ARRAY") return this.text();
    if (type === "FLOAT" || type === "INT32") {
      this.at += 4;
      return type === "FLOAT" ? view.getFloat32(at, true) : view.getInt32(at, true);
    }
    this.at += 8;
    return type === "DOUBLE" ? view.getFloat64(at, true) : plain(view.getBigInt64(at, true));
  }

  private text(): string {
    const { bytes } = this;
    const from = this.at + 4;
    const to = from + this.view.getUint32(this.at, true);
    if (to > bytes.length) throw new Error("a text ends beyond its page");
    this.at = to;
    for (let i = from; i < to; i++) if (bytes[i] > 127) return decoder.decode(bytes.subarray(from, to));
    return bytes.toString("latin1", from, to);
  }

  private async nextPage(): Promise<void> {
    if (this.stretch.left <= 0) throw new Error(`${this.rest} rows are missing`);
    const header = await this.header();
    const { compressed_page_size: size, type } = header;
    if (!(size >= 0 && size <= this.stretch.left)) throw new Error("a page ends beyond its column");
    const bytes = (await this.stretch.peek(size)).subarray(0, size);
    this.stretch.skip(size);
    if (type === "DICTIONARY_PAGE") this.readDictionary(bytes, header);
    else if (type === "DATA_PAGE") this.readPage(bytes, header);
    else if (type === "DATA_PAGE_V2") this.readPageV2(bytes, header);
    else throw new Error(`a page of type ${type}`);
  }

  private async header(): Promise<PageHeader> {
    const { stretch } = this;
    for (let length = HEADER_BYTES; ; length *= 16) {
      const bytes = await stretch.peek(length);
      try {
        const { header, end } = headerAt(bytes, 0);
        stretch.skip(end);
        return header;
      } catch (error) {
        // Statistics may hold long texts.
        if (bytes.length >= stretch.left) throw error;
      }
    }
  }

  private readDictionary(bytes: Buffer, header: PageHeader): void {
    if (this.dictionary) throw new Error("a second dictionary");
    const count = header.dictionary_page_header?.num_values ?? -1;
    this.begin(this.unpacked(bytes, header.uncompressed_page_size));
    // The shortest value, a blank text or a number of 32 bits, takes 4 bytes.
    if (!(count >= 0 && count <= DICTIONARY_LIMIT && 4 * count <= this.bytes.length))
      throw new Error(`a dictionary of ${count} values`);
    this.dictionary = this.list(count);
    for (let i = 0; i < count; i++) this.dictionary[i] = this.plainValue();
  }

  private readPage(bytes: Buffer, header: PageHeader): void {
    const page = header.data_page_header;
    if (!page) throw new Error("a data page without its header");
    this.begin(this.unpacked(bytes, header.uncompressed_page_size));
    this.levels = undefined;
    if (this.isOptional) {
      if (page.definition_level_encoding !== "RLE") throw new Error("levels that are not RLE");
      const end = 4 + this.view.getUint32(0, true);
      this.levels = new HybridReader(this.bytes, 4, end, 1);
      this.at = end;
    }
    this.beginValues(page.encoding, page.num_values);
  }

  private readPageV2(bytes: Buffer, header: PageHeader): void {
    const page = header.data_page_header_v2;
    if (!page) throw new Error("a data page without its header");
    const { repetition_levels_byte_length: skipped, definition_levels_byte_length: length } = page;
    const from = skipped + length;
    if (!(skipped >= 0 && length >= 0 && from <= bytes.length))
      throw new Error("levels that end beyond their page");
    const hasBlanks = this.isOptional && page.num_nulls !== 0;
    this.levels = hasBlanks ? new HybridReader(bytes, skipped, from, 1) : undefined;
    const rest = bytes.subarray(from);
    this.begin(page.is_compressed ? this.unpacked(rest, header.uncompressed_page_size - from) : rest);
    this.beginValues(page.encoding, page.num_values);
  }

  private get isOptional(): boolean {
    return this.element.repetition_type !== "REQUIRED";
  }

  private begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.at = 0;
  }

  private beginValues(encoding: string | undefined, rows: number): void {
    if (!(rows >= 0 && rows <= this.rest)) throw new Error(`a page of ${rows} rows`);
    this.rows = rows;
    const isIndexed = encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY";
    if (!isIndexed && encoding !== "PLAIN") throw new Error(`values encoded as ${encoding}`);
    const { bytes, at } = this;
    this.indices = isIndexed ? new HybridReader(bytes, at + 1, bytes.length, bytes[at]) : undefined;
  }

  private unpacked(bytes: Buffer, length: number): Buffer {
    const { codec } = this.meta;
    if (codec === "UNCOMPRESSED") return bytes;
    if (codec === "SNAPPY") {
      checkPageLength(codec, bytes.length, length);
      const { room } = this;
      room.page = grown(room.page, length);
      const page = room.page.subarray(0, length);
      snappyUncompress(bytes, page);
      return page;
    }
    const page = this.compressors[codec]?.(bytes, length);
    if (page?.length !== length) throw new Error(`a page of ${page?.length} bytes, not ${length}`);
    return Buffer.from(page.buffer, page.byteOffset, page.length);
  }
}

/** The page header at a place, and where it ends. */
function headerAt(bytes: Buffer, at: number): { header: PageHeader; end: number } {
  const end = endOfStruct(bytes, at);
  return { header: parquetHeader({ view: viewOf(bytes), offset: at }), end };
}

/** Checks the page headers of a whole column chunk, for a decoder that does not. */
export function checkHeaders(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    const { header, end } = headerAt(bytes, at);
    if (!(header.compressed_page_size >= 0)) throw new Error("a page ends beyond its column");
    at = end + header.compressed_page_size;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
