import { join } from "node:path";
import { InputError } from "../errors.js";
import { shardRows } from "../pool/jobs.js";
import { readNpyHead } from "../rows/npy.js";
import { oneLine, shown } from "../text/shown.js";
import type { Costs, Problem } from "../types.js";
import { exists, readBytesAt } from "./files.js";
import { readJson, writeJson, type Piece, type Run } from "./run.js";

/** What one piece became: matrices in files. */
export interface PieceInfo {
  /** The input. */
  path: string;
  rows: number;
  models: string[];
  /** Paths of `.npy` files, queries × models. */
  cost: string;
  probability: string;
  /** A file with a JSON string on each line; undefined: rows are named by their number in the whole work. */
  ids?: string;
  /** Models with a recorded cost in this piece: which costs are predicted depends on them. */
  recorded?: string[];
  /** How much less accurate than the best single model an allocation that matches it may be, 0 … 1; undefined: 0. */
  within?: number;
  notes: string[];
  /** SHA-256 of the input, where it was read. */
  digest?: string;
}

/** Where the rows of a piece are in the whole work, and where their values are in files. */
interface PlacedPiece extends PieceInfo {
  /** Index of its first row. */
  first: number;
  /** Bytes before the first value, and bytes of a cost. */
  costFrom: number;
  costWidth: 4 | 8;
  probabilityFrom: number;
}

/** The whole work as matrices in files. */
export interface Table {
  models: string[];
  rows: number;
  pieces: PlacedPiece[];
}

/** Consecutive rows that are solved by one job. */
export interface Shard {
  from: number;
  to: number;
}

/** The file that says that a piece is done, and what it became. */
export function infoPath(folder: string, piece: number): string {
  return join(folder, "pieces", `${nameOf(piece)}.json`);
}

export function nameOf(k: number): string {
  return String(k).padStart(5, "0");
}

/** The table of a run whose pieces are done: made once, then read from `table.json`. */
export async function tableOf(folder: string, { pieces }: Pick<Run, "pieces">): Promise<Table> {
  const path = join(folder, "table.json");
  if (await exists(path)) return readTable(folder);
  const placed: PlacedPiece[] = [];
  let first = 0;
  for (const [k, piece] of pieces.entries()) {
    const info = await readJson<PieceInfo>(infoPath(folder, k), () => {
      throw new InputError(`${oneLine(piece.path)} is not done yet`, { piece: k });
    });
    const [cost, probability] = [await readNpyHead(info.cost), await readNpyHead(info.probability)];
    checkShape(piece, info, cost, probability);
    if (k > 0) checkAlike(piece, info, pieces[0], placed[0], cost.width);
    placed.push({
      ...info,
      first,
      costFrom: cost.from,
      costWidth: cost.width,
      probabilityFrom: probability.from,
    });
    first += info.rows;
  }
  const table = { models: placed[0].models, rows: first, pieces: placed };
  await writeJson(path, table);
  return table;
}

export function readTable(folder: string): Promise<Table> {
  return readJson<Table>(join(folder, "table.json"), () => {
    throw new InputError(`${oneLine(folder)} has no table of its pieces yet`, { folder });
  });
}

type Head = Awaited<ReturnType<typeof readNpyHead>>;

function checkShape({ path }: Piece, { models, rows }: PieceInfo, cost: Head, probability: Head): void {
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
function checkAlike(
  { path }: Piece,
  { models, recorded }: PieceInfo,
  first: Piece,
  { models: before, recorded: known, costWidth }: PlacedPiece,
  width: number,
): void {
  const refuse = (what: string, there: unknown, here: unknown): never => {
    throw new InputError(
      `${oneLine(path)} has ${what} ${shown(here)}, ${oneLine(first.path)} has ${shown(there)}; the files are one table`,
      { path },
    );
  };
  if (models.join("\n") !== before.join("\n")) refuse("models", before, models);
  if (known?.join("\n") !== recorded?.join("\n")) refuse("recorded costs of", known, recorded);
  if (width !== costWidth) refuse("costs of bytes", costWidth, width);
}

/** Cuts rows into shards, each but the last a whole number of shards of the solver. */
export function shardsOf({ models, rows }: Table, atLeast: number): Shard[] {
  const unit = shardRows(models.length);
  const size = Math.ceil(atLeast / unit) * unit;
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, k) => ({ from: k * size, to: Math.min(rows, (k + 1) * size) }));
}

/** Reads consecutive rows. */
export async function readRows({ models, pieces }: Table, { from, to }: Shard): Promise<Problem> {
  const width = models.length;
  const wide = pieces[0].costWidth;
  const costBytes = new ArrayBuffer((to - from) * width * wide);
  const probabilityBytes = new ArrayBuffer((to - from) * width * 4);
  for (const piece of pieces) {
    const [begin, end] = [Math.max(from, piece.first), Math.min(to, piece.first + piece.rows)];
    if (begin >= end) continue;
    const read = (path: string, before: number, bytes: number, into: ArrayBuffer): Promise<void> => {
      const [at, row] = [begin - from, width * bytes];
      const part = new Uint8Array(into, at * row, (end - begin) * row);
      return readBytesAt(path, before + (begin - piece.first) * row, part);
    };
    await read(piece.cost, piece.costFrom, wide, costBytes);
    await read(piece.probability, piece.probabilityFrom, 4, probabilityBytes);
  }
  const cost: Costs = wide === 8 ? new Float64Array(costBytes) : new Float32Array(costBytes);
  return { models, cost, successProbability: new Float32Array(probabilityBytes) };
}
