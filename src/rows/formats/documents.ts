import { InputError } from "../../errors.js";
import { continued } from "../../text/bytes.js";
import { JsonWalker } from "../../text/json.js";
import { LINE_LIMIT } from "../../text/lines.js";
import type { Opening } from "../../text/opening.js";
import type { Format } from "./format.js";
import { documentRows } from "../documentRows.js";
import { formatLike, formats, isNative } from "./formats.js";
import { field } from "./values.js";

/** The format of a file, and all of its bytes. */
interface Found {
  /** "native" also for one that is not known. */
  format: Format | "native";
  chunks: AsyncIterable<Buffer>;
}

/**
 * The format of a text file. What a JSON document is may show only behind long values: it is read on until its keys,
 * or its first row, tell; for at most 64 MiB, which are kept.
 */
export async function formatOf(
  opening: Opening,
  chunks: AsyncIterable<Buffer>,
  name: string,
): Promise<Found> {
  refuseColumns(opening, name);
  const format = shownFormat(opening);
  if (format !== undefined) return { format, chunks };
  const pieces = chunks[Symbol.asyncIterator]() as AsyncGenerator<Buffer>;
  const read: Buffer[] = [];
  const search = new Search(name);
  let length = 0;
  let found: Format | undefined;
  while (found === undefined && !search.isOver && length < LINE_LIMIT) {
    const { value, done } = await pieces.next();
    if (done === true) break;
    // A piece is valid only until the next is requested.
    const piece = Buffer.from(value as Buffer);
    read.push(piece);
    length += piece.length;
    found = search.push(piece);
  }
  return { format: found ?? "native", chunks: joined(read, pieces) };
}

/**
 * Refuses a table that is kept by columns, as pandas writes it unless it is told otherwise.
 *
 * @throws InputError with the remedy.
 */
function refuseColumns({ kind, keys, first }: Opening, name: string): void {
  if (kind !== "jsonl" || first === undefined || formatLike(keys, first) !== undefined) return;
  const values = Object.values(first);
  const areColumns =
    values.length > 1 &&
    values.every((value) => field(value, "0") !== undefined && !isObject(field(value, "0")));
  const { columns, index, data } = first;
  const isSplit = [columns, index, data].every(Array.isArray) && Array.isArray((data as unknown[])[0]);
  if (areColumns || isSplit)
    throw new InputError(
      `${name} is a table of columns, not of rows; save it by rows (pandas: to_json(…, orient="records", lines=True))`,
      { file: name },
    );
}

/** The format that the beginning shows, by its own keys or by those of the rows in a document. */
function shownFormat(opening: Opening): Format | "native" | undefined {
  const { kind, keys, first, rows } = opening;
  if (rows !== undefined && documentRows(opening) !== undefined)
    return isNative(rows.keys) ? "native" : (formatLike(keys) ?? formatLike(rows.keys) ?? "native");
  const format = isNative(keys) ? "native" : formatLike(keys, first);
  return kind === "jsonl" ? format : (format ?? "native");
}

/** Looks for what shows the format of a document, piece by piece. */
class Search {
  /** The document is at its end, or there are several. */
  isOver = false;
  private readonly rows = formats.flatMap((format) => (format.rows ?? []).map((path) => ({ format, path })));
  private readonly walker: JsonWalker;

  constructor(name: string) {
    this.walker = new JsonWalker(
      name,
      this.rows.map(({ path }) => path),
    );
  }

  push(piece: Buffer): Format | undefined {
    try {
      const first = this.walker.push(piece).at(0);
      const { format } = this.rows[first?.path ?? 0];
      const isRow =
        first !== undefined && isObject(first.value) && format.isRow?.(new Set(Object.keys(first.value)));
      return isRow === true ? format : formatLike(this.walker.topKeys);
    } catch (error) {
      // Lines, or a mistake, which is reported where it is read.
      if (!(error instanceof InputError)) throw error;
      this.isOver = true;
      return undefined;
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

async function* joined(read: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* read;
    yield* continued(undefined, rest);
  } finally {
    await rest.return(undefined);
  }
}
