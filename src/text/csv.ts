import { InputError } from "../errors.js";
import { LINE_LIMIT } from "./lines.js";
import { shown } from "./shown.js";
import { uniqueNames } from "./uniqueNames.js";

/** The cells of one record and where it begins. */
export interface CsvRecord {
  /** Physical line of the record's first character, from 1. */
  line: number;
  cells: string[];
}

/**
 * RFC 4180 records from consecutive lines: quoted cells, doubled quotes, line ends within quotes, LF or CRLF.
 * The first record is the header; its delimiter is a comma, or, if it has none, a tab or semicolon.
 * Blank lines are skipped. A quote within an unquoted cell is an ordinary character.
 *
 * @throws InputError naming file, line and column: an unterminated quote, text after a closing quote, a row with
 * more or fewer cells than the header, an empty or repeated header name, a cell above 64 MiB.
 */
export class CsvParser {
  /** The names of the columns, once the first record is complete. */
  header: string[] | undefined;
  /** Between cells; "" before the header. */
  delimiter = "";
  private cells: string[] = [];
  private recordLine = 0;
  /** The pieces so far of a quoted cell that is still open, and their length. */
  private open: string[] | undefined;
  private openLength = 0;
  private openLine = 0;

  /** `canRepeat`: columns of the same name are name, name#2, name#3, … instead of an error. */
  constructor(
    private readonly name: string,
    private readonly canRepeat = false,
  ) {}

  /** Whether the lines so far end inside quotes. */
  get isOpen(): boolean {
    return this.open !== undefined;
  }

  /** Takes the next line, including its "\r" if there is one. Returns the record that ends here, if any. */
  push(text: string, line: number): CsvRecord | undefined {
    if (this.open) return this.scan(text, line);
    if (text.trim() === "") return undefined;
    if (this.delimiter === "") this.delimiter = delimiterOf(text);
    this.recordLine = line;
    if (text.includes('"')) return this.scan(text, line);
    return this.complete(withoutReturn(text).split(this.delimiter));
  }

  /** To be called after the last line. */
  end(): void {
    if (this.open) throw this.error(this.openLine, "the quote opened here is never closed");
  }

  /** Reads a line that contains a quote or begins inside quotes. */
  private scan(text: string, line: number): CsvRecord | undefined {
    let from = 0;
    while (from <= text.length) {
      if (!this.open && text.charCodeAt(from) === QUOTE) {
        this.open = [];
        this.openLength = 0;
        this.openLine = line;
        from++;
      }
      const next = this.open ? this.quotedCell(text, from, line) : this.plainCell(text, from);
      if (next < 0) return undefined;
      from = next;
    }
    const { cells } = this;
    this.cells = [];
    return this.complete(cells);
  }

  /** Reads an unquoted cell; returns where the next cell begins. */
  private plainCell(text: string, from: number): number {
    const end = text.indexOf(this.delimiter, from);
    this.cells.push(end < 0 ? withoutReturn(text.slice(from)) : text.slice(from, end));
    return end < 0 ? text.length + 1 : end + 1;
  }

  /** Continues inside quotes; returns where the next cell begins, or −1 if the line ends inside the quotes. */
  private quotedCell(text: string, from: number, line: number): number {
    const pieces = this.open as string[];
    for (;;) {
      const quote = text.indexOf('"', from);
      this.openLength += (quote < 0 ? text.length : quote) - from + 1;
      if (this.openLength > LINE_LIMIT)
        throw this.error(
          this.openLine,
          "the quoted cell opened here is longer than 64 MiB; is a quote missing?",
        );
      if (quote < 0) {
        pieces.push(text.slice(from), "\n");
        return -1;
      }
      if (text.charCodeAt(quote + 1) !== QUOTE) {
        pieces.push(text.slice(from, quote));
        return this.closeCell(text, quote + 1, line);
      }
      pieces.push(text.slice(from, quote + 1));
      from = quote + 2;
    }
  }

  private closeCell(text: string, end: number, line: number): number {
    const isLast = end === text.length || (end === text.length - 1 && text.endsWith("\r"));
    if (!isLast && text[end] !== this.delimiter)
      throw this.error(
        line,
        `text after a closing quote: ${shown(text.slice(end))}; double a quote within a cell`,
      );
    const pieces = this.open as string[];
    this.cells.push(pieces.length === 1 ? pieces[0] : pieces.join(""));
    this.open = undefined;
    return isLast ? text.length + 1 : end + 1;
  }

  private complete(cells: string[]): CsvRecord | undefined {
    if (this.header) {
      if (cells.length !== this.header.length) throw this.ragged(cells.length);
      return { line: this.recordLine, cells };
    }
    this.header = this.checkedHeader(cells.map((cell) => cell.trim()));
    return undefined;
  }

  private checkedHeader(header: string[]): string[] {
    const columns = new Map<string, number>();
    header.forEach((column, i) => {
      const where = `column ${i + 1} of the header`;
      if (column === "") throw this.error(this.recordLine, `${where} has no name`);
      const before = columns.get(column);
      if (before !== undefined && !this.canRepeat)
        throw this.error(
          this.recordLine,
          `${where} is ${shown(column)}, as is column ${before}; names must differ`,
        );
      columns.set(column, i + 1);
    });
    return this.canRepeat ? uniqueNames(header) : header;
  }

  private ragged(count: number): InputError {
    const header = this.header as string[];
    const missing = count < header.length ? `; ${shown(header[count])} is missing` : "; is a quote missing?";
    return this.error(this.recordLine, `${count} cells, but the header has ${header.length}${missing}`);
  }

  private error(line: number, problem: string): InputError {
    const column = this.open && (this.header?.[this.cells.length] ?? `column ${this.cells.length + 1}`);
    const place = column === undefined ? "" : `${shown(column)}: `;
    return new InputError(`${this.name}:${line}: ${place}${problem}`, { file: this.name, line, column });
  }
}

const QUOTE = 34;

function delimiterOf(header: string): string {
  if (header.includes(",")) return ",";
  if (header.includes("\t")) return "\t";
  return header.includes(";") ? ";" : ",";
}

function withoutReturn(text: string): string {
  return text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text;
}
