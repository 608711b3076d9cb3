import { Replicates } from "../../../assembly/layout.js";
import type { KeptView } from "../arena.js";
import { Struct } from "../struct.js";
import { predictSpace, type PredictSpace } from "./space.js";

/** How members are combined: σ(base + slope · Σ weight · log-odds), with a base and a slope per model and a weight per member. */
export interface Voice {
  weight: readonly number[];
  base: readonly number[];
  slope: readonly number[];
  /** Probabilities are kept this far from 0 and 1 before their log-odds are taken. */
  clip: number;
}

/** Rows of one kernel call: the sums stay in the cache. */
const BLOCK_ROWS = 256;

/** Means and deviations of the predictions of replicates: `assembly/predict/logOdds.ts`. */
export class ReplicateMean {
  private readonly struct: Struct<typeof Replicates>;
  private readonly member: KeptView<"f32">;
  private readonly origin: KeptView<"f32">;

  /** Without a voice there is one member, whose probabilities are used unchanged. */
  constructor(
    private readonly models: number,
    private readonly members: number,
    private readonly voice?: Voice,
    private readonly space: PredictSpace = predictSpace(),
  ) {
    const { arena } = space;
    const period = 4 * models;
    const repeated = (values: readonly number[]) =>
      Float32Array.from({ length: period }, (_, i) => values[i % models]);
    const bytes = 4 * BLOCK_ROWS * models;
    this.member = arena.kept("f32", members * BLOCK_ROWS * models);
    this.origin = arena.kept("f32", BLOCK_ROWS * models);
    this.struct = new Struct(arena, Replicates, {
      member: this.member.address,
      members: voice === undefined ? 0 : members,
      weight: arena.write(Float32Array.from(voice?.weight ?? [])),
      base: arena.write(repeated(voice?.base ?? [])),
      slope: arena.write(repeated(voice?.slope ?? [])),
      period,
      origin: this.origin.address,
      mean: arena.reserve(bytes),
      sum: arena.reserve(bytes),
      squares: arena.reserve(bytes),
    });
  }

  /**
   * `predicted[k][b]`: probabilities of member k of replicate b, rows × models; `share[b]`: the weight of replicate b; the
   * weights add up to 1. Writes the mean plus `alpha` times the population standard deviation, clipped to 0 … 1.
   * O(rows × models × replicates × members).
   */
  run(
    predicted: readonly Float32Array[][],
    share: readonly number[],
    alpha: number,
    out: Float32Array,
  ): void {
    const { members, models, struct, voice } = this;
    const { kernels } = this.space;
    const member = this.member.view;
    const origin = this.origin.view;
    for (let from = 0; from < out.length; from += BLOCK_ROWS * models) {
      const to = Math.min(from + BLOCK_ROWS * models, out.length);
      const values = Math.ceil((to - from) / 4) * 4;
      share.forEach((part, b) => {
        for (let k = 0; k < members; k++) {
          copy(predicted[k][b], from, to, member, k * values);
        }
        kernels.addReplicate(struct.address, values, voice?.clip ?? 0, b === 0, part);
      });
      kernels.robustScores(struct.address, values, share.length, clipped(alpha));
      copy(origin, 0, to - from, out, from);
    }
  }
}

function copy(source: Float32Array, from: number, to: number, target: Float32Array, at: number): void {
  for (let i = from; i < to; i++) target[at + i - from] = source[i];
}

/** Keeps a number finite in float32: times a deviation of 0 it must be 0. */
function clipped(alpha: number): number {
  return Math.min(Math.max(alpha, -1e30), 1e30);
}
