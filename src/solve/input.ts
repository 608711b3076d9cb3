import type { Matrices } from "../core/solve/block.js";
import { InputError } from "../errors.js";
import { breathe } from "../pool/breathe.js";
import { shardRows } from "../pool/jobs.js";
import type { Pool } from "../pool/pool.js";
import type { Block, BlockSource, Problem } from "../types.js";
import { inShards } from "./inShards.js";
import { addWeights, checkShape, checkWeight, matricesOf, shareProblem } from "./problem.js";

/** A problem to solve: matrices in memory, or blocks of rows that are read again for every pass. */
export type SolveInput = Problem | BlockSource;

/** Consecutive queries of an input. */
export interface InputPart {
  matrices: Matrices;
  /** Index of its first query in the whole input. */
  first: number;
  queries: number;
  /** Total weight of the input up to its last query, added one after another. */
  weight: number;
}

export function isStreamed(input: SolveInput): input is BlockSource {
  return "blocks" in input;
}

/** The input in shared memory, for a pool's threads. Without a pool, or if streamed, it is returned unchanged. */
export function readyFor(pool: Pool | undefined, input: SolveInput): SolveInput {
  return pool === undefined || isStreamed(input) ? input : shareProblem(input);
}

/**
 * The parts of an input in order: a problem in memory is one part; the rows of a stream come in whole shards, whatever its
 * blocks are, so that sums are the same to the bit. Throws `InputError` for a wrong shape.
 */
export async function* partsOf(input: SolveInput, signal?: AbortSignal): AsyncGenerator<InputPart> {
  let first = 0;
  let weight = 0;
  const partOf = (rows: Block & { models: string[] }): InputPart => {
    const queries = rows.cost.length / input.models.length;
    weight = addWeights(rows, weight);
    const part = { matrices: matricesOf(rows), first, queries, weight };
    first += queries;
    return part;
  };
  if (isStreamed(input)) {
    for await (const rows of inShards(blocksOf(input, signal), shardRows(input.models.length))) {
      await breathe(signal);
      yield partOf({ ...rows, models: input.models });
    }
    if (first === 0) throw new InputError("the source has no rows", { field: "blocks" });
  } else {
    checkShape(input);
    yield partOf(input);
  }
  checkWeight(weight);
}

/** The blocks of a source that have rows, with their shapes checked. */
export async function* blocksOf(
  source: BlockSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Block & { models: string[] }> {
  const { models } = source;
  for await (const block of source.blocks()) {
    signal?.throwIfAborted();
    if (block.cost.length > 0) checkShape({ ...block, models });
    if (block.cost.length > 0) yield { ...block, models };
  }
}
