import type { Matrices } from "../../core/solve/block.js";
import { placesOf, POWERS } from "../../decimal.js";
import type { Front } from "../front.js";
import { partsOf } from "../input.js";
import { isAllowed } from "../problem.js";

/** Relative: far above the rounding of a few operations. */
const NEAR = 2 ** -48;

/**
 * Whether an allocation takes for every query a model of largest probability − λ · cost, which proves that no allocation is
 * both as cheap and more accurate, or as accurate and cheaper [Everett1963]. In float64 where that decides, otherwise in
 * exact fractions. One pass. O(queries × models).
 */
export async function isBestAt(
  { problem }: Pick<Front, "problem">,
  allocation: Uint8Array,
  lambda: number,
  signal?: AbortSignal,
): Promise<boolean> {
  for await (const { matrices, first, queries } of partsOf(problem, signal)) {
    const isBest = judge(matrices, lambda);
    for (let q = 0; q < queries; q++) if (!isBest(q, allocation[first + q])) return false;
  }
  return true;
}

function judge(matrices: Matrices, lambda: number): (query: number, own: number) => boolean {
  const { models, cost, successProbability: probability } = matrices;
  const mayAnswer = isAllowed(matrices);
  const isExactlyWorse = exactly(cost instanceof Float64Array, lambda);
  return (query, own) => {
    const at = query * models + own;
    for (let m = 0; m < models; m++) {
      const other = query * models + m;
      const dGain = probability[other] - probability[at];
      const dCost = cost[other] - cost[at];
      if ((dGain <= 0 && dCost >= 0) || !mayAnswer(query, m)) continue;
      if (lambda === Infinity) {
        if (dCost <= 0) return false;
        continue;
      }
      const value = dGain - lambda * dCost;
      const near = NEAR * (Math.abs(dGain) + lambda * (cost[other] + cost[at]));
      if (value < -near) continue;
      if (value > near) return false;
      if (!isExactlyWorse(dGain, cost[other], cost[at])) return false;
    }
    return true;
  };
}

/** Whether dGain ≤ λ · (cost − own) in exact arithmetic. Like cases come in numbers: the last ones are remembered. */
function exactly(isDecimal: boolean, lambda: number) {
  const known = new Map<string, boolean>();
  const price = fraction(Number.isFinite(lambda) ? lambda : 0, false);
  return (dGain: number, cost: number, own: number): boolean => {
    const key = `${dGain} ${cost} ${own}`;
    let answer = known.get(key);
    if (answer === undefined) {
      // The difference of two float32 is exact in float64 unless they are far apart; then it is far from a tie.
      const gain = fraction(dGain, false);
      const [a, b] = [fraction(cost, isDecimal), fraction(own, isDecimal)];
      const difference = a.over * b.under - b.over * a.under;
      answer = gain.over * price.under * a.under * b.under <= price.over * difference * gain.under;
      if (known.size > 10_000) known.clear();
      known.set(key, answer);
    }
    return answer;
  };
}

/** A float64 as a fraction of whole numbers: the decimal of up to 15 digits that it stands for, or else its bits. */
function fraction(value: number, isDecimal: boolean): { over: bigint; under: bigint } {
  const places = isDecimal ? placesOf(value) : -1;
  if (places >= 0) return { over: BigInt(Math.round(value * POWERS[places])), under: 10n ** BigInt(places) };
  let under = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    under *= 2n;
  }
  return { over: BigInt(scaled), under };
}
