import { InputError } from "../../errors.js";
import { between, trapezoid } from "./curve.js";

/** A router of two models: what share of the queries goes to the strong one, and the accuracy there. */
export interface CallCurve {
  /** 0 … 1, never falling. */
  strongShare: Float64Array;
  /** 0 … 1. */
  accuracy: Float64Array;
}

/** Accuracies of the two models alone. */
export interface ModelPair {
  weak: number;
  strong: number;
}

/**
 * Average performance gap recovered [Ong2024]: (area under the curve − area under the weak model) / (area under the
 * strong model − area under the weak model), areas over the share of strong calls that the curve covers: 0.5 for mixing
 * at random from share 0 to 1. Null where the strong model is not better or the curve covers no share.
 */
export function apgr(curve: CallCurve, { weak, strong }: ModelPair): number | null {
  checkCalls(curve);
  const { strongShare, accuracy } = curve;
  const width = strongShare[strongShare.length - 1] - strongShare[0];
  if (!(strong > weak && width > 0)) return null;
  return (trapezoid(strongShare, accuracy) - weak * width) / ((strong - weak) * width);
}

/**
 * Call-performance threshold CPT(x) [Ong2024]: the least share of strong calls at which the accuracy is
 * weak + x · (strong − weak), straight lines between points; null where it is never reached or the strong model is not
 * better.
 */
export function cpt(
  { strongShare, accuracy }: CallCurve,
  { weak, strong }: ModelPair,
  x: number,
): number | null {
  checkCalls({ strongShare, accuracy });
  const target = weak + x * (strong - weak);
  const k = accuracy.findIndex((a) => a >= target);
  if (k < 0 || strong <= weak) return null;
  return k === 0
    ? strongShare[0]
    : between(target, accuracy[k - 1], accuracy[k], strongShare[k - 1], strongShare[k]);
}

/**
 * The curve at the strong shares 0, 1/10 … 1, as RouteLLM's evaluation samples it with its default of 10 quantile
 * thresholds; of each the nearest point (ties: the smaller share). `results`: steps, a whole number ≥ 1.
 */
export function quantilePoints({ strongShare, accuracy }: CallCurve, results = 10): CallCurve {
  checkCalls({ strongShare, accuracy });
  const picked: number[] = [];
  let k = 0;
  for (let step = 0; step <= results; step++) {
    const distance = (i: number): number => Math.abs(strongShare[i] - step / results);
    while (k + 1 < strongShare.length && distance(k + 1) < distance(k)) k++;
    picked.push(k);
  }
  return {
    strongShare: Float64Array.from(picked, (i) => strongShare[i]),
    accuracy: Float64Array.from(picked, (i) => accuracy[i]),
  };
}

function checkCalls({ strongShare, accuracy }: CallCurve): void {
  if (strongShare.length === 0 || strongShare.length !== accuracy.length) {
    throw new InputError(
      `${strongShare.length} shares for ${accuracy.length} accuracies; expected as many, at least one`,
      { field: "curve" },
    );
  }
  const wrong = strongShare.findIndex(
    (x, k) => !(x >= 0 && x <= 1 && Number.isFinite(accuracy[k])) || x < strongShare[k - 1],
  );
  if (wrong < 0) return;
  throw new InputError(
    `point ${wrong} of the curve is (${strongShare[wrong]}, ${accuracy[wrong]}); expected shares 0 … 1 that never fall`,
    { field: "curve", index: wrong },
  );
}
