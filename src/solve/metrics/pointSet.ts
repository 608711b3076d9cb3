import { InputError } from "../../errors.js";

/** Points in any order; lower cost and higher accuracy are better. */
export interface PointSet {
  /** Dollars. */
  cost: Float64Array;
  /** 0 … 1. */
  accuracy: Float64Array;
}

/** One point of the objective plane. */
export interface Point {
  cost: number;
  accuracy: number;
}

/** The points that normalisation maps to cost 0, accuracy 1 (`ideal`) and to cost 1, accuracy 0 (`nadir`). */
export interface Bounds {
  ideal: Point;
  nadir: Point;
}

/**
 * The best and the worst of each objective over the nondominated points of a set: usually of a reference front, so that
 * every set compared with it has the same scale. O(n).
 *
 * @throws InputError for an empty set or a value that is not finite.
 */
export function idealNadir(points: PointSet): Bounds {
  checkSet(points, "points");
  requirePoints(points, "points");
  const { cost, accuracy } = points;
  // The most accurate of the cheapest points and the cheapest of the most accurate: the front's two ends.
  let cheap = 0;
  let accurate = 0;
  for (let i = 1; i < cost.length; i++) {
    if (cost[i] < cost[cheap] || (cost[i] === cost[cheap] && accuracy[i] > accuracy[cheap])) cheap = i;
    if (accuracy[i] > accuracy[accurate] || (accuracy[i] === accuracy[accurate] && cost[i] < cost[accurate]))
      accurate = i;
  }
  return {
    ideal: { cost: cost[cheap], accuracy: accuracy[accurate] },
    nadir: { cost: cost[accurate], accuracy: accuracy[cheap] },
  };
}

/**
 * The points scaled so that the ideal becomes (0, 1) and the nadir (1, 0); points beyond them fall outside
 * 0 … 1 and are kept there. An objective whose ideal and nadir are equal is shifted but not scaled. O(n).
 *
 * @throws InputError for a value that is not finite, or an ideal that is worse than the nadir.
 */
export function normalise(points: PointSet, bounds: Bounds): PointSet {
  checkSet(points, "points");
  const { ideal, nadir } = checkBounds(bounds);
  const costRange = nadir.cost - ideal.cost || 1;
  const accuracyRange = ideal.accuracy - nadir.accuracy || 1;
  return {
    cost: points.cost.map((c) => (c - ideal.cost) / costRange),
    // Measured from the ideal, so that a point with its accuracy gets 1 even if the range is 0.
    accuracy: points.accuracy.map((a) => 1 - (ideal.accuracy - a) / accuracyRange),
  };
}

/** Refuses an invalid point set; `name` is that of the argument. */
export function checkSet(points: PointSet, name: string): void {
  const { cost, accuracy } = (points ?? {}) as Partial<PointSet>;
  if (!(cost instanceof Float64Array && accuracy instanceof Float64Array)) {
    const wrong = cost instanceof Float64Array ? "accuracy" : "cost";
    throw new InputError(
      `${wrong} of ${name} is not a Float64Array; expected { cost: Float64Array, accuracy: Float64Array }`,
      { field: name },
    );
  }
  if (cost.length !== accuracy.length) {
    throw new InputError(
      `${name}: ${cost.length} costs for ${accuracy.length} accuracies; expected as many`,
      {
        field: name,
      },
    );
  }
  for (const [objective, values] of [
    ["cost", cost],
    ["accuracy", accuracy],
  ] as const) {
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) {
      throw new InputError(`${objective} ${index} of ${name} is ${values[index]}; not finite`, {
        field: name,
        index,
        value: String(values[index]),
      });
    }
  }
}

/** Refuses a point that is not finite. */
export function checkPoint(point: Point, name: string): void {
  for (const objective of ["cost", "accuracy"] as const) {
    const value: unknown = point?.[objective];
    if (!Number.isFinite(value)) {
      throw new InputError(`${objective} of ${name} is ${String(value)}; expected a finite number`, {
        field: name,
        value: String(value),
      });
    }
  }
}

/** Refuses an empty set. */
export function requirePoints({ cost }: PointSet, name: string): void {
  if (cost.length === 0)
    throw new InputError(`${name} is empty; expected at least one point`, { field: name });
}

function checkBounds(bounds: Bounds): Bounds {
  const { ideal, nadir } = bounds ?? {};
  checkPoint(ideal, "ideal");
  checkPoint(nadir, "nadir");
  if (ideal.cost > nadir.cost || ideal.accuracy < nadir.accuracy) {
    throw new InputError(
      `ideal (${ideal.cost}, ${ideal.accuracy}) is worse than nadir (${nadir.cost}, ${nadir.accuracy}); ` +
        "expected no higher cost and no lower accuracy",
      { field: "ideal" },
    );
  }
  return bounds;
}

/** The points at these indices, in their order. */
export function select({ cost, accuracy }: PointSet, indices: Uint32Array): PointSet {
  return {
    cost: Float64Array.from(indices, (i) => cost[i]),
    accuracy: Float64Array.from(indices, (i) => accuracy[i]),
  };
}
