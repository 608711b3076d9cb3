import { InputError } from "../../errors.js";
import { oneLine, shown } from "../../text/shown.js";

/** Longest text of a limit. */
const LONGEST = 1000;
/** Largest number that a limit may hold. */
const MOST = 1e12;

const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy;
const BLANKS = /\s*/y;

/** A text that is read from left to right; what is wrong is refused with its place. */
export class Phrase {
  private at: number;

  /** `where`: what the text is of, for errors, such as `--limit`. Reading begins at `from`. */
  constructor(
    private readonly text: string,
    private readonly where: string,
    from = 0,
  ) {
    this.at = from;
    if (text.length > LONGEST) throw this.error(`it has more than ${LONGEST} characters`);
    this.skip();
  }

  /** The same text from another place on. */
  from(at: number): Phrase {
    return new Phrase(this.text, this.where, at);
  }

  /** Where reading stands, for `refuse`. */
  mark(): number {
    return this.at;
  }

  /** Takes a number ≥ 0. */
  number(expected: string): number {
    const start = this.at;
    const found = this.match(NUMBER);
    if (found === undefined) throw this.refuse(`expected ${expected}`);
    const value = Number(found);
    if (!(value <= MOST)) throw this.refuse(`expected a number up to 10¹²`, start);
    // "20,000" and "20_000" would be read as 20.
    if (/[,_]/.test(this.text.charAt(this.at))) {
      throw this.refuse("write numbers without separators, such as 20000", start);
    }
    this.skip();
    return value;
  }

  /** Takes a number ≥ 0 of things, where 20.000 may be meant as 20,000. */
  count(expected: string): number {
    const start = this.at;
    const value = this.number(expected);
    const text = this.text.slice(start, this.at).trim();
    if (/^[1-9]\d{0,2}\.\d{3}$/.test(text)) {
      throw this.refuse(`it may be ${value} or ${text.replace(".", "")}; write one of these`, start);
    }
    return value;
  }

  /** Takes the first of these that stands here; words must end where a word ends. */
  take<T extends string>(...wanted: readonly T[]): T | undefined {
    const rest = this.text.slice(this.at, this.at + 16).toLowerCase();
    for (const one of wanted) {
      if (!rest.startsWith(one)) continue;
      const isWord = /[a-z]$/.test(one);
      if (isWord && /^[a-z]/i.test(rest.slice(one.length))) continue;
      this.at += one.length;
      this.skip();
      return one;
    }
    return undefined;
  }

  /** Takes one of these, which must stand here. */
  need<T extends string>(expected: string, ...wanted: readonly T[]): T {
    const found = this.take(...wanted);
    if (found === undefined) throw this.refuse(`expected ${expected}`);
    return found;
  }

  /** Refuses what is left over. */
  end(): void {
    if (this.at < this.text.length) throw this.refuse("expected nothing more");
  }

  /** An error at a place; default: where reading stands. The text from there to the end of its word is quoted. */
  refuse(problem: string, at = this.at): InputError {
    const rest = this.text.slice(at);
    const word = /^\S+/.exec(rest)?.[0] ?? "";
    const place = word === "" ? "at its end" : `at "${oneLine(word.slice(0, 60))}" (character ${at + 1})`;
    return this.error(`${place}: ${problem}`, at, word.length);
  }

  private error(problem: string, at = 0, length = this.text.length): InputError {
    return new InputError(`${this.where} ${quoted(this.text)}: ${problem}`, {
      field: this.where,
      value: this.text,
      at,
      length,
    });
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skip(): void {
    this.match(BLANKS);
  }
}

function quoted(text: string): string {
  const short = shown(text);
  return text.trim() === "" ? short : `"${short}"`;
}
