import { Block } from "./block";
import { highLanes, loadRows, loadWideRows, lowLanes, WIDE_COLUMN } from "./columns";
import { LANES, NOT_WHOLE } from "../layout";
import { isWhole, unitsPerDollar } from "./wide";

/** Twice the signed area of the triangle (a, b, m): ≥ 0 if b lies on or below the line from a to m. */
// @ts-ignore: decorator
@inline
function turn(aC: f64, aP: f64, bC: f64, bP: f64, mC: f64, mP: f64): f64 {
  return (mP - aP) * (bC - aC) - (bP - aP) * (mC - aC);
}

/** Ends the list of a lane. */
const NO_MODEL: u8 = 255;

/** Where `listSteps` works and writes. */
// @ts-ignore: decorator
@unmanaged
export class StepLists {
  /** A byte per model: a permutation of the models, kept between calls so that sorting starts from the last order. */
  order: usize = 0;
  /** Scratch: (LANES + 1) × (models + 1) bytes. */
  stack: usize = 0;
  /** Results, room for rows × (models − 1) each. float64; Δcost and Δprobability are weighted. */
  efficiency: usize = 0;
  dCost: usize = 0;
  dGain: usize = 0;
  /** uint32. */
  query: usize = 0;
  /** A byte: the model before and after the increment. */
  from: usize = 0;
  to: usize = 0;
}

/**
 * Lists the increments of every query's hull from model `from[q]` to model `to[q]`, in float64. Δcosts of a block that has
 * units are in whole units.
 *
 * `from`, `to`: one byte per query, both on the query's hull, `from` the cheaper one; `firstQuery`: the number of the
 * block's first query. Returns the number of increments, or NOT_WHOLE if a cost beyond `from` is not a whole number of units; queries come in order, and within a query efficiencies fall.
 *
 * Ties: among equal slopes the farthest model (a collinear one between is no strict vertex), among equal points the
 * lower index. Queries that have increments are wrapped four side by side, O(models × hull) each; a query that meets
 * equal slopes takes a chain instead, O(models) once sorted. Lanes do not affect each other.
 */
export function listSteps(
  block: Block,
  rows: i32,
  from: usize,
  to: usize,
  firstQuery: u32,
  lists: StepLists,
): i32 {
  return block.wide == 0
    ? listStepsOf<f32>(block, rows, from, to, firstQuery, lists)
    : listStepsOf<f64>(block, rows, from, to, firstQuery, lists);
}

/** `listSteps` for costs of type C. */
// @ts-ignore: decorator
@inline
function listStepsOf<C>(
  block: Block,
  rows: i32,
  from: usize,
  to: usize,
  firstQuery: u32,
  lists: StepLists,
): i32 {
  const isWide = sizeof<C>() == 8;
  const cost = isWide ? block.wide : block.cost;
  const probability = block.probability;
  const weight = block.weight;
  const models = block.models;
  const scratch = block.scratch;
  const order = lists.order;
  const stack = lists.stack;
  const perDollar = isWide && block.places >= 0 ? unitsPerDollar(block.places) : 0;
  let steps = 0;
  const rowBytes = <usize>models << 2;
  for (let next = nextChanged(from, to, 0, rows); next < rows; ) {
    // Take four rows that have increments; if fewer are left, the last one fills the other lanes.
    const row0 = next;
    const row1 = nextChanged(from, to, row0 + 1, rows);
    const row2 = nextChanged(from, to, row1 + 1, rows);
    const row3 = nextChanged(from, to, row2 + 1, rows);
    next = nextChanged(from, to, row3 + 1, rows);
    const found = i32(row1 < rows) + i32(row2 < rows) + i32(row3 < rows) + 1;
    const lane1 = found > 1 ? row1 : row0;
    const lane2 = found > 2 ? row2 : lane1;
    const lane3 = found > 3 ? row3 : lane2;
    const at0 = <usize>row0 * rowBytes;
    const at1 = <usize>lane1 * rowBytes;
    const at2 = <usize>lane2 * rowBytes;
    const at3 = <usize>lane3 * rowBytes;
    if (isWide) loadWideRows(cost, probability, at0, at1, at2, at3, models, scratch);
    else {
      loadRows(cost + at0, cost + at1, cost + at2, cost + at3, models, scratch);
      loadRows(probability + at0, probability + at1, probability + at2, probability + at3, models, scratch + 16);
    }
    store<u8>(stack, load<u8>(from + row0));
    store<u8>(stack, load<u8>(from + lane1), 1);
    store<u8>(stack, load<u8>(from + lane2), 2);
    store<u8>(stack, load<u8>(from + lane3), 3);
    const targets =
      <u32>load<u8>(to + row0) |
      ((<u32>load<u8>(to + lane1)) << 8) |
      ((<u32>load<u8>(to + lane2)) << 16) |
      ((<u32>load<u8>(to + lane3)) << 24);
    const unsettled = wrapFour<C>(models, targets, scratch, stack);

    for (let lane = 0; lane < found; lane++) {
      const row = lane == 0 ? row0 : lane == 1 ? row1 : lane == 2 ? row2 : row3;
      const c = cost + (<usize>row * <usize>models << alignof<C>());
      const p = probability + <usize>row * rowBytes;
      let list = stack + lane;
      let stride: usize = LANES;
      if ((unsettled >> lane) & 1) {
        list = stack + <usize>LANES * (<usize>models + 1);
        stride = 1;
        chain<C>(c, p, models, load<u8>(from + row), load<u8>(to + row), order, list);
      }
      let w: f64 = 1;
      if (weight != 0) w = <f64>load<f32>(weight + (<usize>row << 2));
      const wide = writeSteps<C>(c, p, w, perDollar, list, stride, firstQuery + row, lists, steps);
      if (isWide && wide < 0) return NOT_WHOLE;
      steps = wide;
    }
  }
  return steps;
}

