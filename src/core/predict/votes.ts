import { Votes } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { Struct } from "../struct.js";
import { BLOCK_QUERIES } from "./neighbours.js";

/** Per row: the labels (0 if missing), then a mask per model, or a single 1 if none is missing. */
export interface Ballots {
  rows: number;
  models: number;
  isComplete: boolean;
  /** Numbers per row, padded with zeros to a multiple of four. */
  width: number;
  /** Rows × width. */
  value: Float32Array;
}

/** The voters of a fit: the weights of all rows (≥ 0), how many of those with weight vote, and the rate of each model. */
export interface Voters {
  weight: Float32Array;
  wanted: number;
  rate: Float64Array;
}

/** Counts the votes of the rows near each query for several fits at once: `assembly/predict/votes.ts`. It has its own memory. */
export class VoteCount {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly struct: Struct<typeof Votes>;

  /** `prior`: the number of votes that a fit's rate counts for; `listed`: the rows near each query. */
  constructor(
    private readonly fits: readonly Voters[],
    private readonly ballots: Ballots,
    private readonly prior: number,
    private readonly listed: number,
    module = compileCore(),
  ) {
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    const { rows, models, width, isComplete, value } = ballots;
    this.struct = new Struct(arena, Votes, {
      near: arena.reserve(4 * BLOCK_QUERIES * listed),
      closeness: arena.reserve(8 * BLOCK_QUERIES * listed),
      listed,
      weight: arena.write(concat(fits.map(({ weight }) => weight))),
      wanted: arena.write(Uint32Array.from(fits, ({ wanted }) => wanted)),
      rate: arena.write(Float64Array.from(fits.flatMap(({ rate }) => [...rate]))),
      fits: fits.length,
      rows,
      ballot: arena.write(value),
      models,
      width,
      isComplete: Number(isComplete),
      scratch: arena.reserve(8 * listed + 4 * width),
      out: arena.reserve(4 * fits.length * BLOCK_QUERIES * models),
      isShort: arena.reserve(BLOCK_QUERIES),
    });
  }

  /**
   * `near`: the listed rows of at most `BLOCK_QUERIES` queries, nearest first; `closeness`: how much the vote of each counts.
   * Returns `probability`, queries × models per fit, and `isShort`: 1 for queries with too few voters for some fit, whose
   * probabilities are not valid. Both stay valid until the next call. O(queries × fits × (listed + wanted × models)).
   */
  run(near: Uint32Array, closeness: Float64Array): { probability: Float32Array[]; isShort: Uint8Array } {
    const { arena, fits, kernels, prior, struct } = this;
    const queries = near.length / this.listed;
    arena.u32(struct.get("near"), near.length).set(near);
    arena.f64(struct.get("closeness"), closeness.length).set(closeness);
    kernels.countVotes(struct.address, queries, prior);
    const out = struct.get("out");
    const size = queries * this.ballots.models;
    return {
      probability: fits.map((_, b) => arena.f32(out + 4 * b * size, size)),
      isShort: arena.u8(struct.get("isShort"), queries),
    };
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
