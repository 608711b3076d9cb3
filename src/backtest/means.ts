/** Mean and sample standard deviation over repeats; null where there are too few. */
export interface MeanDeviation {
  mean: number | null;
  deviation: number | null;
  /** Repeats that the mean is over: those that have the figure. */
  count: number;
}

/** Mean and deviation of the values that are not null. */
export function meanDeviation(figures: readonly (number | null)[]): MeanDeviation {
  const values = figures.filter((x) => x !== null);
  const n = values.length;
  if (n === 0) return { mean: null, deviation: null, count: 0 };
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null, count: n };
}

/** The mean of each figure over records with the same figures; a null does not count. */
export function meanOf<T extends object>(records: readonly T[]): T {
  const keys = Object.keys(records[0]) as (keyof T)[];
  const mean = (key: keyof T): number | null =>
    meanDeviation(records.map((record) => record[key]).filter((x) => typeof x === "number")).mean;
  return Object.fromEntries(keys.map((key) => [key, mean(key)])) as T;
}

/**
 * The figures that some records lack, by their path such as "metrics.front.costSave", with the number of records that have
 * them. All records have the same keys.
 */
export function countPartial(records: readonly object[], path = ""): Record<string, number> {
  const counts = Object.keys(records[0]).map((key): Record<string, number> => {
    const values = records.map((record) => (record as Record<string, unknown>)[key]);
    const known = values.filter((value) => value !== null);
    if (known.length < values.length) return { [path + key]: known.length };
    return typeof known[0] === "object" ? countPartial(known as object[], `${path}${key}.`) : {};
  });
  return Object.assign({}, ...counts) as Record<string, number>;
}
