import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Asked, PassKind } from "../solve/pass.js";
import { countInShard } from "./steps/countInShard.js";
import { emit } from "./steps/emit.js";
import { passOfShard } from "./steps/passOfShard.js";
import { predictPiece } from "./steps/predictPiece.js";
import { splitFile } from "./steps/split.js";
import { infoPath, nameOf, pieceLabel, pieceName, type Piece } from "./pieces/piece.js";
import { splitPath } from "./pieces/split.js";
import type { Shard } from "./table.js";

/** Work on one piece or shard of a run: paths and numbers, as a queue carries them. */
export type Task =
  | { step: "split"; folder: string; file: number; rows: number }
  | { step: "predict"; folder: string; piece: Piece; rows: number }
  | ({ step: "pass"; folder: string; shard: number; asked: AskedText; rows: number } & Shard)
  | ({ step: "count"; folder: string; shard: number; prices: string; rows: number } & Shard)
  | { step: "emit"; folder: string; piece: Piece; rows: number };

/** What is asked of all rows, as text: JSON has no Infinity. */
export type AskedText = string;

export function askedText(asked: Asked<PassKind>): AskedText {
  return JSON.stringify(asked, (_, value: unknown) => (value === Infinity ? "Infinity" : value));
}

function askedOf(text: AskedText): Asked<PassKind> {
  const asked = JSON.parse(text, (_, value: unknown) => (value === "Infinity" ? Infinity : value));
  return asked as Asked<PassKind>;
}

/** What a step is called for people. */
export function stepName(task: Task): string {
  return task.step === "pass" ? PASSES[askedOf(task.asked).kind] : task.step;
}

const PASSES: Record<PassKind, string> = { sumHulls: "hull", bracket: "boundary", allocate: "allocate" };

/** Steps whose work is counted in bytes of the inputs: rows are not known before they are read. */
export const STEPS_IN_BYTES: readonly string[] = ["split", "predict"];

/** Whether a step, by its name, is one of them. */
export function isCountedInBytes(step: string): boolean {
  return STEPS_IN_BYTES.includes(step);
}

/** What its part of the work is called for people: a file, a part of one, or a shard. */
export function partLabel(task: Task): string {
  switch (task.step) {
    case "split":
      return `${task.file}`;
    case "pass":
    case "count":
      return `${task.shard}`;
    case "predict":
    case "emit":
      return pieceLabel(task.piece);
  }
}

/** The file whose presence says that a task is done. It depends on the task alone: a second run writes the same bytes. */
export function outputOf(task: Task): string {
  switch (task.step) {
    case "split":
      return splitPath(task.folder, task.file);
    case "predict":
      return infoPath(task.folder, task.piece);
    case "pass":
      return join(task.folder, "passes", passName(task.asked), `${nameOf(task.shard)}.bin`);
    case "count":
      return join(task.folder, "passes", task.prices, `${nameOf(task.shard)}.bin`);
    case "emit":
      return join(task.folder, "emitted", `${pieceName(task.piece)}.json`);
  }
}

/** The prices that a task counts at. */
export function pricesPath({ folder, prices }: { folder: string; prices: string }): string {
  return join(folder, "passes", prices, "prices.bin");
}

function passName(asked: AskedText): string {
  const { kind } = askedOf(asked);
  return `${PASSES[kind]}-${createHash("sha256").update(asked).digest("hex").slice(0, 12)}`;
}

/** A name of a task that is unique among all runs, for a queue: ids hold no ":". */
export function idOf(task: Task): string {
  return createHash("sha256").update(outputOf(task)).digest("hex").slice(0, 32);
}

/** Runs a task: files in, files out. */
export async function runTask(task: Task): Promise<void> {
  switch (task.step) {
    case "split":
      return splitFile(task.folder, task.file, outputOf(task));
    case "predict":
      return predictPiece(task.folder, task.piece, outputOf(task));
    case "pass":
      return passOfShard(task.folder, task, askedOf(task.asked), outputOf(task));
    case "count":
      return countInShard(task.folder, task, pricesPath(task), outputOf(task));
    case "emit":
      return emit(task.folder, task.piece, outputOf(task));
  }
}
