import { isAscii, isUtf8 } from "node:buffer";
import { InputError } from "../errors.js";
import { readBytes, withHead, type ReadOptions } from "./bytes.js";
import { fileName } from "./shown.js";

/** The longest line, and the longest cell of a CSV file, in bytes: 64 MiB. */
export const LINE_LIMIT = 64 * 2 ** 20;

const NEWLINE = 10;
const SPACE = 32;

/**
 * Consecutive lines of a file. They come in batches, because an asynchronous step per line costs more than the line
 * itself.
 */
export interface LineBatch {
  /** Number of the first line, from 1. */
  first: number;
  /** Without "\n". A "\r" before it is kept: within the quotes of a CSV cell it is data. */
  lines: string[];
}

/** Consecutive lines of a file as bytes, valid UTF-8. */
export interface Block {
  /** Number of the first line, from 1. */
  first: number;
  /** Every line ends with "\n", the last one too. Valid until the next block is requested. */
  bytes: Buffer;
  isAscii: boolean;
  /** What is wrong with lines that are not UTF-8, by number; they are blank. Only where they are tolerated. */
  bad?: ReadonlyMap<number, InputError>;
}

/** The lines of a text file ("-": standard input), unpacked if it is gzip. Throws what `readBytes` and `blocksOf` throw. */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<LineBatch> {
  const blocks = blocksOf(readBytes(path, options), fileName(path));
  for await (const block of blocks) yield { first: block.first, lines: linesOf(block) };
}

/** Throws what is wrong with a line of a block that was read tolerantly. */
export function throwBad({ bad }: Block, line: number): void {
  const error = bad?.get(line);
  if (error !== undefined) throw error;
}

export function linesOf({ bytes, isAscii }: Block): string[] {
  return bytes.toString(isAscii ? "latin1" : "utf8", 0, bytes.length - 1).split("\n");
}

/**
 * The lines of a UTF-8 text, given in chunks, without a byte order mark. Only a piece of it is in memory at any time. A
 * last line without "\n" counts, an empty one does not. `isTolerant`: a line that is not valid UTF-8, other than the
 * first, is blank and stands in the block's `bad`.
 *
 * @throws InputError naming file and line: a line above 64 MiB, invalid UTF-8, UTF-16, and what `chunks` throws.
 */
export async function* blocksOf(
  chunks: AsyncIterable<Buffer>,
  name: string,
  isTolerant = false,
): AsyncGenerator<Block> {
  let first = 1;
  // One buffer for all blocks: garbage of this size is collected late.
  let room: Buffer = Buffer.alloc(0);
  let carry: Buffer[] = [];
  let carried = 0;
  for await (const chunk of withoutMark(chunks, name)) {
    const newline = chunk.indexOf(NEWLINE);
    if (carried + (newline < 0 ? chunk.length : newline) > LINE_LIMIT) throw tooLong(name, first);
    const end = newline < 0 ? -1 : chunk.lastIndexOf(NEWLINE);
    if (end >= 0) {
      const length = carried + end + 1;
      if (length > room.length) room = Buffer.allocUnsafeSlow(length + length / 4);
      let to = 0;
      for (const piece of [...carry, chunk.subarray(0, end + 1)]) to += piece.copy(room, to);
      const bytes = room.subarray(0, length);
      yield checked(bytes, name, first, isTolerant);
      first += countLines(bytes);
      carry = [];
      carried = 0;
    }
    if (end + 1 < chunk.length) {
      carry.push(Buffer.from(chunk.subarray(end + 1)));
      carried += chunk.length - end - 1;
    }
  }
  if (carried > 0) yield checked(Buffer.concat([...carry, Buffer.of(NEWLINE)]), name, first, isTolerant);
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    // A search costs more than a step where lines are blank, and less where they are long.
    if (bytes[at] !== NEWLINE) at = bytes.indexOf(NEWLINE, at);
    count++;
  }
  return count;
}

function checked(bytes: Buffer, name: string, first: number, isTolerant: boolean): Block {
  if (isAscii(bytes)) return { first, bytes, isAscii: true };
  if (isUtf8(bytes)) return { first, bytes, isAscii: false };
  const bad = new Map<number, InputError>();
  let line = first;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(NEWLINE, from);
    if (!isUtf8(bytes.subarray(from, end))) {
      const problem = `${name}:${line}: not valid UTF-8; save the file as UTF-8`;
      const error = new InputError(problem, { file: name, line });
      if (!isTolerant || line === 1) throw error;
      bad.set(line, error);
      bytes.fill(SPACE, from, end);
    }
    from = end + 1;
  }
  return { first, bytes, isAscii: false, bad };
}

export async function* withoutMark(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of withHead(chunks, 3)) {
    if (first && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)))
      throw new InputError(`${name} is UTF-16; save it as UTF-8`, { file: name });
    const isMarked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    yield isMarked ? chunk.subarray(3) : chunk;
    first = false;
  }
}

function tooLong(name: string, line: number): InputError {
  return new InputError(`${name}:${line}: the line is longer than 64 MiB`, { file: name, line });
}
