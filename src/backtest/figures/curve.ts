import { InputError } from "../../errors.js";

/** Accuracy by cost: points of a router as its threshold moves, or of single models. */
export interface Curve {
  /** Dollars ≥ 0. */
  cost: Float64Array;
  /** 0 … 1. */
  accuracy: Float64Array;
}

/** Refuses a curve that is empty, ragged, or has a value that is not finite. */
export function checkCurve({ cost, accuracy }: Curve): void {
  if (cost.length === 0 || cost.length !== accuracy.length) {
    throw new InputError(
      `a curve of ${cost.length} costs and ${accuracy.length} accuracies; expected as many of each, at least one`,
      { field: "curve" },
    );
  }
  const wrong = cost.findIndex((c, k) => !Number.isFinite(c) || !Number.isFinite(accuracy[k]));
  if (wrong >= 0) {
    throw new InputError(`point ${wrong} of the curve is (${cost[wrong]}, ${accuracy[wrong]}); not finite`, {
      field: "curve",
      index: wrong,
    });
  }
}

/** The accuracy at a cost, on straight lines between points of rising cost; beyond an end, the accuracy of that end. */
export function accuracyAt({ cost, accuracy }: Curve, at: number): number {
  const last = cost.length - 1;
  if (at >= cost[last]) return accuracy[last];
  const k = cost.findIndex((c) => c > at);
  return k === 0 ? accuracy[0] : between(at, cost[k - 1], cost[k], accuracy[k - 1], accuracy[k]);
}

/**
 * The least cost at which the accuracy is reached, on straight lines between points of rising cost; `Infinity` if it
 * never is.
 */
export function costAt({ cost, accuracy }: Curve, at: number): number {
  const k = accuracy.findIndex((a) => a >= at);
  if (k < 0) return Infinity;
  return k === 0 ? cost[0] : between(at, accuracy[k - 1], accuracy[k], cost[k - 1], cost[k]);
}

/**
 * ∫ accuracy from one cost to another, on straight lines between points of rising cost; beyond an end, the accuracy of
 * that end.
 */
export function areaUnder({ cost, accuracy }: Curve, low: number, high: number): number {
  const isInside = (c: number): boolean => c > low && c < high;
  const corners = accuracy.filter((_, k) => isInside(cost[k]));
  return trapezoid(
    Float64Array.from([low, ...cost.filter(isInside), high]),
    Float64Array.from([
      accuracyAt({ cost, accuracy }, low),
      ...corners,
      accuracyAt({ cost, accuracy }, high),
    ]),
  );
}

/** The value at x of the straight line through (x0, y0) and (x1, y1), x0 < x1. */
export function between(x: number, x0: number, x1: number, y0: number, y1: number): number {
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}

/** ∫ y dx of points joined by straight lines. */
export function trapezoid(x: Float64Array, y: Float64Array): number {
  let area = 0;
  for (let k = 1; k < x.length; k++) area += (x[k] - x[k - 1]) * ((y[k] + y[k - 1]) / 2);
  return area;
}