/** A cost of type C as float64. */
// @ts-ignore: decorator
@inline
function costOf<C>(c: usize, model: u8): f64 {
  return <f64>load<C>(c + (<usize>model << alignof<C>()));
}

/** In whole units; in dollars where there are none. */
// @ts-ignore: decorator
@inline
function amountOf<C>(dollars: f64, perDollar: f64): f64 {
  return sizeof<C>() == 8 && perDollar != 0 ? nearest(dollars * perDollar) : dollars;
}

/**
 * Writes the increments along a list of models, `stride` bytes apart, behind the `steps` there are. Returns their number,
 * or NOT_WHOLE if a cost after the first is not a whole number of units.
 */
// @ts-ignore: decorator
@inline
function writeSteps<C>(
  c: usize,
  p: usize,
  w: f64,
  perDollar: f64,
  list: usize,
  stride: usize,
  query: u32,
  lists: StepLists,
  steps: i32,
): i32 {
  let slope: f64 = Infinity;
  let a = load<u8>(list);
  let aC = costOf<C>(c, a);
  let aAmount = amountOf<C>(aC, perDollar);
  let aP = <f64>load<f32>(p + (<usize>a << 2));
  for (let b = load<u8>((list += stride)); b != NO_MODEL; b = load<u8>((list += stride))) {
    const bC = costOf<C>(c, b);
    const bP = <f64>load<f32>(p + (<usize>b << 2));
    const bAmount = amountOf<C>(bC, perDollar);
    if (sizeof<C>() == 8 && perDollar != 0 && !isWhole(bAmount, perDollar, bC)) return NOT_WHOLE;
    slope = min((bP - aP) / (bC - aC), slope);
    store<f64>(lists.efficiency + (<usize>steps << 3), slope);
    store<f64>(lists.dCost + (<usize>steps << 3), w * (bAmount - aAmount));
    store<f64>(lists.dGain + (<usize>steps << 3), w * (bP - aP));
    store<u32>(lists.query + (<usize>steps << 2), query);
    store<u8>(lists.from + steps, a);
    store<u8>(lists.to + steps, b);
    steps++;
    a = b;
    aC = bC;
    aAmount = bAmount;
    aP = bP;
  }
  return steps;
}

/** The first row at or after `row` whose two models differ, or `rows`. */
// @ts-ignore: decorator
@inline
function nextChanged(from: usize, to: usize, row: i32, rows: i32): i32 {
  while (row < rows && load<u8>(from + row) == load<u8>(to + row)) row++;
  return min(row, rows);
}

/** The columns of four queries as `loadRows` or, for float64 costs, `loadWideRows` writes them. */
// @ts-ignore: decorator
@inline
function strideOf<C>(): usize {
  return sizeof<C>() == 8 ? WIDE_COLUMN : 32;
}
// @ts-ignore: decorator
@inline
function probabilityAt<C>(): usize {
  return sizeof<C>() == 8 ? 32 : 16;
}

/** Costs of rows 0 and 1, and of rows 2 and 3, in a column, as float64. */
// @ts-ignore: decorator
@inline
function lowCosts<C>(column: usize): v128 {
  return sizeof<C>() == 8 ? v128.load(column) : lowLanes(v128.load(column));
}
// @ts-ignore: decorator
@inline
function highCosts<C>(column: usize): v128 {
  return sizeof<C>() == 8 ? v128.load(column, 16) : highLanes(v128.load(column));
}

