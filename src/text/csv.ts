import { InputError } from "../errors.js";
import { LINE_LIMIT } from "./lines.js";
import { shown } from "./shown.js";
import { uniqueNames } from "./uniqueNames.js";

/** Three digits after a point, in a number that is not below 1: thousands, as semicolon files often write them. */
const MAYBE_THOUSANDS = /^[1-9]\d{0,2}\.\d{3}$/;

/** Tells how a number is read that could be meant otherwise; undefined for any other cell. */
export function pointNote(cell: string, delimiter: string): string | undefined {
  if (delimiter !== ";" || !MAYBE_THOUSANDS.test(cell.trim())) return undefined;
  return "number such as 1.000 between semicolons: its point read as the decimal point, so as 1, not 1000";
}

/** The cells of one record and where it begins. */
export interface CsvRecord {
  /** Physical line of the record's first character, from 1. */
  line: number;
  cells: string[];
}

/**
 * RFC 4180 records from consecutive lines: quoted cells, doubled quotes, line ends within quotes, LF or CRLF.
 * The first record is the header; its delimiter is the one of comma, tab, semicolon and bar that it has most often
 * outside of quotes, or the one that a first line such as `sep=;` names. A quote within an unquoted cell is an ordinary
 * character. What spreadsheets and pandas add is no data: blank lines, rows of blank cells, a first column without a
 * name (it numbers the rows), and further columns without a name whose cells are all blank.
 *
 * @throws InputError naming file, line and column: an unterminated quote, text after a closing quote, a row with
 * more or fewer cells than the header, a value below no name, a repeated name, a cell above 64 MiB, two delimiters that
 * are as frequent.
 */
export class CsvParser {
  /** The names of the columns, once the first record is complete; "": a column without a name, which holds no data. */
  header: string[] | undefined;
  /** Between cells; "" before the header. */
  delimiter = "";
  private cells: string[] = [];
  private recordLine = 0;
  /** The pieces so far of a quoted cell that is still open, and their length. */
  private open: string[] | undefined;
  private openLength = 0;
  private openLine = 0;

  /** Columns after the first that have no name. */
  private nameless: number[] = [];

  /**
   * `onNote`: called with each thing that was passed over, other than blank lines. `canRepeat`: columns of the same name
   * are name, name#2, name#3, … instead of an error.
   */
  constructor(
    private readonly name: string,
    private readonly onNote?: (what: string) => void,
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
    this.recordLine = line;
    if (this.delimiter === "") {
      const told = DELIMITER_LINE.exec(text)?.[1];
      this.delimiter = told ?? this.delimiterOf(text);
      if (told !== undefined) return undefined;
    }
    if (text.includes('"')) return this.scan(text, line);
    return this.complete(withoutReturn(text).split(this.delimiter));
  }

  /** To be called after the last line. */
  end(): void {
    if (this.open) throw this.error(this.openLine, "the quote opened here is never closed");
  }

  /** Gives up the record that is open or was refused, which ends with `line`; returns how many lines it has. */
  abandon(line: number): number {
    const first = this.isOpen ? this.recordLine : line;
    this.open = undefined;
    this.cells = [];
    return line - first + 1;
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
    if (!this.header) {
      this.header = this.checkedHeader(cells.map((cell) => cell.trim()));
      return undefined;
    }
    if (cells.every(isBlank)) {
      this.onNote?.("row without any value: not read");
      return undefined;
    }
    return { line: this.recordLine, cells: this.fitted(cells, this.header) };
  }

  /** As many cells as the header has; blank ones may be missing or left over where there is no name. */
  private fitted(cells: string[], header: string[]): string[] {
    while (cells.length > header.length && isBlank(cells[cells.length - 1])) cells.pop();
    while (cells.length < header.length && header[cells.length] === "") cells.push("");
    if (cells.length !== header.length) throw this.ragged(cells.length);
    for (const i of this.nameless)
      if (!isBlank(cells[i]))
        throw this.error(
          this.recordLine,
          `column ${i + 1} has no name in the header, but holds ${shown(cells[i])} here`,
        );
    return cells;
  }

  private checkedHeader(header: string[]): string[] {
    const columns = new Map<string, number>();
    header.forEach((column, i) => {
      if (column === "") {
        if (i > 0) this.nameless.push(i);
        return;
      }
      const before = columns.get(column);
      if (before !== undefined && !this.canRepeat)
        throw this.error(
          this.recordLine,
          `column ${i + 1} of the header is ${shown(column)}, as is column ${before}; names must differ`,
        );
      columns.set(column, i + 1);
    });
    if (columns.size === 0) throw this.error(this.recordLine, "no column of the header has a name");
    if (header[0] === "") this.onNote?.("first column without a name, such as a row number: not read");
    return this.canRepeat ? uniqueNames(header) : header;
  }

  private ragged(count: number): InputError {
    const header = this.header as string[];
    const missing = count < header.length ? `; ${shown(header[count])} is missing` : "; is a quote missing?";
    return this.error(this.recordLine, `${count} cells, but the header has ${header.length}${missing}`);
  }

  /** The delimiter that a header has most often. A tab is hardly ever part of a name. */
  private delimiterOf(header: string): string {
    const counts = delimiterCounts(header);
    const most = Math.max(...counts.values());
    const found = [...counts.keys()].filter((one) => counts.get(one) === most);
    if (most === 0) return ",";
    if (found.length === 1 || found[0] === "\t") return found[0];
    const places = found.map((one) => `"${one}"`).join(" as ");
    throw this.error(
      this.recordLine,
      `the header has as many ${places}; put names that hold one in quotes, or sep=${found.at(-1)} on a line above`,
    );
  }

  private error(line: number, problem: string): InputError {
    const column = this.open && (this.header?.[this.cells.length] ?? `column ${this.cells.length + 1}`);
    const place = column === undefined ? "" : `${shown(column)}: `;
    return new InputError(`${this.name}:${line}: ${place}${problem}`, { file: this.name, line, column });
  }
}

const QUOTE = 34;

/** A first line that names the delimiter, as Excel reads it. */
const DELIMITER_LINE = /^"?sep=([\t -~])"?\r?$/i;

/** How often a line has each delimiter outside of quotes. */
function delimiterCounts(line: string): Map<string, number> {
  const counts = new Map(["\t", ",", ";", "|"].map((one) => [one, 0]));
  let isQuoted = false;
  // At the start of a cell, and after a quote that closes: another one doubles it.
  let mayOpen = true;
  for (const c of line) {
    const count = isQuoted ? undefined : counts.get(c);
    const isQuote: boolean = c === '"' && (isQuoted || mayOpen);
    if (isQuote) isQuoted = !isQuoted;
    if (count !== undefined) counts.set(c, count + 1);
    mayOpen = count !== undefined || isQuote;
  }
  // A bar is part of some tools' names; it is a delimiter only where there is no other.
  if ([...counts].some(([one, count]) => one !== "|" && count > 0)) counts.set("|", 0);
  return counts;
}

function isBlank(cell: string): boolean {
  return cell === "" || cell.trim() === "";
}

function withoutReturn(text: string): string {
  return text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text;
}
