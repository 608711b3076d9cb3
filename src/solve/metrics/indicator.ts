import { sortPoints } from "../../core/solve/dominance.js";
import * as measure from "../../core/solve/indicator.js";
import { coreFor } from "../../pool/cores.js";
import { frontOf } from "./dominance.js";
import {
  checkPoint,
  checkSet,
  normalise,
  requirePoints,
  select,
  type Bounds,
  type Point,
  type PointSet,
} from "./pointSet.js";

/**
 * Area dominated by a point set, up to a reference point. Only points that are cheaper and more accurate than it count.
 * Unit: dollars × accuracy; 0 for an empty set. O(n log n) [ZitzlerThiele1998].
 */
export function hypervolume(points: PointSet, reference: Point): number {
  checkPoint(reference, "reference");
  const front = frontOf(points);
  return measure.hypervolume(coreFor(front.cost.length), front, reference);
}

/** Reference point of the normalised hypervolume: a tenth beyond the nadir, so that the front's ends count. */
const REFERENCE = 1.1;

/**
 * Area dominated in (normalised cost, 1 − normalised accuracy) up to (1.1, 1.1), divided by 1.21: 1 for a set that
 * contains the ideal, more for one beyond it, 0 for an empty one. O(n log n) [ZitzlerThiele1998].
 */
export function normalisedHypervolume(points: PointSet, bounds: Bounds): number {
  const reference = { cost: REFERENCE, accuracy: 1 - REFERENCE };
  return hypervolume(normalise(points, bounds), reference) / (REFERENCE * REFERENCE);
}

/**
 * Inverted generational distance: mean Euclidean distance from the points of a reference front to the nearest point of
 * a set [CoelloReyes2004]; 0 is best. Distances are in the units given, in which dollars outweigh accuracy, or
 * normalised if `bounds` are given.
 *
 * O(n log n + m log m) for n points and m reference points if accuracy rises with cost in both sets, as it does in
 * nondominated sets; otherwise O(n · m).
 */
export function igd(points: PointSet, reference: PointSet, bounds?: Bounds): number {
  const [set, target] = prepare(points, reference, bounds);
  return meanDistance(set, target, false);
}

/**
 * IGD+: like `igd`, but a distance counts only how much dearer or less accurate a point is than the reference point, so
 * that a set is never better than one that dominates it [IshibuchiMasudaTanigakiNojima2015].
 *
 * O(n log n + m log m) if accuracy rises with cost in the reference, otherwise O(n log n + front · m).
 */
export function igdPlus(points: PointSet, reference: PointSet, bounds?: Bounds): number {
  const [set, target] = prepare(points, reference, bounds);
  // A dominated point is never nearer than the point that dominates it.
  return meanDistance(frontOf(set), target, true);
}

/**
 * Additive epsilon indicator: the least amount by which every point of a set must become cheaper and more accurate
 * until each reference point is matched; 0 is best for a subset of the reference, below 0 the set is better everywhere
 * [ZitzlerThieleLaumannsFonsecaGrunert2003]. The amount is the same for both objectives, so it is meaningful only with
 * `bounds`. O(n log n + m log n).
 */
export function additiveEpsilon(points: PointSet, reference: PointSet, bounds?: Bounds): number {
  const [set, target] = prepare(points, reference, bounds);
  return measure.additiveEpsilon(coreFor(target.cost.length), frontOf(set), target);
}

/**
 * Deb's spread Δ of the nondominated points of a set: 0 means evenly spaced and reaching both ends of the reference
 * front [Deb2002]. (d_f + d_l + Σ|dᵢ − d̄|) / (d_f + d_l + Σdᵢ) with dᵢ the distances between neighbours by cost, d̄
 * their mean, d_f and d_l the distances of the set's ends to those of the reference's nondominated points. A single
 * point has spread 1, or 0 if it is the whole reference. Raw or, with `bounds`, normalised. O(n log n + m log m).
 */
export function spread(points: PointSet, reference: PointSet, bounds?: Bounds): number {
  const [set, target] = prepare(points, reference, bounds).map(frontOf);
  const ends =
    distance(set, 0, target, 0) + distance(set, set.cost.length - 1, target, target.cost.length - 1);
  return measure.spread(coreFor(set.cost.length), set, ends);
}

/** Checks both sets, of which neither may be empty, and normalises them when bounds are given. */
function prepare(points: PointSet, reference: PointSet, bounds: Bounds | undefined): [PointSet, PointSet] {
  checkSet(points, "points");
  checkSet(reference, "reference");
  requirePoints(points, "points");
  requirePoints(reference, "reference");
  return bounds === undefined
    ? [points, reference]
    : [normalise(points, bounds), normalise(reference, bounds)];
}

function meanDistance(points: PointSet, reference: PointSet, isPlus: boolean): number {
  const core = coreFor(Math.max(points.cost.length, reference.cost.length));
  const from = asChain(points);
  const to = from === undefined ? undefined : asChain(reference);
  return from === undefined || to === undefined
    ? measure.igd(core, points, reference, isPlus)
    : measure.igdSorted(core, from, to, isPlus).mean;
}

/** The points by rising cost, if accuracy never falls along them; otherwise undefined. */
function asChain(points: PointSet): PointSet | undefined {
  const sorted = select(points, sortPoints(coreFor(points.cost.length), points).order);
  return sorted.accuracy.every((a, i) => i === 0 || a >= sorted.accuracy[i - 1]) ? sorted : undefined;
}

function distance(set: PointSet, i: number, other: PointSet, j: number): number {
  return Math.hypot(set.cost[i] - other.cost[j], set.accuracy[i] - other.accuracy[j]);
}
