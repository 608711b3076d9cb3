import { open } from "node:fs/promises";
import { join } from "node:path";
import { isParquetFile } from "../../rows/parquet/parquetFile.js";
import { rowGroupsOf } from "../../rows/parquet/parquet.js";
import { openRowFile } from "../../rows/rowFile.js";
import type { RowRange } from "../../rows/rowRange.js";
import { csvHead, csvStarts } from "./csvStarts.js";
import { lineStart } from "../../text/newlines.js";
import { isZstd } from "../../text/zstd.js";
import { readJson, type InputFile, type Run } from "../run.js";
import { nameOf, type Piece } from "./piece.js";

/** The parts of a file that is cut; none: it is read as a whole. */
export interface SplitInfo {
  ranges: RowRange[];
}

export function splitPath(folder: string, file: number): string {
  return join(folder, "splits", `${nameOf(file)}.json`);
}

/** Whether a file may be large enough to be cut. Batch files are made of whole files, and matrices are read row by row. */
export function mayBeCut(
  { pieceBytes, export: target }: Run,
  { path, bytes, probability }: Run["files"][number],
): boolean {
  if (target !== undefined || probability !== undefined) return false;
  return bytes > (isPackedName(path) ? pieceBytes / PACKED : pieceBytes);
}

/** What unpacked values take of the bytes of a Parquet file, at most as a rule. */
const PACKED = 8;

function isPackedName(path: string): boolean {
  return /\.(parquet|pq)$/i.test(path);
}

/** The pieces of a run whose large files are split. */
export async function piecesOf(folder: string, run: Run): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const [file, input] of run.files.entries()) {
    const { ranges } = mayBeCut(run, input)
      ? await readJson<SplitInfo>(splitPath(folder, file), () => ({ ranges: [] }))
      : { ranges: [] };
    if (ranges.length === 0) pieces.push({ file, bytes: input.bytes });
    for (const [part, range] of ranges.entries())
      pieces.push({ file, part, range, bytes: range.to - range.from });
  }
  return pieces;
}

/**
 * Cuts a file into ranges of whole rows of about `pieceBytes` each (of Parquet: unpacked): row groups of Parquet, lines of
 * JSON Lines, records of CSV. Other files, and packed ones, are not cut.
 *
 * @throws InputError for a file that cannot be read.
 */
export async function rangesOf(
  { path, constants = [] }: Pick<InputFile, "path" | "constants">,
  pieceBytes: number,
): Promise<RowRange[]> {
  if (await isParquetFile(path)) return groupRanges(path, pieceBytes);
  const { head, size } = await headOf(path);
  if (isPacked(head) || !head.includes(NEWLINE)) return [];
  const file = await openRowFile(
    path,
    {},
    constants.map(([column]) => column),
  );
  await file.close();
  if (file.format !== "native" || file.unit !== "line") return [];
  if (file.columns === undefined)
    return between(0, await lineStarts(path, size, pieceBytes), size, pieceBytes);
  const csv = csvHead(head);
  if (csv === undefined) return [];
  const { end: from, delimiter } = csv;
  const starts = await csvStarts(path, { from, to: size, delimiter, step: pieceBytes });
  return between(from, starts, size, pieceBytes);
}

const NEWLINE = 10;
const HEAD_BYTES = 2 ** 20;

async function headOf(path: string): Promise<{ head: Buffer; size: number }> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}

/** Whether bytes of the file are not those of the text: it is packed, or not in UTF-8. */
function isPacked(head: Buffer): boolean {
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isWide = head.subarray(0, 4).includes(0) || (head[0] >= 0xfe && head[1] >= 0xfe);
  return isGzip || isWide || isZstd(head);
}

async function lineStarts(path: string, size: number, step: number): Promise<number[]> {
  const starts: number[] = [];
  for (let target = step; target < size; target = Math.max(target + step, starts.at(-1)! + 1))
    starts.push(await lineStart(path, target, size));
  return starts;
}

/** The ranges between places of a text. `head`: where its header ends, which is read with each. A short rest is no range. */
function between(head: number, starts: readonly number[], size: number, step: number): RowRange[] {
  const borders = [head, ...starts.filter((start) => size - start > step / 2), size];
  return borders.length === 2 ? [] : borders.slice(1).map((to, k) => ({ head, from: borders[k], to }));
}

async function groupRanges(path: string, pieceBytes: number): Promise<RowRange[]> {
  const ranges: RowRange[] = [];
  let rowsBefore = 0;
  let bytes = 0;
  let begun: { group: number; rowsBefore: number; from: number; to: number } | undefined;
  const all = await rowGroupsOf(path);
  for (const [group, { rows, from, to, unpacked }] of all.entries()) {
    begun ??= { group, rowsBefore, from, to };
    begun.from = Math.min(begun.from, from);
    begun.to = Math.max(begun.to, to);
    bytes += unpacked;
    rowsBefore += rows;
    if (bytes < pieceBytes && group < all.length - 1) continue;
    const groups = { from: begun.group, to: group + 1, rowsBefore: begun.rowsBefore };
    ranges.push({ head: 0, from: begun.from, to: begun.to, groups });
    [begun, bytes] = [undefined, 0];
  }
  return ranges.length === 1 ? [] : ranges;
}
