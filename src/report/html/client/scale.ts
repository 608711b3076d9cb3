/** The horizontal axis: dollars, linear or logarithmic. */
export interface CostScale {
  isLog: boolean;
  min: number;
  max: number;
}

/** The place of a cost on the axis, 0 … 1. */
export function placeOf({ isLog, min, max }: CostScale, cost: number): number {
  const at = isLog
    ? (Math.log(Math.max(cost, min)) - Math.log(min)) / (Math.log(max) - Math.log(min))
    : (cost - min) / (max - min);
  return Math.min(1, Math.max(0, at));
}

/** The cost at a place of the axis. */
export function costAt({ isLog, min, max }: CostScale, place: number): number {
  return isLog ? min * (max / min) ** place : min + place * (max - min);
}

/** Round values between two ends, at most about `most`. */
export function linearSteps(min: number, max: number, most: number): number[] {
  const raw = (max - min) / Math.max(1, most);
  if (!(raw > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const steps: number[] = [];
  for (let k = Math.ceil(min / step); k * step <= max * (1 + 1e-9); k++) steps.push(k * step);
  return steps;
}

/** 1, 2 and 5 times powers of ten between two ends; where these are too many, fewer of them. */
export function logSteps(min: number, max: number, most: number): number[] {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const steps: number[] = [];
    for (let e = Math.floor(Math.log10(min)); 10 ** e <= max; e++) {
      for (const factor of factors) {
        const step = factor * 10 ** e;
        if (step >= min && step <= max) steps.push(step);
      }
    }
    if (steps.length <= most) return steps.length > 1 ? steps : linearSteps(min, max, most);
  }
  const decades = Math.ceil(Math.log10(max / min) / most);
  const steps: number[] = [];
  for (let e = Math.ceil(Math.log10(min)); 10 ** e <= max; e += decades) steps.push(10 ** e);
  return steps;
}

export function stepsOf({ isLog, min, max }: CostScale, most: number): number[] {
  return isLog ? logSteps(min, max, most) : linearSteps(min, max, most);
}

/** A label of the cost axis, as short as possible. */
export function costLabel(cost: number): string {
  if (cost >= 1000) {
    return `$${cost.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 })}`;
  }
  return `$${cost.toLocaleString("en", { maximumSignificantDigits: 3 })}`;
}

/** The range of some accuracies with a little room, within 0 … 1. */
export function accuracyEnds(values: readonly number[]): [number, number] {
  const min = values.reduce((a, b) => Math.min(a, b), 1);
  const max = values.reduce((a, b) => Math.max(a, b), 0);
  const room = Math.max(0.005, 0.06 * (max - min));
  return [Math.max(0, min - room), Math.min(1, max + room)];
}

/** The index of the last value within a limit; 0 when there is none. The values rise. */
export function lastWithin(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
