import { fitNonNegative, sumOf } from "./linearFit.js";
import type { Matrix, Ridge } from "./ridge.js";

/** Dollars or tokens of a query: (constant + slope · size) · e^correction, as plain data. */
export interface Shape {
  constant: number;
  /** A unit of the prompt's size. */
  slope: number;
  /** Of the logarithm, by the dense features; held between the least and the most that was seen. */
  correction?: Ridge & { least: number; most: number };
}

/** Fits a ridge of a target over chosen rows of the dense features. */
export type FitRidge = (target: Float64Array, strength: number) => Ridge;

/** What can be fitted, simplest first: the mean, linear in the prompt's size, and that corrected by the features. */
export type Form = { name: "mean" } | { name: "length" } | { name: "ridge"; strength: number };
export const FORMS: readonly Form[] = [
  { name: "mean" },
  { name: "length" },
  ...[10, 1, 0.1].map((strength) => ({ name: "ridge" as const, strength })),
];

/** Logarithms are of at least this share of what is linear in the size: nothing is known of how free "free" is. */
const LEAST_SHARE = 0.01;

/** Fits one form to rows: `y` ≥ 0 and `size`, one a row; the fitted values add up to those of `y`. */
export function fitShape(form: Form, y: Float64Array, size: Float64Array, fitRidge: FitRidge): Shape {
  const total = sumOf(y);
  if (form.name === "mean" || total === 0) return { constant: total / y.length, slope: 0 };
  const [constant, slope] = fitNonNegative(new Float64Array(y.length).fill(1), size, y);
  const linear: Shape = { constant, slope };
  if (form.name === "ridge") {
    const target = y.map((actual, r) =>
      Math.log(Math.max(LEAST_SHARE, actual / (constant + slope * size[r]))),
    );
    const ridge = fitRidge(target, form.strength);
    const [least, most] = rangeOf(target);
    linear.correction = { ...ridge, least, most };
  }
  return linear;
}

/** Of one query: its size, and its row of the dense features. */
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