/** Two neighbouring lanes as float64, each from the column of its own model. */
// @ts-ignore: decorator
@inline
function pickCosts<C>(scratch: usize, model0: usize, model1: usize): v128 {
  if (sizeof<C>() == 4) return pick(scratch, model0 << 5, model1 << 5);
  return v128.load_lane<f64>(scratch + model1 * WIDE_COLUMN, v128.load64_zero(scratch + model0 * WIDE_COLUMN), 1, 8);
}
// @ts-ignore: decorator
@inline
function pickProbabilities<C>(scratch: usize, model0: usize, model1: usize): v128 {
  return pick(scratch + probabilityAt<C>(), model0 * strideOf<C>(), model1 * strideOf<C>());
}
// @ts-ignore: decorator
@inline
function pick(scratch: usize, column0: usize, column1: usize): v128 {
  const first = v128.load32_zero(scratch + column0);
  return f64x2.promote_low_f32x4(v128.load_lane<f32>(scratch + column1, first, 1, 4));
}

/**
 * Wraps the hulls of four queries side by side, in float64 [Jarvis1973].
 *
 * `scratch`: their columns; probabilities are changed. `targets`: a byte per lane, the model where it ends. `stack`: LANES
 * bytes per step; the first four are the models where the lanes begin. Writes the models that follow, and NO_MODEL after
 * the last. Returns a bit per lane: set if it met equal slopes, so that its list is not valid.
 */
function wrapFour<C>(models: i32, targets: u32, scratch: usize, stack: usize): i32 {
  const end = scratch + <usize>models * strideOf<C>();
  const highCost: usize = sizeof<C>() == 8 ? 16 : 8;
  let cLow = pickCosts<C>(scratch, load<u8>(stack), load<u8>(stack, 1));
  let cHigh = pickCosts<C>(scratch + highCost, load<u8>(stack, 2), load<u8>(stack, 3));
  let pLow = pickProbabilities<C>(scratch, load<u8>(stack), load<u8>(stack, 1));
  let pHigh = pickProbabilities<C>(scratch + 8, load<u8>(stack, 2), load<u8>(stack, 3));
  const mostCLow = pickCosts<C>(scratch, targets & 255, (targets >> 8) & 255);
  const mostCHigh = pickCosts<C>(scratch + highCost, (targets >> 16) & 255, targets >> 24);
  const mostPLow = pickProbabilities<C>(scratch, targets & 255, (targets >> 8) & 255);
  const mostPHigh = pickProbabilities<C>(scratch + 8, (targets >> 16) & 255, targets >> 24);
  // Models beyond a target gain nothing.
  const mostP = v128.shuffle<i64>(f32x4.demote_f64x2_zero(mostPLow), f32x4.demote_f64x2_zero(mostPHigh), 0, 2);
  for (let column = scratch; column < end; column += strideOf<C>()) {
    const p = v128.load(column, probabilityAt<C>());
    const low = f64x2.le(lowCosts<C>(column), mostCLow);
    const isNear = v128.shuffle<i32>(low, f64x2.le(highCosts<C>(column), mostCHigh), 0, 2, 4, 6);
    const isInside = v128.and(isNear, f32x4.le(p, mostP));
    v128.store(column, v128.bitselect(p, f32x4.splat(-1), isInside), probabilityAt<C>());
  }

  let list = stack + LANES;
  let tiesLow = i64x2.splat(0);
  let tiesHigh = tiesLow;
  // A gain of 0 is neither a slope nor a tie.
  const least = f64x2.splat(f64.MIN_VALUE);
  while (v128.any_true(v128.or(f64x2.lt(pLow, mostPLow), f64x2.lt(pHigh, mostPHigh)))) {
    let bestLow = least;
    let bestHigh = least;
    let modelLow = i64x2.splat(0);
    let modelHigh = modelLow;
    let here = modelLow;
    for (let column = scratch; column < end; column += strideOf<C>()) {
      const p = v128.load(column, probabilityAt<C>());
      const low = f64x2.div(f64x2.sub(lowLanes(p), pLow), f64x2.sub(lowCosts<C>(column), cLow));
      const high = f64x2.div(f64x2.sub(highLanes(p), pHigh), f64x2.sub(highCosts<C>(column), cHigh));
      // A cheaper and less probable model has a positive slope too: only models that gain count.
      const slopeLow = v128.and(low, f64x2.gt(lowLanes(p), pLow));
      const slopeHigh = v128.and(high, f64x2.gt(highLanes(p), pHigh));
      tiesLow = v128.or(tiesLow, f64x2.eq(slopeLow, bestLow));
      tiesHigh = v128.or(tiesHigh, f64x2.eq(slopeHigh, bestHigh));
      modelLow = v128.bitselect(here, modelLow, f64x2.gt(slopeLow, bestLow));
      modelHigh = v128.bitselect(here, modelHigh, f64x2.gt(slopeHigh, bestHigh));
      bestLow = f64x2.pmax(bestLow, slopeLow);
      bestHigh = f64x2.pmax(bestHigh, slopeHigh);
      here = i64x2.add(here, i64x2.splat(1));
    }
    const movedLow = f64x2.gt(bestLow, least);
    const movedHigh = f64x2.gt(bestHigh, least);
    if (!v128.any_true(v128.or(movedLow, movedHigh))) break;
    const model0 = <usize>i64x2.extract_lane(modelLow, 0);
    const model1 = <usize>i64x2.extract_lane(modelLow, 1);
    const model2 = <usize>i64x2.extract_lane(modelHigh, 0);
    const model3 = <usize>i64x2.extract_lane(modelHigh, 1);
    const moved = i64x2.bitmask(movedLow) | (i64x2.bitmask(movedHigh) << 2);
    store<u8>(list, moved & 1 ? <u8>model0 : NO_MODEL);
    store<u8>(list, moved & 2 ? <u8>model1 : NO_MODEL, 1);
    store<u8>(list, moved & 4 ? <u8>model2 : NO_MODEL, 2);
    store<u8>(list, moved & 8 ? <u8>model3 : NO_MODEL, 3);
    list += LANES;
    cLow = v128.bitselect(pickCosts<C>(scratch, model0, model1), cLow, movedLow);
    cHigh = v128.bitselect(pickCosts<C>(scratch + highCost, model2, model3), cHigh, movedHigh);
    pLow = v128.bitselect(pickProbabilities<C>(scratch, model0, model1), pLow, movedLow);
    pHigh = v128.bitselect(pickProbabilities<C>(scratch + 8, model2, model3), pHigh, movedHigh);
  }
  store<u32>(list, 0xffffffff);
  // If slopes are too small for float64, a lane does not reach its target.
  tiesLow = v128.or(tiesLow, f64x2.lt(pLow, mostPLow));
  tiesHigh = v128.or(tiesHigh, f64x2.lt(pHigh, mostPHigh));
  return i64x2.bitmask(tiesLow) | (i64x2.bitmask(tiesHigh) << 2);
}

