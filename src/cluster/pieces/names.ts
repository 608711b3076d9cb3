import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { InputError } from "../../errors.js";
import { fileName, shown } from "../../text/shown.js";
import { writeOut } from "../../write/file.js";
import { readBytesAt } from "../files.js";

/** Names of the queries of a piece: as lines of JSON, and as sorted hashes. */
export interface NameFiles {
  ids: string;
  hashes: string;
}

/** A piece whose names are compared with those of the others. */
export interface NamedPiece extends NameFiles {
  /** The file, and how many of its rows are in pieces before. */
  path: string;
  rowsBefore: number;
  rows: number;
}

const LINES = 4096;

export async function writeNames(ids: readonly string[], files: NameFiles): Promise<void> {
  await writeLines(ids, files.ids);
  const hashes = Float64Array.from(ids, hash).sort();
  await writeOut(files.hashes, [new Uint8Array(hashes.buffer)]);
}

/** Names as lines of JSON. */
export async function writeLines(ids: readonly string[], path: string): Promise<void> {
  await writeOut(path, lines(ids));
}

function* lines(ids: readonly string[]): Generator<string> {
  for (let from = 0; from < ids.length; from += LINES)
    yield ids
      .slice(from, from + LINES)
      .map((id) => `${JSON.stringify(id)}\n`)
      .join("");
}

/** A hash of 53 bits. Names of the same hash are compared. */
function hash(text: string): number {
  let [a, b] = [0x2545f491, 0x6c8e9cf5];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x9e3779b1);
    b = Math.imul(b ^ c, 0x85ebca6b);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}

/** Hashes that are in memory at a time, of all pieces together, and the fewest of one piece. */
const MOST_HASHES = 2 ** 21;
const FEWEST_HASHES = 2 ** 9;
/** Hashes that are looked up at a time. */
const MOST_SUSPECTS = 2 ** 12;

/**
 * Refuses a name that two pieces have; within a piece they are unique. The sorted hashes are merged a part at a time, so that
 * memory does not grow with the rows.
 *
 * @throws InputError naming both places.
 */
export async function checkNames(pieces: readonly NamedPiece[]): Promise<void> {
  if (pieces.length < 2) return;
  const size = Math.max(FEWEST_HASHES, Math.floor(MOST_HASHES / pieces.length));
  const cursors = pieces.map((piece) => new Cursor(piece, size));
  let suspects = new Set<number>();
  for (;;) {
    for (const cursor of cursors) await cursor.fill();
    const left = cursors.filter((cursor) => cursor.hashes.length > 0);
    if (left.length === 0) break;
    // Up to here, no piece has hashes that are not in memory.
    const last = Math.min(...left.map(({ hashes }) => hashes[hashes.length - 1]));
    const taken = left.map((cursor) => cursor.take(last));
    const all = new Float64Array(taken.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of taken) {
      all.set(part, at);
      at += part.length;
    }
    all.sort();
    for (let i = 1; i < all.length; i++) if (all[i] === all[i - 1]) suspects.add(all[i]);
    if (suspects.size < MOST_SUSPECTS) continue;
    await compare(pieces, suspects);
    suspects = new Set();
  }
  if (suspects.size > 0) await compare(pieces, suspects);
}

/** The sorted hashes of a piece, some of them in memory. */
class Cursor {
  hashes: Float64Array = new Float64Array(0);
  private done = 0;

  constructor(
    private readonly piece: NamedPiece,
    private readonly size: number,
  ) {}

  async fill(): Promise<void> {
    const { piece, size, done } = this;
    if (this.hashes.length > 0 || done === piece.rows) return;
    this.hashes = new Float64Array(Math.min(size, piece.rows - done));
    await readBytesAt(piece.hashes, 8 * done, new Uint8Array(this.hashes.buffer));
    this.done += this.hashes.length;
  }

  /** Gives the hashes up to one. */
  take(last: number): Float64Array {
    const { hashes } = this;
    let [low, high] = [0, hashes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hashes[middle] <= last) low = middle + 1;
      else high = middle;
    }
    this.hashes = hashes.subarray(low);
    return hashes.subarray(0, low);
  }
}

/** Compares the names that have one of some hashes. */
async function compare(pieces: readonly NamedPiece[], hashes: ReadonlySet<number>): Promise<void> {
  const places = new Map<string, string>();
  for (const { path, ids, rowsBefore } of pieces) {
    let row = rowsBefore;
    for await (const line of createInterface({ input: createReadStream(ids), crlfDelay: Infinity })) {
      row++;
      const id = JSON.parse(line) as string;
      if (!hashes.has(hash(id))) continue;
      const place = `${fileName(path)}, row ${row}`;
      const before = places.get(id);
      if (before !== undefined)
        throw new InputError(`id ${shown(id)} is in ${before}, and in ${place}; expected unique ids`, {
          value: id,
          places: [before, place],
        });
      places.set(id, place);
    }
  }
}
