import { InputError } from "../errors.js";
import type { DatasetBuilder } from "./builder/builder.js";
import { isSkipped, type Field } from "./builder/field.js";
import { CsvParser, pointNote, type CsvRecord } from "../text/csv.js";
import { throwBad, type Block } from "../text/lines.js";
import { DecimalScanner } from "../text/number.js";

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const SEMICOLON = 59;

/** A first column without a name, and one that is blank in every row. */
const ROW_NUMBER: Field = { name: "", kind: "ignored", index: -1 };
const NAMELESS: Field = { name: "", kind: "ignored", index: -1 };

/**
 * CSV rows from bytes. A row of plain cells goes straight from its bytes to the builder, without a text for each
 * number. A row with anything unusual (words for numbers, signs, blanks around a number, a mistake) goes through
 * `CsvParser`, which alone decides what is accepted.
 */
export class CsvRows {
  private readonly parser: CsvParser;
  private readonly scanner = new DecimalScanner();
  private fields: Field[] | undefined;
  /** Whether a field's cells are scores or costs and nothing else. */
  private isNumber: boolean[] = [];
  private delimiter = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private encoding: "latin1" | "utf8" = "latin1";
  private line = 0;
  /** Numbers of the row, in a file with semicolons. */
  private readonly inRow: string[] = [];

  constructor(
    name: string,
    private readonly builder: DatasetBuilder,
  ) {
    this.parser = new CsvParser(name, (what) => builder.note(what));
  }

  push(block: Block): void {
    const { bytes } = block;
    this.bytes = bytes;
    this.encoding = block.isAscii ? "latin1" : "utf8";
    this.line = block.first;
    for (let at = 0; at < bytes.length;) {
      if (bytes[at] === NEWLINE && !this.parser.isOpen) {
        at++;
        this.line++;
        continue;
      }
      const end = this.parser.isOpen ? -1 : this.plainRowOrNot(at);
      if (end >= 0) {
        at = end;
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, at);
      this.parsedLine(bytes.toString(this.encoding, at, newline), block);
      at = newline + 1;
      this.line++;
    }
  }

  end(): void {
    try {
      this.parser.end();
    } catch (error) {
      this.builder.skipRow(error, this.parser.abandon(this.line - 1));
    }
  }

  private plainRowOrNot(from: number): number {
    try {
      return this.plainRow(from);
    } catch (error) {
      // The parser finds the mistake again, or one that comes before it: a row too long or too short.
      if (error instanceof InputError) return -1;
      throw error;
    }
  }

  /** Hands over the row that begins at `from`; returns where the next begins, or −1 for an unusual row. */
  private plainRow(from: number): number {
    const { fields, isNumber, bytes, builder, delimiter } = this;
    if (!fields || this.mayBeBlank(from)) return -1;
    const last = fields.length - 1;
    builder.startRow(this.line);
    this.inRow.length = 0;
    let at = from;
    let lines = 1;
    for (let i = 0; i <= last; i++) {
      const field = fields[i];
      if (isNumber[i]) {
        at = this.number(field, at);
        if (at < 0) return -1;
      } else if (field === NAMELESS) {
        // Below no name there must be nothing; the parser says so where there is something.
        if (bytes[at] !== delimiter && bytes[at] !== RETURN && bytes[at] !== NEWLINE) return -1;
      } else if (bytes[at] === QUOTE) {
        const end = this.closingQuote(at);
        if (end < 0) return -1;
        const text = bytes.toString(this.encoding, at + 1, end);
        if (!isSkipped(field)) builder.put(field, text.includes('"') ? text.replaceAll('""', '"') : text);
        for (let k = text.indexOf("\n"); k >= 0; k = text.indexOf("\n", k + 1)) lines++;
        at = end + 1;
      } else {
        const end = this.cellEnd(at);
        if (!isSkipped(field)) builder.put(field, bytes.toString(this.encoding, at, end));
        at = end;
      }
      if (i < last) {
        if (bytes[at] !== delimiter) return -1;
        at++;
      }
    }
    if (bytes[at] === RETURN) at++;
    if (bytes[at] !== NEWLINE) return -1;
    builder.endRow();
    this.inRow.forEach((cell) => this.noteNumber(cell));
    this.line += lines;
    return at + 1;
  }

