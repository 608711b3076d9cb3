import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { BLOCK_QUERIES } from "./neighbours.js";

/** What each row says: its labels, 0 for none, and then for each model whether there is one, or once 1 if none is missing. */
export interface Ballots {
  rows: number;
  models: number;
  isComplete: boolean;
  /** Numbers of a row, filled up with zeros to a multiple of four. */
  width: number;
  /** Rows × width. */
  value: Float32Array;
}

/** Of a fit: how the rows are weighed, ≥ 0, how many that have weight vote, and each model's rate. */
export interface Voters {
  weight: Float32Array;
  wanted: number;
  rate: Float64Array;
}

/** Counts the votes of `listed` rows near each query, for several fits at once; see `assembly/predict/votes.ts`. In memory of its own. */
export class VoteCount {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly at: Record<
    "near" | "closeness" | "weight" | "wanted" | "rate" | "ballot" | "scratch" | "out" | "isShort",
    number
  >;

  constructor(
    private readonly fits: readonly Voters[],
    private readonly ballots: Ballots,
    private readonly prior: number,
    private readonly listed: number,
    module = compileCore("release"),
  ) {
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    const { models, width, value } = ballots;
    this.at = {
      weight: arena.write(concat(fits.map(({ weight }) => weight))),
      wanted: arena.write(Uint32Array.from(fits, ({ wanted }) => wanted)),
      rate: arena.write(Float64Array.from(fits.flatMap(({ rate }) => [...rate]))),
      ballot: arena.write(value),
      near: arena.reserve(4 * BLOCK_QUERIES * listed),
      closeness: arena.reserve(8 * BLOCK_QUERIES * listed),
      scratch: arena.reserve(8 * listed + 4 * width),
      out: arena.reserve(4 * fits.length * BLOCK_QUERIES * models),
      isShort: arena.reserve(BLOCK_QUERIES),
    };
  }

  /**
   * `near`: listed rows of each of at most `BLOCK_QUERIES` queries, nearest first; `closeness`: how much the vote of each counts.
   * `probability`: of each fit its queries × models; `isShort`: 1 for queries with too few voters for some fit, of which these
   * say nothing. Valid until the next call. O(queries × fits × (listed + wanted × models)).
   */
  run(near: Uint32Array, closeness: Float64Array): { probability: Float32Array[]; isShort: Uint8Array } {
    const { arena, at, ballots, fits, kernels, listed, prior } = this;
    const { models, width, isComplete, rows } = ballots;
    const queries = near.length / listed;
    arena.u32(at.near, near.length).set(near);
    arena.f64(at.closeness, closeness.length).set(closeness);
    kernels.countVotes(
      at.near,
      at.closeness,
      queries,
      listed,
      at.weight,
      at.wanted,
      at.rate,
      prior,
      fits.length,
      rows,
      at.ballot,
      models,
      width,
      isComplete,
      at.scratch,
      at.out,
      at.isShort,
    );
    const size = queries * models;
    return {
      probability: fits.map((_, b) => arena.f32(at.out + 4 * b * size, size)),
      isShort: arena.u8(at.isShort, queries),
    };
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
