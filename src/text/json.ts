import { isUtf8 } from "node:buffer";
import { InputError } from "../errors.js";
import { LINE_LIMIT } from "./lines.js";
import { parseJson } from "./parseJson.js";
import { oneLine, shown } from "./shown.js";

/** A requested value of a JSON document. */
export interface JsonPart {
  /** Index of its path among the wanted paths. */
  path: number;
  /** Byte of the document at which it begins, from 0. */
  at: number;
  value: unknown;
}

/** Keys from the top; `*` stands for every element of an array. */
export type JsonPath = readonly string[];

/** What comes next, in the containers on the way to a wanted value. */
const enum Next {
  Value,
  ValueOrEnd,
  Key,
  KeyOrEnd,
  Colon,
  CommaOrEnd,
  Nothing,
}

interface Container {
  isArray: boolean;
  /** Keys of the value being read; "*" in an array. */
  key: string;
}

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Walks through a JSON document of any size, chunk by chunk, and parses only the values at the wanted paths, one after
 * another, as `parseJson` does. Other values are skipped without being kept, and their contents are not checked.
 *
 * @throws InputError naming the file and the byte: invalid JSON, a wanted value above 64 MiB, invalid UTF-8.
 */
export class JsonWalker {
  /** Keys seen at the top level so far. */
  readonly topKeys = new Set<string>();
  private readonly stack: Container[] = [];
  private next = Next.Value;
  /** Bytes of the chunks before this one. */
  private passed = 0;

  // The value or key being skipped: the depth inside it, and whether inside a string.
  private isInside = false;
  private depth = 0;
  private isString = false;
  private isEscaped = false;
  private isKey = false;
  /** The wanted path of the value being read; −1: none. */
  private wanted = -1;
  private start = 0;
  private pieces: Buffer[] = [];
  private length = 0;

  constructor(
    private readonly name: string,
    private readonly paths: readonly JsonPath[],
  ) {}

  push(chunk: Buffer): JsonPart[] {
    const parts: JsonPart[] = [];
    let at = 0;
    let from = 0;
    while (at < chunk.length) {
      if (!this.isInside) {
        at = this.structure(chunk, at);
        from = at;
        continue;
      }
      const end = this.inside(chunk, at);
      if (this.isKey || this.wanted >= 0) this.keep(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) break;
      this.isInside = false;
      if (this.isKey) this.endKey();
      else if (this.wanted >= 0) parts.push({ path: this.wanted, at: this.start, value: this.parsed() });
      at = end;
    }
    this.passed += chunk.length;
    return parts;
  }

  /** To be called after the last chunk. */
  end(): void {
    const isNumber = this.isInside && this.depth === 0 && !this.isString;
    if (this.next === Next.Nothing || (isNumber && this.stack.length === 0)) return;
    throw this.error(this.passed, "the document ends too early; is the file complete?");
  }

  /** Reads one character between values; returns where to continue. */
  private structure(chunk: Buffer, at: number): number {
    const c = chunk[at];
    if (c === 32 || c === 10 || c === 13 || c === 9) return at + 1;
    const { next, stack } = this;
    const top = stack[stack.length - 1];
    const isEnd = top !== undefined && c === (top.isArray ? 93 : 125);
    if (isEnd && (next === Next.CommaOrEnd || next === Next.KeyOrEnd || next === Next.ValueOrEnd)) {
      stack.pop();
      this.next = stack.length === 0 ? Next.Nothing : Next.CommaOrEnd;
    } else if (next === Next.CommaOrEnd && c === 44) this.next = top.isArray ? Next.Value : Next.Key;
    else if (next === Next.Colon && c === 58) this.next = Next.Value;
    else if ((next === Next.Key || next === Next.KeyOrEnd) && c === QUOTE) {
      this.begin(at, true);
      return at;
    } else if (next === Next.Value || next === Next.ValueOrEnd) return this.value(c, at);
    else throw this.error(this.passed + at, `unexpected ${shown(String.fromCharCode(c))}`);
    return at + 1;
  }