  /** Whether a line has only delimiters, quotes and what may be white space. */
  private mayBeBlank(from: number): boolean {
    const { bytes, delimiter } = this;
    let at = from;
    let c = bytes[at];
    while (c !== NEWLINE && (c <= SPACE || c === delimiter || c === QUOTE || c > 127)) c = bytes[++at];
    return c === NEWLINE;
  }

  /** Hands over the number that begins at `from`; returns where its cell ends, or −1. */
  private number(field: Field, from: number): number {
    const { bytes, delimiter, scanner, builder } = this;
    const isQuoted = bytes[from] === QUOTE;
    const start = isQuoted ? from + 1 : from;
    const first = bytes[start];
    if (first === delimiter || first === NEWLINE || first === RETURN)
      return !isQuoted && builder.putNumber(field, NaN) ? from : -1;
    const value = scanner.scan(bytes, start, field.kind === "cost");
    if (Number.isNaN(value) || !builder.putNumber(field, value)) return -1;
    if (isQuoted && bytes[scanner.end] !== QUOTE) return -1;
    if (delimiter === SEMICOLON) this.inRow.push(bytes.toString("latin1", start, scanner.end));
    return isQuoted ? scanner.end + 1 : scanner.end;
  }

  private noteNumber(cell: string): void {
    const note = pointNote(cell, this.parser.delimiter);
    if (note !== undefined) this.builder.note(note);
  }

  /** Where the unquoted cell that begins at `from` ends: at a delimiter or the end of its line. */
  private cellEnd(from: number): number {
    const { bytes, delimiter } = this;
    let at = from;
    while (bytes[at] !== delimiter && bytes[at] !== NEWLINE) at++;
    return bytes[at] === NEWLINE && bytes[at - 1] === RETURN && at > from ? at - 1 : at;
  }

  /** Where the cell quoted at `from` has its closing quote, or −1 if not in this block. */
  private closingQuote(from: number): number {
    const { bytes } = this;
    for (let at = bytes.indexOf(QUOTE, from + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 2))
      if (bytes[at + 1] !== QUOTE) return at;
    return -1;
  }

  private fieldsOf(header: readonly string[]): Field[] {
    this.builder.announce(header.filter((column) => column !== ""));
    return header.map((column, i) => {
      if (column !== "") return this.builder.field(column);
      return i === 0 ? ROW_NUMBER : NAMELESS;
    });
  }

  private parsedLine(text: string, block: Block): void {
    const { fields, builder, parser } = this;
    if (!fields) return this.headerLine(text);
    let record: CsvRecord | undefined;
    try {
      throwBad(block, this.line);
      record = parser.push(text, this.line);
    } catch (error) {
      return builder.skipRow(error, parser.abandon(this.line));
    }
    if (record === undefined) return;
    try {
      builder.startRow(record.line);
      for (let i = 0; i < fields.length; i++) {
        if (!isSkipped(fields[i])) builder.put(fields[i], detached(record.cells[i]));
        if (this.isNumber[i]) this.noteNumber(record.cells[i]);
      }
      builder.endRow();
    } catch (error) {
      builder.skipRow(error);
    }
  }

  private headerLine(text: string): void {
    this.parser.push(text, this.line);
    if (this.parser.header === undefined) return;
    this.fields = this.fieldsOf(this.parser.header);
    this.isNumber = this.fields.map(
      ({ kind, texts, conditions }) => (kind === "score" || kind === "cost") && !texts && !conditions,
    );
    this.delimiter = this.parser.delimiter.charCodeAt(0);
  }
}

/** A copy: V8 makes a slice of 13 characters or more keep the whole text it was cut from. */
function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
