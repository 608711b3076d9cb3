import { Votes } from "../../../assembly/layout.js";
import type { KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";
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

/** Counts the votes of the rows near each query for several fits at once: `assembly/predict/votes.ts`. */
export class VoteCount {
  private readonly struct: Struct<typeof Votes>;
  private readonly near: KeptView<"u32">;
  private readonly closeness: KeptView<"f64">;
  private readonly out: KeptView<"f32">;
  private readonly isShort: KeptView<"u8">;

  /** `prior`: the number of votes that a fit's rate counts for; `block`: the most rows that one call lists. */
  constructor(
    fits: readonly Voters[],
    { rows, models, width, isComplete, value }: Ballots,
    private readonly prior: number,
    block: number,
    private readonly space: PredictSpace = predictSpace(),
  ) {
    const { arena } = space;
    this.near = arena.kept("u32", block);
    this.closeness = arena.kept("f64", block);
    this.out = arena.kept("f32", fits.length * BLOCK_QUERIES * models);
    this.isShort = arena.kept("u8", BLOCK_QUERIES);
    this.struct = new Struct(arena, Votes, {
      near: this.near.address,
      closeness: this.closeness.address,
      listed: 0,
      weight: arena.write(concat(fits.map(({ weight }) => weight))),
      wanted: arena.write(Uint32Array.from(fits, ({ wanted }) => wanted)),
      rate: arena.write(Float64Array.from(fits.flatMap(({ rate }) => [...rate]))),
      fits: fits.length,
      rows,
      ballot: arena.write(value),
      models,
      width,
      isComplete: Number(isComplete),
      scratch: arena.reserve(8 * rows + 4 * width),
      out: this.out.address,
      isShort: this.isShort.address,
    });
  }

  /**
   * `near`: the listed rows of at most `BLOCK_QUERIES` queries, nearest first; `closenessOf(i)`: how much the vote of `near[i]`
   * counts. Returns `probability`, fits × queries × models, and `isShort`: 1 for queries with too few voters for some fit,
   * whose probabilities are not valid. Both are the beginning of arrays that stay valid until the next call. O(queries × fits ×
   * (listed + wanted × models)).
   */
  run(
    near: Uint32Array,
    closenessOf: (i: number) => number,
    queries: number,
    listed: number,
  ): { probability: Float32Array; isShort: Uint8Array } {
    const rows = this.near.view;
    const closeness = this.closeness.view;
    for (let i = 0; i < queries * listed; i++) {
      rows[i] = near[i];
      closeness[i] = closenessOf(i);
    }
    this.struct.set({ listed });
    this.space.kernels.countVotes(this.struct.address, queries, this.prior);
    return { probability: this.out.view, isShort: this.isShort.view };
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
