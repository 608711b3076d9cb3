import { LANES } from "../../layout";

/**
 * A block of queries whose options are valued at prices. The value of option m of a query of class g is
 * coefficient[g, 0, m] + Σ over columns j ≥ 1 of coefficient[g, j, m] · column j.
 */
// @ts-ignore: decorator
@unmanaged
export class Priced {
  models: i32 = 0;
  /** Models rounded up to a multiple of LANES: the length of a row of coefficients. */
  stride: i32 = 0;
  /** Columns: success probability, then cost, then others. An option of infinite cost is forbidden. */
  columns: i32 = 0;
  /** For each column: its address, and whether it holds float64 (else float32). Both uint32. */
  column: usize = 0;
  isWide: usize = 0;
  /** uint16 per query. */
  classes: usize = 0;
  /** float32 per query, ≥ 0; without an address every query counts once. */
  weight: usize = 0;
  /** float64, classes × (columns + 1) × stride; 0 beyond the last model. */
  coefficient: usize = 0;
  /** The same as float32. */
  narrow: usize = 0;
  /** By class × models + model: where its terms begin, uint32; one more at the end. */
  termStart: usize = 0;
  /** Terms: 16 bytes each, uint32 row, uint32 column (0: one), float64 factor. */
  terms: usize = 0;
  /** Rows of constraints. */
  rows: i32 = 0;
  /** float64 sums, classes × models × (columns + 1): weight, then weight · column. */
  table: usize = 0;
  /** Scratch for one query: 2 × float32 × stride, uint8 × models, float64 × (models + 1), float64 × models. */
  values: usize = 0;
  near: usize = 0;
  value: usize = 0;
  share: usize = 0;
  /** Scratch, all 0 between queries: float64 × rows twice, uint8 × rows; uint32 × rows. */
  mean: usize = 0;
  amount: usize = 0;
  isSeen: usize = 0;
  seen: usize = 0;
  /** Scratch: float64 × 2 · rows, the amounts of one option's terms. */
  listed: usize = 0;
}

/** Relative to the sum of a value's terms, as magnitudes: twice what float32 may be off, for one term more than it has. */
const ROUNDING: f32 = 0.000000238418579; // 2⁻²²

/** Four amounts of a column as float32, from an index on. */
// @ts-ignore: decorator
@inline
function loadFour(address: usize, isWide: bool, at: usize): v128 {
  if (!isWide) return v128.load(address + (at << 2));
  const low = f32x4.demote_f64x2_zero(v128.load(address + (at << 3)));
  const high = f32x4.demote_f64x2_zero(v128.load(address + (at << 3), 16));
  return v128.shuffle<i64>(low, high, 0, 2);
}

/**
 * Lists the options of a query whose float64 value may be within `cut` of the best one, by rising model. Returns their
 * number, at least 1 unless every option is forbidden. float32, with a margin for its rounding.
 */
