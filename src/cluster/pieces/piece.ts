import { join } from "node:path";
import { InputError } from "../../errors.js";
import { fileName } from "../../text/shown.js";
import { newlinesIn } from "../../text/newlines.js";
import type { RowRange } from "../../rows/rowRange.js";

/** Consecutive rows of the work that one task reads: a file, or a part of one. */
export interface Piece {
  /** Index of the file. */
  file: number;
  /** Index of the part, where the file is cut. */
  part?: number;
  /** The rows of the part. */
  range?: RowRange;
  /** How many bytes are read. */
  bytes: number;
}

/** What a piece is called for people. */
export function pieceLabel({ file, part }: Piece): string {
  return part === undefined ? `${file}` : `${file}-${part}`;
}

/** What its files are called: in the order of their names, rows are in the order of the work. */
export function pieceName({ file, part }: Piece): string {
  return part === undefined ? nameOf(file) : `${nameOf(file)}-${nameOf(part)}`;
}

export function nameOf(k: number): string {
  return String(k).padStart(5, "0");
}

/** The file that says that a piece is done, and what it became. */
export function infoPath(folder: string, piece: Piece): string {
  return join(folder, "pieces", `${pieceName(piece)}.json`);
}

/** An error of reading a part of a file, with the line or row that its place has in the file. */
export async function placedInFile(error: unknown, path: string, range: RowRange | undefined) {
  if (range === undefined || !(error instanceof InputError)) return error;
  const { line } = error.details;
  if (typeof line !== "number" || line === 0) return error;
  const { head, from, groups } = range;
  const headLines = groups === undefined ? await newlinesIn(path, 0, head) : 0;
  const before = groups?.rowsBefore ?? (await newlinesIn(path, head, from));
  const placed = (text: string): string => (Number(text) > headLines ? String(Number(text) + before) : text);
  const name = fileName(path);
  const message = error.message.startsWith(name)
    ? name + error.message.slice(name.length).replace(/^(:|, row )(\d+)/, (_, unit, at) => unit + placed(at))
    : error.message;
  return new InputError(
    message.replace(/(is already on line )(\d+)/, (_, words, at) => words + placed(at)),
    { ...error.details, line: Number(placed(`${line}`)) },
  );
}
