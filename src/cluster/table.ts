import { join } from "node:path";
import { InputError } from "../errors.js";
import { BadRows } from "../rows/badRows.js";
import { readNpyHead } from "../rows/npy.js";
import { oneLine, shown } from "../text/shown.js";
import type { Costs, Problem } from "../types.js";
import { exists, readBytesAt } from "./files.js";
import type { LimitedInfo } from "./pieces/limited.js";
import { digestOf, DIGEST_ROWS, type MatrixDigests } from "./pieces/matrices.js";
import { checkNames, type NamedPiece, type NameFiles } from "./pieces/names.js";
import { infoPath, pieceLabel, pieceName, type Piece } from "./pieces/piece.js";
import { readJson, writeJson, type Run } from "./run.js";
import { rowsOfShard } from "./sizes.js";

/** What one piece became: matrices in files. */
export interface PieceInfo {
  /** The input. */
  path: string;
  rows: number;
  models: string[];
  /** Paths of `.npy` files, queries × models. */
  cost: string;
  probability: string;
  /** Of matrices that were predicted: what they must be when they are read. */
  digests?: MatrixDigests;
  /** Undefined: rows are named by their number in the whole work. */
  names?: NameFiles;
  /** Models with a recorded cost in this piece: which costs are predicted depends on them. */
  recorded?: string[];
  /** Models without a column of costs, whose costs are computed from tokens. */
  withoutCosts?: string[];
  /** Models whose recorded costs are changed by given prices. */
  repriced?: string[];
  /** Where a column of deadlines was named: whether some row has one. */
  deadlines?: "some" | "none";
  /** Rows that could be read, also those that do not meet the conditions. */
  readable?: number;
  /** Rows that could not, and what the first of them are. */
  bad?: { rows: number; described: string[] };
  /** Of rows without names, some of which could not be read: the numbers of the others in this piece, as lines of JSON. */
  numbers?: string;
  /** With limits: what they need to know. */
  limited?: LimitedInfo;
  /** How much less accurate than the best single model an allocation that matches it may be, 0 … 1; undefined: 0. */
  within?: number;
  notes: string[];
  /** The part of the input that was read; undefined: all. */
  bytes?: { from: number; to: number };
  /** SHA-256 of what was read of the input. */
  digest?: string;
}

/** Where the rows of a piece are in the whole work, and where their values are in files. */
interface PlacedPiece extends PieceInfo {
  /** What its files are called. */
  name: string;
  /** Index of its first row. */
  first: number;
  /** Rows before it, with those that could not be read. */
  numbered: number;
  /** Bytes before the first value. */
  costFrom: number;
  probabilityFrom: number;
}

/** The whole work as matrices in files. */
export interface Table {
  models: string[];
  rows: number;
  /** Bytes of a cost. */
  costWidth: 4 | 8;
  /** Some may have no rows. */
  pieces: PlacedPiece[];
}

/** Consecutive rows that are solved by one job. */
export interface Shard {
  from: number;
  to: number;
}

/** The table of a run whose pieces are done: made once, then read from `table.json`. */
export async function tableOf(
  folder: string,
  { files, batch, where }: Pick<Run, "files" | "batch" | "where">,
  pieces: readonly Piece[],
): Promise<Table> {
  const path = join(folder, "table.json");
  if (await exists(path)) return readTable(folder);
  const placed: PlacedPiece[] = [];
  let [first, numbered] = [0, 0];
  /** The first piece that has rows. */
  let known: (PieceInfo & { costWidth: 4 | 8 }) | undefined;
  for (const piece of pieces) {
    const info = await readJson<PieceInfo>(infoPath(folder, piece), () => {
      const { path } = files[piece.file];
      throw new InputError(`piece ${pieceLabel(piece)} of ${oneLine(path)} is not done yet`, { path });
    });
    const place = { ...info, name: pieceName(piece), first, numbered, costFrom: 0, probabilityFrom: 0 };
    placed.push(place);
    numbered += info.rows + (info.bad?.rows ?? 0);
    if (info.rows === 0) continue;
    const [cost, probability] = [await readNpyHead(info.cost), await readNpyHead(info.probability)];
    checkShape(info, cost, probability);
    known ??= { ...info, costWidth: cost.width };
    checkAlike(info, known, cost.width);
    [place.costFrom, place.probabilityFrom] = [cost.from, probability.from];
    first += info.rows;
  }
  checkBadRows(placed);
  if (known === undefined)
    throw new InputError(
      where?.length ? "no row of the inputs meets the conditions" : "the inputs have no rows",
      {},
    );
  checkDeadlines(placed, batch?.deadlineColumn);
  await checkNames(namedOf(placed));
  const { models, costWidth } = known;
  const table = { models, costWidth, rows: first, pieces: placed };
  await writeJson(path, table);
  return table;
}

