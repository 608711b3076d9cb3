import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileDigest } from "../../text/digest.js";
import { readError } from "../../text/fileError.js";
import { allocationRows } from "../../write/allocation.js";
import { writeOut } from "../../write/file.js";
import { exportAllocation } from "../../write/targets/exportAllocation.js";
import { readBytesAt } from "../files.js";
import { pieceName, type Piece } from "../pieces/piece.js";
import { checkInput, readRun, writeJson } from "../run.js";
import { readRows, readTable, type Table } from "../table.js";

/** A part of the allocation that was written. */
export interface Emitted {
  /** Below the run's folder. */
  file: string;
  rows: number;
  sha256?: string;
  /** Requests in batch files, below `batches/`. */
  requests?: number;
}

/** One model index per query of the whole work. */
export function allocationPath(folder: string): string {
  return join(folder, "allocation.u8");
}

/** The step `emit`: writes the allocation of a piece, and its batch files, then the file that says so. */
export async function emit(folder: string, piece: Piece, output: string): Promise<void> {
  const run = await readRun(folder);
  const table = await readTable(folder);
  const name = pieceName(piece);
  const place = table.pieces.find((other) => other.name === name)!;
  const { first, rows } = place;
  const input = run.files[piece.file];
  const problem = await readRows(table, { from: first, to: first + rows });
  const allocation = new Uint8Array(rows);
  await readBytesAt(allocationPath(folder), first, allocation);
  // As on one machine, rows of matrices count from 0 and rows of files from 1.
  const ids = await idsOf(place, input.probability === undefined ? place.numbered + 1 : first);
  const file = join("allocation", `part-${name}.${run.format}`);
  await mkdir(join(folder, "allocation"), { recursive: true });
  await writeOut(join(folder, file), allocationRows({ ...problem, ids, allocation }, run.format));
  const requests = run.export && (rows === 0 ? 0 : await exportPiece());
  await mkdir(join(folder, "emitted"), { recursive: true });
  const emitted: Emitted = { file, rows, sha256: await fileDigest(join(folder, file)), requests };
  await writeJson(output, emitted);

  async function exportPiece(): Promise<number> {
    await checkInput(input);
    const cost = Float64Array.from(allocation, (m, q) => problem.cost[q * table.models.length + m]);
    const target = join(folder, "batches", name);
    await mkdir(join(folder, "batches"), { recursive: true });
    // A first attempt may have ended after its folder was there.
    await rm(target, { recursive: true, force: true });
    // A batch folder is of one file, whose rows without names count from 1.
    const own = place.names === undefined ? await idsOf(place, 1) : ids;
    const plan = { ids: own, models: table.models, allocation, cost };
    const { sentAs, ...limits } = run.batchFiles ?? {};
    const options = { ...limits, sentAs: new Map(sentAs), skipBadRows: run.skipBadRows };
    return (await exportAllocation(run.export!, plan, input.path, target, options)).requests;
  }
}

/** The names of rows: those of a file, or their numbers. `from`: the number of the first row of the piece. */
async function idsOf({ names, numbers, rows }: Table["pieces"][number], from: number): Promise<string[]> {
  if (names !== undefined) return linesOf(names.ids, rows);
  if (numbers === undefined) return Array.from({ length: rows }, (_, q) => String(from + q));
  return (await linesOf(numbers, rows)).map((number) => String(from + Number(number) - 1));
}

async function linesOf(path: string, rows: number): Promise<string[]> {
  try {
    const text = await readFile(path, "utf8");
    return text
      .split("\n")
      .slice(0, rows)
      .map((line) => JSON.parse(line) as string);
  } catch (error) {
    throw readError(error, path);
  }
}
