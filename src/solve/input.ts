import type { Matrices } from "../core/solve/block.js";
import { InputError } from "../errors.js";
import type { Pool } from "../pool/pool.js";
import type { Block, BlockSource, Problem } from "../types.js";
import { checkShape, matricesOf, shareProblem, totalWeight } from "./problem.js";

/** A problem to solve: matrices in memory, or blocks of rows that are read again for every pass. */
export type SolveInput = Problem | BlockSource;

/** Consecutive queries of an input. */
export interface InputPart {
  matrices: Matrices;
  /** Index of its first query in the whole input. */
  first: number;
  queries: number;
  weight: number;
}

export function isStreamed(input: SolveInput): input is BlockSource {
  return "blocks" in input;
}

/** The input in shared memory, for a pool's threads. Without a pool, or if streamed, it is returned unchanged. */
export function readyFor(pool: Pool | undefined, input: SolveInput): SolveInput {
  return pool === undefined || isStreamed(input) ? input : shareProblem(input);
}

/** The parts of an input in order: a problem in memory is one part. Throws `InputError` for a wrong shape. */
export async function* partsOf(input: SolveInput, signal?: AbortSignal): AsyncGenerator<InputPart> {
  if (!isStreamed(input)) {
    yield partOf(input, 0);
    return;
  }
  let first = 0;
  for await (const block of input.blocks()) {
    signal?.throwIfAborted();
    const part = partOf({ ...block, models: input.models }, first);
    yield part;
    first += part.queries;
  }
  if (first === 0) throw new InputError("the source has no rows", { field: "blocks" });
}

function partOf(rows: Block & { models: string[] }, first: number): InputPart {
  const queries = checkShape(rows);
  return { matrices: matricesOf(rows), first, queries, weight: totalWeight(rows) };
}