export function readTable(folder: string): Promise<Table> {
  return readJson<Table>(join(folder, "table.json"), () => {
    throw new InputError(`${oneLine(folder)} has no table of its pieces yet`, { folder });
  });
}

/** Refuses work too many of whose rows could not be read. */
function checkBadRows(pieces: readonly PieceInfo[]): void {
  const all = new BadRows(true);
  let rows = 0;
  for (const { bad, readable = 0 } of pieces) {
    rows += readable;
    if (bad !== undefined) all.join(bad.rows, bad.described);
  }
  all.check("the inputs", rows);
}

/** Refuses a column of deadlines that no row has a value in. */
function checkDeadlines(pieces: readonly PieceInfo[], column: string | undefined): void {
  if (column === undefined || pieces.some(({ deadlines }) => deadlines === "some")) return;
  throw new InputError(`no row has a value in column ${shown(column)}; expected hours`, { column });
}

type Head = Awaited<ReturnType<typeof readNpyHead>>;

/** The pieces whose rows have names. */
function namedOf(pieces: readonly PlacedPiece[]): NamedPiece[] {
  let begin = 0;
  return pieces.flatMap(({ names, path, rows, first, bytes }, k) => {
    if (bytes === undefined || path !== pieces[k - 1]?.path) begin = first;
    return names === undefined ? [] : [{ ...names, path, rows, rowsBefore: first - begin }];
  });
}

function checkShape({ path, models, rows }: PieceInfo, cost: Head, probability: Head): void {
  for (const { rows: found, columns } of [cost, probability])
    if (found !== rows || columns !== models.length)
      throw new InputError(
        `the matrices of ${oneLine(path)} have ${found} × ${columns} values; expected ${rows} × ${models.length}`,
        { path },
      );
  if (probability.width !== 4)
    throw new InputError(`the probabilities of ${oneLine(path)} are float64; expected float32`, { path });
}

/** One machine would read all pieces as one table, so each must have the columns of the first. */
function checkAlike(piece: PieceInfo, first: PieceInfo & { costWidth: number }, width: number): void {
  const refuse = (what: string, there: unknown, here: unknown): never => {
    throw new InputError(
      `${placeOf(piece)} has ${what} ${shown(here)}, ${placeOf(first)} has ${shown(there)}; all inputs are one table`,
      { path: piece.path },
    );
  };
  const refuseUnlike = (what: string, there: string[] = [], here: string[] = []): void => {
    if (here.join("\n") !== there.join("\n")) refuse(what, there, here);
  };
  refuseUnlike("models", first.models, piece.models);
  refuseUnlike("recorded costs of", first.recorded, piece.recorded);
  refuseUnlike("costs from tokens alone of", first.withoutCosts, piece.withoutCosts);
  refuseUnlike("recorded costs, to be priced anew, of", first.repriced, piece.repriced);
  if (width !== first.costWidth) refuse("costs of bytes", first.costWidth, width);
  const named = (names: NameFiles | undefined): string => (names === undefined ? "none" : "some");
  if (named(first.names) !== named(piece.names)) refuse("ids:", named(first.names), named(piece.names));
}

