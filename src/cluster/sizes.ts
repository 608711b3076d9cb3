import { shardRows } from "../pool/jobs.js";

/** How many parts small work is cut into at least, so that some workers end a step at about the same time. */
const PIECES = 32;
const SHARDS = 16;

const LEAST_PIECE = 32 * 2 ** 20;
const MOST_PIECE = 128 * 2 ** 20;
const MOST_SHARD = 2_000_000;

/** Bytes above which a file of some work is cut, where none are asked for. */
export function defaultPieceBytes(files: readonly { bytes: number }[]): number {
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return Math.min(MOST_PIECE, Math.max(LEAST_PIECE, Math.ceil(all / PIECES)));
}

/** Rows of a shard: whole shards of the solver. `atLeast`: what is asked for; undefined: as few as still make `SHARDS`. */
export function rowsOfShard(
  { rows, models }: { rows: number; models: readonly string[] },
  atLeast: number | undefined,
): number {
  const unit = shardRows(models.length);
  if (atLeast !== undefined) return Math.ceil(atLeast / unit) * unit;
  return unit * Math.max(1, Math.floor(Math.min(MOST_SHARD, rows / SHARDS) / unit));
}
