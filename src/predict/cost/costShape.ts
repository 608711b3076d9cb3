import { fitNonNegative, sumOf } from "./linearFit.js";
import type { FitRidge, Matrix, Ridge } from "./ridge.js";

/** Dollars or tokens of a query: (constant + slope · size) · e^correction, as plain data. */
export interface Shape {
  constant: number;
  /** Per unit of the prompt's size. */
  slope: number;
  /** Correction of the logarithm from the dense features; clipped to the range seen in fitting. */
  correction?: Ridge & { least: number; most: number };
}

/** The data that forms are fitted to. */
export interface Ground {
  /** For all queries: the prompt's size, and the dense features. */
  size: Float64Array;
  dense: Matrix;
  /** The queries that take part. */
  rows: Uint32Array;
  /** A ridge on them. */
  ridge: () => FitRidge;
}

/**
 * The forms that can be fitted, simplest first: the mean, linear in the prompt's size, and that corrected by the
 * features.
 */
export type Form = { name: "mean" } | { name: "length" } | { name: "ridge"; strength: number };
export const FORMS: readonly Form[] = [
  { name: "mean" },
  { name: "length" },
  ...[10, 1, 0.1].map((strength) => ({ name: "ridge" as const, strength })),
];

/** Before the logarithm, values are raised to this share of the linear fit: a cost of 0 has no logarithm. */
const LEAST_SHARE = 0.01;

/** Fits one form to `y` ≥ 0, one a row of the ground; the fitted values add up to those of `y`. */
export function fitShape(form: Form, y: Float64Array, { size, dense, rows, ridge }: Ground): Shape {
  const total = sumOf(y);
  if (form.name === "mean" || total === 0) return { constant: total / y.length, slope: 0 };
  const sizes = Float64Array.from(rows, (q) => size[q]);
  const [constant, slope] = fitNonNegative(new Float64Array(y.length).fill(1), sizes, y);
  const shape: Shape = { constant, slope };
  if (form.name === "ridge") {
    const least = (LEAST_SHARE * total) / y.length;
    const target = y.map((actual, r) => {
      const linear = Math.max(least, constant + slope * sizes[r]);
      return Math.log(Math.max(LEAST_SHARE, actual / linear));
    });
    const [lowest, highest] = rangeOf(target);
    shape.correction = { ...ridge()(target, form.strength), least: lowest, most: highest };
  }
  const fitted = sumOf(Float64Array.from(rows, (q) => valueOf(shape, size[q], dense, q)));
  if (!(fitted > 0)) return { constant: total / y.length, slope: 0 };
  return { ...shape, constant: (constant * total) / fitted, slope: (slope * total) / fitted };
}

/** The value for one query, from its size and its row of the dense features. */
export function valueOf(
  { constant, slope, correction }: Shape,
  size: number,
  dense: Matrix,
  row: number,
): number {
  const linear = constant + slope * size;
  if (correction === undefined) return linear;
  const { intercept, coefficient, least, most } = correction;
  let sum = intercept;
  const base = row * dense.columns;
  for (let c = 0; c < coefficient.length; c++) sum += coefficient[c] * dense.value[base + c];
  return linear * Math.exp(Math.min(most, Math.max(least, sum)));
}

function rangeOf(values: Float64Array): [least: number, most: number] {
  return [
    values.reduce((least, x) => Math.min(least, x), Infinity),
    values.reduce((most, x) => Math.max(most, x), -Infinity),
  ];
}