/**
 * The hull of one query from model `start` to model `target`, in float64: the monotone chain of [Andrew1979], sorted by
 * insertion, which takes nearly linear time where the order of the models' costs changes little from query to query.
 * `stack`: models + 1 bytes, receives the models, `start` first, and NO_MODEL after the last.
 */
function chain<C>(c: usize, p: usize, models: i32, start: u8, target: u8, order: usize, stack: usize): void {
  assert(<i32>start < models && <i32>target < models);
  sortByCost<C>(c, p, models, order);

  // Chain the models inside the box between both ends; drop the last model if the next one makes it lie below the hull.
  const startC = costOf<C>(c, start);
  const targetC = costOf<C>(c, target);
  const targetP = <f64>load<f32>(p + (<usize>target << 2));
  let top: usize = 0;
  let topC = startC;
  let topP = <f64>load<f32>(p + (<usize>start << 2));
  store<u8>(stack, start);
  for (let k: usize = 0; k < <usize>models; k++) {
    const m = load<u8>(order + k);
    const mC = costOf<C>(c, m);
    if (mC > targetC) break;
    const mP = <f64>load<f32>(p + (<usize>m << 2));
    if (mP <= topP || mP > targetP || mC < startC) continue;
    while (top > 0) {
      const before = load<u8>(stack + top - 1);
      const beforeC = costOf<C>(c, before);
      const beforeP = <f64>load<f32>(p + (<usize>before << 2));
      if (turn(beforeC, beforeP, topC, topP, mC, mP) < 0) break;
      top--;
      topC = beforeC;
      topP = beforeP;
    }
    top++;
    store<u8>(stack + top, m);
    topC = mC;
    topP = mP;
  }
  store<u8>(stack + top + 1, NO_MODEL);
}

/** Sorts a permutation of the models by rising cost, then falling probability, then index: insertion. */
// @ts-ignore: decorator
@inline
function sortByCost<C>(c: usize, p: usize, models: i32, order: usize): void {
  for (let k = 1; k < models; k++) {
    const m = load<u8>(order + k);
    const mC = costOf<C>(c, m);
    const mP = load<f32>(p + (<usize>m << 2));
    let hole = k;
    while (hole > 0) {
      const before = load<u8>(order + hole - 1);
      const beforeC = costOf<C>(c, before);
      if (beforeC < mC) break;
      if (beforeC == mC) {
        const beforeP = load<f32>(p + (<usize>before << 2));
        if (beforeP > mP || (beforeP == mP && before < m)) break;
      }
      store<u8>(order + hole, before);
      hole--;
    }
    store<u8>(order + hole, m);
  }
}