function placeOf({ path, bytes }: PieceInfo): string {
  return oneLine(path) + (bytes === undefined ? "" : ` (bytes ${bytes.from} to ${bytes.to})`);
}

/** Cuts rows into shards, each but the last a whole number of shards of the solver. */
export function shardsOf(table: Table, atLeast?: number): Shard[] {
  const { rows } = table;
  const size = rowsOfShard(table, atLeast);
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, k) => ({ from: k * size, to: Math.min(rows, (k + 1) * size) }));
}

/**
 * Reads consecutive rows. Values that were predicted are compared with their digests, unless `isChecked` is false.
 *
 * @throws InputError naming a file that is missing, or has other values than were written.
 */
export async function readRows(
  { models, costWidth, pieces }: Table,
  { from, to }: Shard,
  isChecked = true,
): Promise<Problem> {
  const width = models.length;
  const costBytes = new ArrayBuffer((to - from) * width * costWidth);
  const probabilityBytes = new ArrayBuffer((to - from) * width * 4);
  for (const piece of pieces) {
    const [begin, end] = [Math.max(from, piece.first), Math.min(to, piece.first + piece.rows)];
    if (begin >= end) continue;
    const rows = { from: begin - piece.first, to: end - piece.first };
    const read = (path: string, before: number, bytes: number, into: ArrayBuffer, digests?: string[]) => {
      const rowBytes = width * bytes;
      const part = new Uint8Array(into, (begin - from) * rowBytes, (end - begin) * rowBytes);
      const blocks = isChecked && digests ? { digests, rows: piece.rows, name: piece.name } : undefined;
      return readValues({ path, before, rowBytes, blocks }, rows, part);
    };
    await read(piece.cost, piece.costFrom, costWidth, costBytes, piece.digests?.cost);
    await read(piece.probability, piece.probabilityFrom, 4, probabilityBytes, piece.digests?.probability);
  }
  const cost: Costs = costWidth === 8 ? new Float64Array(costBytes) : new Float32Array(costBytes);
  return { models, cost, successProbability: new Float32Array(probabilityBytes) };
}

/** A matrix in a file, and the digests that it must have. */
interface MatrixFile {
  path: string;
  /** Bytes before the first row. */
  before: number;
  rowBytes: number;
  blocks?: { digests: readonly string[]; rows: number; name: string };
}

/** Reads rows of a matrix; with digests, whole blocks of them. */
async function readValues(file: MatrixFile, { from, to }: Shard, into: Uint8Array): Promise<void> {
  const { path, before, rowBytes, blocks } = file;
  if (blocks === undefined) return readBytesAt(path, before + from * rowBytes, into);
  for (let block = Math.floor(from / DIGEST_ROWS); block * DIGEST_ROWS < to; block++) {
    const first = block * DIGEST_ROWS;
    const last = Math.min(blocks.rows, first + DIGEST_ROWS);
    const [begin, end] = [Math.max(from, first), Math.min(to, last)];
    const wanted = into.subarray((begin - from) * rowBytes, (end - from) * rowBytes);
    const isWhole = begin === first && end === last;
    const bytes = isWhole ? wanted : new Uint8Array((last - first) * rowBytes);
    await readBytesAt(path, before + first * rowBytes, bytes);
    checkBlock(path, bytes, first, blocks);
    if (!isWhole) wanted.set(bytes.subarray((begin - first) * rowBytes, (end - first) * rowBytes));
  }
}

function checkBlock(
  path: string,
  bytes: Uint8Array,
  first: number,
  { digests, name }: NonNullable<MatrixFile["blocks"]>,
): void {
  if (digestOf(bytes) === digests[first / DIGEST_ROWS]) return;
  const last = first + DIGEST_ROWS - 1;
  throw new InputError(
    `${oneLine(path)} is damaged: rows ${first} to ${last} are not those that were written; remove ${name}.json beside it, and resume the run`,
    { path, row: first },
  );
}