  /** A value begins with `c`: descends into it if something in it is wanted, otherwise skips it. */
  private value(c: number, at: number): number {
    const keys = this.stack.map(({ key }) => key);
    const isContainer = c === 123 || c === 91;
    if (!isContainer && !isScalar(c))
      throw this.error(this.passed + at, `unexpected ${shown(String.fromCharCode(c))}`);
    const wanted = this.paths.findIndex((path) => path.length === keys.length && startsWith(path, keys));
    const isOnTheWay =
      keys.length === 0 || this.paths.some((path) => path.length > keys.length && startsWith(path, keys));
    if (wanted < 0 && isContainer && isOnTheWay) {
      const isArray = c === 91;
      this.stack.push({ isArray, key: isArray ? "*" : "" });
      this.next = isArray ? Next.ValueOrEnd : Next.KeyOrEnd;
      return at + 1;
    }
    this.begin(at, false);
    this.wanted = wanted;
    return at;
  }

  private begin(at: number, isKey: boolean): void {
    this.isInside = true;
    this.isKey = isKey;
    this.wanted = -1;
    this.depth = 0;
    this.isString = false;
    this.start = this.passed + at;
    this.pieces = [];
    this.length = 0;
  }

  /** Continues through the value or key; returns where it ends, or −1 if the chunk ends first. */
  private inside(chunk: Buffer, from: number): number {
    let { depth, isString } = this;
    let at = from;
    let end = -1;
    if (this.isEscaped) {
      this.isEscaped = false;
      at++;
    }
    while (at < chunk.length) {
      const c = chunk[at++];
      if (isString) {
        if (c === QUOTE) {
          isString = false;
          if (depth === 0) {
            end = at;
            break;
          }
        } else if (c === BACKSLASH) {
          if (at === chunk.length) this.isEscaped = true;
          at++;
        }
      } else if (c === QUOTE) isString = true;
      else if (c === 123 || c === 91) depth++;
      else if (c === 125 || c === 93) {
        // Closes the container around a number.
        if (depth === 0) {
          end = at - 1;
          break;
        }
        if (--depth === 0) {
          end = at;
          break;
        }
      } else if (depth === 0 && (c === 44 || c <= 32)) {
        end = at - 1;
        break;
      }
    }
    this.depth = depth;
    this.isString = isString;
    if (end >= 0) this.next = this.stack.length === 0 ? Next.Nothing : Next.CommaOrEnd;
    return end;
  }

  private keep(piece: Buffer): void {
    this.length += piece.length;
    if (this.length > LINE_LIMIT) throw this.error(this.start, "a value is larger than 64 MiB");
    this.pieces.push(Buffer.from(piece));
  }

  private endKey(): void {
    const key = this.parsed();
    this.stack[this.stack.length - 1].key = key as string;
    if (this.stack.length === 1) this.topKeys.add(key as string);
    this.next = Next.Colon;
  }

  private parsed(): unknown {
    const bytes = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
    this.pieces = [];
    if (!isUtf8(bytes)) throw this.error(this.start, "not valid UTF-8; save the file as UTF-8");
    try {
      return parseJson(bytes.toString("utf8"));
    } catch (error) {
      throw this.error(this.start, `not valid JSON (${oneLine((error as Error).message).slice(0, 120)})`);
    }
  }

  private error(at: number, problem: string): InputError {
    return new InputError(`${this.name}, byte ${at}: ${problem}`, { file: this.name, byte: at });
  }
}

/** Whether a text, a number, a word of JSON, or Python's NaN, Infinity or -Infinity may begin so. */
function isScalar(c: number): boolean {
  return c === QUOTE || c === 45 || (c >= 48 && c <= 57) || "tfnNI".includes(String.fromCharCode(c));
}

function startsWith(path: JsonPath, keys: readonly string[]): boolean {
  return keys.every((key, i) => key === path[i]);
}
