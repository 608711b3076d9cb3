import { readBytes } from "../../text/bytes.js";
import { CsvParser } from "../../text/csv.js";

const NEWLINE = 10;
const QUOTE = 34;
/** A header is in the first MiB, or the file is not cut. */
const HEAD_BYTES = 2 ** 20;
const MARK = [0xef, 0xbb, 0xbf];

/** Where the header of a CSV file ends, in bytes, and the byte between its cells; undefined if that cannot be seen. */
export function csvHead(bytes: Buffer): { end: number; delimiter: number } | undefined {
  const parser = new CsvParser("", undefined, true);
  let at = MARK.every((byte, k) => bytes[k] === byte) ? MARK.length : 0;
  for (let line = 1; parser.header === undefined; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0 || newline >= HEAD_BYTES) return undefined;
    parser.push(bytes.toString("utf8", at, newline), line);
    at = newline + 1;
  }
  const delimiter = parser.delimiter.charCodeAt(0);
  return delimiter === QUOTE ? undefined : { end: at, delimiter };
}

/**
 * Finds bytes of a CSV file where records begin: the first at or after each multiple of `step` bytes. `from`: where a record
 * begins, after the header. Line ends within quotes end no record, and a quote opens a cell only at its beginning, as in
 * `CsvParser`. Reads the file once from `from` on; what is between quotes is searched, not stepped through.
 *
 * @throws what `readBytes` does.
 */
export async function csvStarts(
  path: string,
  { from, to, delimiter, step }: { from: number; to: number; delimiter: number; step: number },
): Promise<number[]> {
  const scan = new Scan(from, delimiter, step);
  for await (const bytes of readBytes(path, { range: { head: 0, from, to } })) scan.push(bytes);
  return scan.starts;
}

/** Whether the next byte is outside of quotes, inside, or follows a quote inside, which closes unless another follows. */
const enum State {
  outside,
  inside,
  afterQuote,
}

class Scan {
  readonly starts: number[] = [];
  private state = State.outside;
  private before = NEWLINE;
  /** Bytes of the file before the next. */
  private base: number;
  private target: number;

  constructor(
    from: number,
    private readonly delimiter: number,
    private readonly step: number,
  ) {
    this.base = from;
    this.target = from + step;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.state === State.inside) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote >= 0) this.state = State.afterQuote;
        at = quote < 0 ? bytes.length : quote + 1;
      } else if (this.state === State.afterQuote) {
        const isDoubled = bytes[at] === QUOTE;
        this.state = isDoubled ? State.inside : State.outside;
        if (isDoubled) at++;
      } else {
        const quote = this.openingQuote(bytes, at);
        const end = quote < 0 ? bytes.length : quote;
        this.noteStarts(bytes, at, end);
        if (quote >= 0) this.state = State.inside;
        at = end + 1;
      }
    }
    this.before = bytes[bytes.length - 1];
    this.base += bytes.length;
  }

  /** The next quote that begins a cell; −1: none. */
  private openingQuote(bytes: Buffer, from: number): number {
    let quote = bytes.indexOf(QUOTE, from);
    for (; quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
      const before = quote === 0 ? this.before : bytes[quote - 1];
      if (before === NEWLINE || before === this.delimiter) break;
    }
    return quote;
  }

  /** Takes the line ends of bytes outside of quotes. */
  private noteStarts(bytes: Buffer, from: number, end: number): void {
    while (this.base + end >= this.target) {
      const at = Math.max(from, this.target - 1 - this.base);
      const newline = bytes.subarray(0, end).indexOf(NEWLINE, at);
      if (newline < 0) return;
      const start = this.base + newline + 1;
      this.starts.push(start);
      this.target += this.step * Math.max(1, Math.ceil((start + 1 - this.target) / this.step));
    }
  }
}
