import { Replicates } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { Struct } from "../struct.js";

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

/** Means and deviations of the predictions of replicates: `assembly/predict/logOdds.ts`. It has its own memory. */
export class ReplicateMean {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly struct: Struct<typeof Replicates>;

  /** Without a voice there is one member, whose probabilities are used unchanged. */
  constructor(
    private readonly models: number,
    private readonly members: number,
    private readonly voice?: Voice,
    module = compileCore(),
  ) {
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    const period = 4 * models;
    const repeated = (values: readonly number[]) =>
      Float32Array.from({ length: period }, (_, i) => values[i % models]);
    const bytes = 4 * BLOCK_ROWS * models;
    this.struct = new Struct(arena, Replicates, {
      member: arena.reserve(members * bytes),
      members: voice === undefined ? 0 : members,
      weight: arena.write(Float32Array.from(voice?.weight ?? [])),
      base: arena.write(repeated(voice?.base ?? [])),
      slope: arena.write(repeated(voice?.slope ?? [])),
      period,
      origin: arena.reserve(bytes),
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
    const { arena, kernels, members, models, struct, voice } = this;
    const member = struct.get("member");
    const origin = struct.get("origin");
    for (let from = 0; from < out.length; from += BLOCK_ROWS * models) {
      const to = Math.min(from + BLOCK_ROWS * models, out.length);
      const values = Math.ceil((to - from) / 4) * 4;
      share.forEach((part, b) => {
        for (let k = 0; k < members; k++) {
          arena.f32(member + 4 * k * values, to - from).set(predicted[k][b].subarray(from, to));
        }
        kernels.addReplicate(struct.address, values, voice?.clip ?? 0, b === 0, part);
      });
      kernels.robustScores(struct.address, values, share.length, clipped(alpha));
      out.set(arena.f32(origin, to - from), from);
    }
  }
}

/** Keeps a number finite in float32: times a deviation of 0 it must be 0. */
function clipped(alpha: number): number {
  return Math.min(Math.max(alpha, -1e30), 1e30);
}
