import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";

/** How members speak together: σ(base + slope · Σ weight · log-odds), base and slope one a model, weight one a member. */
export interface Voice {
  weight: readonly number[];
  base: readonly number[];
  slope: readonly number[];
  /** Probabilities are held this far from 0 and 1 while their log-odds are looked at. */
  clip: number;
}

/** Rows of one crossing: what is added up stays in the cache. */
const BLOCK_ROWS = 256;

/** Means and deviations of replicates' predictions; see `assembly/predict/logOdds.ts`. In memory of its own. */
export class ReplicateMean {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly period: number;
  private readonly at: Record<
    "member" | "weight" | "base" | "slope" | "origin" | "mean" | "sum" | "squares",
    number
  >;

  /** Without a voice there is one member, whose probabilities stand as they are. */
  constructor(
    private readonly models: number,
    private readonly members: number,
    private readonly voice?: Voice,
    module = compileCore("release"),
  ) {
    this.kernels = instantiateCore(module);
    const arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    this.arena = arena;
    this.period = 4 * models;
    const overAndOver = (of: readonly number[]) =>
      Float32Array.from({ length: this.period }, (_, i) => of[i % models]);
    const bytes = 4 * BLOCK_ROWS * models;
    this.at = {
      weight: arena.write(Float32Array.from(voice?.weight ?? [])),
      base: arena.write(overAndOver(voice?.base ?? [])),
      slope: arena.write(overAndOver(voice?.slope ?? [])),
      origin: arena.reserve(bytes),
      mean: arena.reserve(bytes),
      sum: arena.reserve(bytes),
      squares: arena.reserve(bytes),
      member: arena.reserve(members * bytes),
    };
  }

  /**
   * `predicted[k][b]`: probabilities of member k of replicate b, rows × models; `share[b]`: how much the replicate counts,
   * together 1. Writes their mean plus `alpha` times their population standard deviation, held between 0 and 1.
   * O(rows × models × replicates × members).
   */
  run(
    predicted: readonly Float32Array[][],
    share: readonly number[],
    alpha: number,
    out: Float32Array,
  ): void {
    const { at, arena, kernels, members, models, period, voice } = this;
    for (let from = 0; from < out.length; from += BLOCK_ROWS * models) {
      const to = Math.min(from + BLOCK_ROWS * models, out.length);
      const values = Math.ceil((to - from) / 4) * 4;
      share.forEach((part, b) => {
        for (let k = 0; k < members; k++) {
          arena.f32(at.member + 4 * k * values, to - from).set(predicted[k][b].subarray(from, to));
        }
        kernels.addReplicate(
          at.member,
          voice === undefined ? 0 : members,
          values,
          at.weight,
          voice?.clip ?? 0,
          at.base,
          at.slope,
          period,
          b === 0,
          part,
          at.origin,
          at.mean,
          at.sum,
          at.squares,
        );
      });
      kernels.robustScores(at.origin, at.mean, at.sum, at.squares, values, share.length, held(alpha));
      out.set(arena.f32(at.origin, to - from), from);
    }
  }
}

/** As a float32 that is no infinity: times a deviation of 0 it is 0. */
function held(alpha: number): number {
  return Math.min(Math.max(alpha, -1e30), 1e30);
}
