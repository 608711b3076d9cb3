import { isAscii, isUtf8 } from "node:buffer";
import { InputError } from "../errors.js";
import { readBytes, withHead, type ReadOptions } from "./bytes.js";
import { fileName } from "./shown.js";

/** The longest line, and the longest cell of a CSV file, in bytes: 64 MiB. */
export const LINE_LIMIT = 64 * 2 ** 20;

const NEWLINE = 10;

/** Consecutive lines of a file. Batches, because an asynchronous step a line costs more than the line. */
export interface LineBatch {
  /** Number of the first line, from 1. */
  first: number;
  /** Without "\n". A "\r" before it is kept: within the quotes of a CSV cell it is data. */
  lines: string[];
}

/**
 * The lines of a UTF-8 text file ("-": standard input), unpacked if it is gzip, without a byte order mark.
 * Only a piece of the file is in memory at any time. A last line without "\n" counts, an empty one does not.
 *
 * @throws InputError naming file and line: a line above 64 MiB, invalid UTF-8, UTF-16, and what `readBytes` throws.
 */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<LineBatch> {
  const name = fileName(path);
  let first = 1;
  let carry: Buffer[] = [];
  let carried = 0;
  for await (const chunk of withoutMark(readBytes(path, options), name)) {
    const newline = chunk.indexOf(NEWLINE);
    if (carried + (newline < 0 ? chunk.length : newline) > LINE_LIMIT) throw tooLong(name, first);
    const end = newline < 0 ? -1 : chunk.lastIndexOf(NEWLINE);
    if (end >= 0) {
      const lines = decode(Buffer.concat([...carry, chunk.subarray(0, end)]), name, first).split("\n");
      yield { first, lines };
      first += lines.length;
      carry = [];
      carried = 0;
    }
    if (end + 1 < chunk.length) {
      carry.push(chunk.subarray(end + 1));
      carried += chunk.length - end - 1;
    }
  }
  if (carried > 0) yield { first, lines: [decode(Buffer.concat(carry), name, first)] };
}

async function* withoutMark(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of withHead(chunks, 3)) {
    if (first && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)))
      throw new InputError(`${name} is UTF-16; save it as UTF-8`, { file: name });
    const isMarked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    yield isMarked ? chunk.subarray(3) : chunk;
    first = false;
  }
}

function decode(block: Buffer, name: string, first: number): string {
  if (isAscii(block)) return block.toString("latin1");
  if (isUtf8(block)) return block.toString("utf8");
  let line = first;
  for (let from = 0; ; line++) {
    const end = block.indexOf(NEWLINE, from);
    if (!isUtf8(block.subarray(from, end < 0 ? block.length : end))) break;
    from = end + 1;
  }
  throw new InputError(`${name}:${line}: not valid UTF-8; save the file as UTF-8`, { file: name, line });
}

function tooLong(name: string, line: number): InputError {
  return new InputError(`${name}:${line}: the line is longer than 64 MiB`, { file: name, line });
}
