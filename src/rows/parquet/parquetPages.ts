import type { ColumnMetaData, Compressors, Encoding, SchemaElement } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import type { ReadBuffers, Whole } from "./buffers.js";
import { canHold, plainValues, valuesOf, type Take, type Values } from "./pageValues.js";
import { unpacked } from "./parquetCodecs.js";
import type { FileWindow } from "./parquetFile.js";
import { readLevels } from "./runs.js";
import { endOfStruct } from "./thrift.js";

type PageHeader = ReturnType<typeof parquetHeader>;
/** For each row, 0 where it is blank. */
type Levels = Whole;

const HEADER_BYTES = 2 ** 12;
/** The largest dictionary that indices of 24 bits can address. */
const DICTIONARY_LIMIT = 2 ** 24;
/** Values of a dictionary that are decoded at a time. */
const BLOCK = 2 ** 12;

/** Whether the column's values are JavaScript numbers as they stand. */
function isNumeric({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (type !== "FLOAT" && type !== "DOUBLE" && type !== "INT32") return false;
  const isWhole = logical?.type === "INTEGER" && logical.isSigned;
  return (converted === undefined || /^INT_/.test(converted)) && (logical === undefined || isWhole);
}

/**
 * The values of one column chunk from first to last, a page in memory at a time
 * ([Parquet format](https://parquet.apache.org/docs/file-format/data-pages/)). hyparquet decodes the values. Here the
 * pages are found in the file, and each claim of a page header is checked before memory is allocated for it.
 */
export class ColumnPages {
  /** Rows left of the current page, and of the chunk. */
  private rows = 0;
  private rest: number;
  /** For each row of the page from `row` on, 0 where it is blank; undefined: no row is blank. */
  private present: Levels | undefined;
  private row = 0;
  private take: Take = () => undefined;
  private dictionary: Values | undefined;
  private values: Values;

  constructor(
    private readonly file: FileWindow,
    private readonly buffers: ReadBuffers,
    private readonly element: SchemaElement,
    private readonly meta: ColumnMetaData,
    private readonly codecs: Compressors,
    rows: number,
    /** Called after the last value, when the buffers are free again. */
    private readonly onEnd: () => void,
  ) {
    this.rest = rows;
    this.values = this.list(0);
  }

  /**
   * The next values, at most as many as there are rows left; valid until the next call. Numbers come as Float64Array, NaN
   * where blank; others, and whole numbers of 64 bits, as JSON would hold them.
   */
  async next(count: number): Promise<ArrayLike<unknown>> {
    if (this.values.length !== count) this.values = this.list(count);
    for (let from = 0; from < count;) {
      while (this.rows === 0) await this.nextPage();
      const length = Math.min(count - from, this.rows);
      this.fill(from, length);
      this.rows -= length;
      this.rest -= length;
      from += length;
    }
    if (this.rest === 0) this.onEnd();
    return this.values;
  }

  private list(length: number): Values {
    return isNumeric(this.element) ? new Float64Array(length) : new Array<unknown>(length);
  }

  private fill(from: number, length: number): void {
    const { values, present, row } = this;
    if (!present) return this.take(values, from, length);
    this.row += length;
    const levels = present.subarray(row, row + length);
    this.take(values, from, countOf(levels));
    spread(values, from, levels);
  }

  private async nextPage(): Promise<void> {
    if (this.file.left <= 0) throw new Error(`${this.rest} rows are missing`);
    const header = await this.header();
    const { compressed_page_size: size, type } = header;
    if (!(size >= 0 && size <= this.file.left)) throw new Error("a page ends beyond its column");
    const bytes = (await this.file.peek(size)).subarray(0, size);
    this.file.skip(size);
    if (type === "DICTIONARY_PAGE") this.readDictionary(bytes, header);
    else if (type === "DATA_PAGE") this.readPage(bytes, header);
    else if (type === "DATA_PAGE_V2") this.readPageV2(bytes, header);
    else throw new Error(`a page of type ${type}`);
  }

  private async header(): Promise<PageHeader> {
    const { file } = this;
    for (let length = HEADER_BYTES; ; length *= 16) {
      const bytes = await file.peek(length);
      try {
        const end = endOfStruct(bytes);
        file.skip(end);
        return parquetHeader({ view: new DataView(bytes.buffer, bytes.byteOffset, end), offset: 0 });
      } catch (error) {
        // Statistics may hold long texts.
        if (bytes.length >= file.left) throw error;
      }
    }
  }

  private readDictionary(packed: Buffer, header: PageHeader): void {
    if (this.dictionary) throw new Error("a second dictionary");
    const count = header.dictionary_page_header?.num_values ?? -1;
    const bytes = this.unpacked(packed, header.uncompressed_page_size);
    if (!(count >= 0 && count <= DICTIONARY_LIMIT && canHold(bytes, count, this.element)))
      throw new Error(`a dictionary of ${count} values`);
    this.dictionary = this.list(count);
    const take = plainValues(bytes, count, this.element);
    for (let at = 0; at < count; at += BLOCK) take(this.dictionary, at, Math.min(BLOCK, count - at));
  }

  private readPage(packed: Buffer, header: PageHeader): void {
    const page = header.data_page_header;
    if (!page) throw new Error("a data page without its header");
    const bytes = this.unpacked(packed, header.uncompressed_page_size);
    if (!this.isOptional) return this.begin(bytes, page.encoding, page.num_values);
    if (page.definition_level_encoding !== "RLE") throw new Error("levels that are not RLE");
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
    const levels = this.levels(bytes, 4, end, page.num_values);
    this.begin(bytes.subarray(end), page.encoding, page.num_values, levels);
  }

  private readPageV2(packed: Buffer, header: PageHeader): void {
    const page = header.data_page_header_v2;
    if (!page) throw new Error("a data page without its header");
    const { repetition_levels_byte_length: skipped, definition_levels_byte_length: length } = page;
    const from = skipped + length;
    if (!(skipped >= 0 && length >= 0 && from <= packed.length))
      throw new Error("levels that end beyond their page");
    const hasBlanks = this.isOptional && page.num_nulls !== 0;
    const levels = hasBlanks ? this.levels(packed, skipped, from, page.num_values) : undefined;
    const codec = page.is_compressed ? this.meta.codec : "UNCOMPRESSED";
    const bytes = this.unpacked(packed.subarray(from), header.uncompressed_page_size - from, codec);
    this.begin(bytes, page.encoding, page.num_values, levels);
  }

  private get isOptional(): boolean {
    return this.element.repetition_type !== "REQUIRED";
  }

  private levels(bytes: Uint8Array, from: number, end: number, rows: number): Levels | undefined {
    this.checkRows(rows);
    return readLevels(bytes, from, end, rows, this.buffers.levels);
  }

  private checkRows(rows: number): void {
    if (!(rows >= 0 && rows <= this.rest)) throw new Error(`a page of ${rows} rows`);
  }

  private begin(bytes: Uint8Array, encoding: Encoding, rows: number, levels?: Levels): void {
    this.checkRows(rows);
    const count = levels ? countOf(levels) : rows;
    this.rows = rows;
    this.row = 0;
    this.present = count === rows ? undefined : levels;
    this.take = valuesOf(bytes, encoding, count, this.element, this.dictionary, this.buffers.indices);
  }

  private unpacked(packed: Buffer, length: number, codec = this.meta.codec): Uint8Array {
    return unpacked(packed, length, codec, this.codecs, this.buffers);
  }
}

function countOf(levels: Levels): number {
  let count = 0;
  for (let i = 0; i < levels.length; i++) if (levels[i] !== 0) count++;
  return count;
}

/** Moves the values, which stand together from `from` on, to their rows; blanks come between them. */
function spread(values: Values, from: number, levels: Levels): void {
  const blank = values instanceof Float64Array ? NaN : null;
  let at = from + countOf(levels);
  for (let i = levels.length - 1; i >= 0; i--) values[from + i] = levels[i] === 0 ? blank : values[--at];
}