// @ts-ignore: decorator
@inline
export function listNear(p: Priced, query: i32, cut: f64): i32 {
  const models = p.models;
  const vectors = p.stride >> 2;
  const first = <usize>query * <usize>models;
  const coefficients = p.narrow + <usize>load<u16>(p.classes + (<usize>query << 1)) * <usize>((p.columns + 1) * p.stride) * 4;
  let vector = 0;
  // Three vectors of models side by side, whose sums stay in registers, then one by one.
  for (; vector + 3 <= vectors; vector += 3) writeValues(p, coefficients, first, vector, 3);
  for (; vector < vectors; vector++) writeValues(p, coefficients, first, vector, 1);
  let best = f32x4.splat(-Infinity);
  let most = f32x4.splat(0);
  for (let k = 0; k < vectors; k++) {
    const at = p.values + (<usize>k << 5);
    best = f32x4.pmax(best, v128.load(at));
    most = f32x4.pmax(most, v128.load(at, 16));
  }
  best = f32x4.pmax(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1));
  best = f32x4.pmax(best, v128.shuffle<i32>(best, best, 1, 0, 3, 2));
  most = f32x4.pmax(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  most = f32x4.pmax(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
  const margin = ROUNDING * <f32>(p.columns + 3) * f32x4.extract_lane(most, 0);
  const least = f32x4.splat(f32x4.extract_lane(best, 0) - (<f32>cut * <f32>1.000001 + margin));
  let count = 0;
  for (let k = 0; k < vectors; k++) {
    let bits = i32x4.bitmask(f32x4.ge(v128.load(p.values + (<usize>k << 5)), least));
    while (bits != 0) {
      store<u8>(p.near + count, <u8>((k << 2) + ctz(bits)));
      count++;
      bits &= bits - 1;
    }
  }
  return count;
}

/**
 * Writes the float32 values of some vectors of models, each followed by the vector of the sums of its terms' magnitudes.
 * `count` is a constant, 1 or 3.
 */
// @ts-ignore: decorator
@inline
function writeValues(p: Priced, coefficients: usize, first: usize, vector: i32, count: i32): void {
  const at = first + (<usize>vector << 2);
  const rowBytes = <usize>p.stride << 2;
  let c = coefficients + (<usize>vector << 4);
  let a = v128.load(c);
  let b = count > 1 ? v128.load(c, 16) : a;
  let d = count > 1 ? v128.load(c, 32) : a;
  let sizeA = f32x4.abs(a);
  let sizeB = f32x4.abs(b);
  let sizeD = f32x4.abs(d);
  for (let j = 0; j < p.columns; j++) {
    c += rowBytes;
    const address = load<u32>(p.column + (<usize>j << 2));
    const isWide = load<u32>(p.isWide + (<usize>j << 2)) != 0;
    const termA = f32x4.mul(v128.load(c), loadFour(address, isWide, at));
    a = f32x4.add(a, termA);
    sizeA = f32x4.add(sizeA, f32x4.abs(termA));
    if (count > 1) {
      const termB = f32x4.mul(v128.load(c, 16), loadFour(address, isWide, at + 4));
      const termD = f32x4.mul(v128.load(c, 32), loadFour(address, isWide, at + 8));
      b = f32x4.add(b, termB);
      d = f32x4.add(d, termD);
      sizeB = f32x4.add(sizeB, f32x4.abs(termB));
      sizeD = f32x4.add(sizeD, f32x4.abs(termD));
    }
  }
  storeAllowed(p, vector, at, a, sizeA);
  if (count > 1) {
    storeAllowed(p, vector + 1, at + 4, b, sizeB);
    storeAllowed(p, vector + 2, at + 8, d, sizeD);
  }
}

/** Stores a vector of values and one of magnitudes; −∞ and 0 where an option is forbidden or beyond the last model. */
// @ts-ignore: decorator
@inline
function storeAllowed(p: Priced, vector: i32, at: usize, values: v128, sizes: v128): void {
  const cost = loadFour(load<u32>(p.column, 4), load<u32>(p.isWide, 4) != 0, at);
  const isModel = i32x4.gt_s(i32x4.splat(p.models - vector * LANES), i32x4(0, 1, 2, 3));
  const may = v128.and(isModel, f32x4.lt(cost, f32x4.splat(Infinity)));
  const out = p.values + (<usize>vector << 5);
  v128.store(out, v128.bitselect(values, f32x4.splat(-Infinity), may));
  v128.store(out, v128.and(sizes, may), 16);
}

/** An option's amount in a column; column 0 holds ones. */
// @ts-ignore: decorator
@inline
export function amountAt(p: Priced, column: u32, option: usize): f64 {
  if (column == 0) return 1;
  const at = <usize>(column - 1) << 2;
  const address = <usize>load<u32>(p.column + at);
  if (load<u32>(p.isWide + at) != 0) return load<f64>(address + (option << 3));
  return <f64>load<f32>(address + (option << 2));
}

/** The float64 value of an option. */
// @ts-ignore: decorator
@inline
export function valueAt(p: Priced, query: i32, model: i32): f64 {
  const option = <usize>query * <usize>p.models + <usize>model;
  const rowBytes = <usize>p.stride << 3;
  let c = p.coefficient + classAt(p, query) * <usize>(p.columns + 1) * rowBytes + (<usize>model << 3);
  let value = load<f64>(c);
  for (let j = 1; j <= p.columns; j++) {
    c += rowBytes;
    value += load<f64>(c) * amountAt(p, j, option);
  }
  return value;
}

// @ts-ignore: decorator
@inline
export function classAt(p: Priced, query: i32): usize {
  return <usize>load<u16>(p.classes + (<usize>query << 1));
}

// @ts-ignore: decorator
@inline
export function weightAt(p: Priced, query: i32): f64 {
  return p.weight == 0 ? 1 : <f64>load<f32>(p.weight + (<usize>query << 2));
}

/** Adds a share of an option to the table of sums. */
// @ts-ignore: decorator
@inline
export function addToTable(p: Priced, query: i32, model: i32, share: f64): void {
  const option = <usize>query * <usize>p.models + <usize>model;
  const columns = p.columns;
  const sums = p.table + (classAt(p, query) * <usize>p.models + <usize>model) * <usize>(columns + 1) * 8;
  store<f64>(sums, load<f64>(sums) + share);
  for (let j = 1; j <= columns; j++) {
    const sum = sums + (<usize>j << 3);
    store<f64>(sum, load<f64>(sum) + share * amountAt(p, j, option));
  }
}

/** Where the terms of an option's class and model begin, and where they end. */
// @ts-ignore: decorator
@inline
export function termsFrom(p: Priced, query: i32, model: i32): usize {
  const start = p.termStart + ((classAt(p, query) * <usize>p.models + <usize>model) << 2);
  return p.terms + (<usize>load<u32>(start) << 4);
}

// @ts-ignore: decorator
@inline
export function termsTo(p: Priced, query: i32, model: i32): usize {
  const start = p.termStart + ((classAt(p, query) * <usize>p.models + <usize>model) << 2);
  return p.terms + (<usize>load<u32>(start, 4) << 4);
}

/** What a term adds to its row for an option. */
// @ts-ignore: decorator
@inline
export function termAmount(p: Priced, term: usize, option: usize): f64 {
  return load<f64>(term, 8) * amountAt(p, load<u32>(term, 4), option);
}

/**
 * Values the listed options in float64 and drops those more than `cut` below the best. Lists them in `near`, their values in
 * `value`. Returns their number; the best value is put behind the values.
 */
// @ts-ignore: decorator
@inline
export function keepNear(p: Priced, query: i32, count: i32, cut: f64): i32 {
  let best = -Infinity;
  for (let i = 0; i < count; i++) {
    const v = valueAt(p, query, <i32>load<u8>(p.near + i));
    store<f64>(p.value + (<usize>i << 3), v);
    if (v > best) best = v;
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const v = load<f64>(p.value + (<usize>i << 3));
    if (v < best - cut) continue;
    store<f64>(p.value + (<usize>kept << 3), v);
    store<u8>(p.near + kept, load<u8>(p.near + i));
    kept++;
  }
  store<f64>(p.value + (<usize>p.models << 3), best);
  return kept;
}

/**
 * Sums the rows' amounts of a query's option into `amount`, and lists new rows in `seen`. Returns how many are listed.
 * Rows that are listed are marked in `isSeen`; `clearAmounts` undoes it.
 */
// @ts-ignore: decorator
@inline
export function addAmounts(p: Priced, q: i32, model: i32, share: f64, count: i32, amount: usize): i32 {
  const option = <usize>q * <usize>p.models + <usize>model;
  const end = termsTo(p, q, model);
  for (let term = termsFrom(p, q, model); term < end; term += 16) {
    const row = load<u32>(term);
    if (load<u8>(p.isSeen + row) == 0) {
      store<u8>(p.isSeen + row, 1);
      store<u32>(p.seen + (<usize>count << 2), row);
      count++;
    }
    const at = amount + (<usize>row << 3);
    store<f64>(at, load<f64>(at) + share * termAmount(p, term, option));
  }
  return count;
}

/** Sets the listed rows to 0 and unmarks them. */
// @ts-ignore: decorator
@inline
export function clearAmounts(p: Priced, count: i32, v: usize): void {
  for (let u = 0; u < count; u++) {
    const row = <usize>load<u32>(p.seen + (<usize>u << 2));
    store<f64>(v + (row << 3), 0);
    store<u8>(p.isSeen + row, 0);
  }
}
