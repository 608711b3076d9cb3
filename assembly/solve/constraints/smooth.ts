import {
  addAmounts,
  addToTable,
  clearAmounts,
  keepNear,
  listNear,
  Priced,
  termAmount,
  termsFrom,
  termsTo,
  weightAt,
} from "./priced";

/** Options whose share would be below e⁻²⁴ are left out. */
export const CUT: f64 = 24;

/**
 * One pass of the smoothed dual: the maximum over a query's options is replaced by temperature · log Σ exp(value /
 * temperature), whose derivative shares the query among its options (a softmax).
 *
 * Adds to `p.table` each query's shares and their amounts. Adds to `sums`, float64, first four over the queries of several options:
 * Σ weight · temperature · log Σ exp((value − best) / temperature), Σ weight · best value, Σ weight · share · value, and
 * their number; then, unless `every` is 0, to the Hessian, rows × rows: Σ weight · covariance of the rows' amounts under the shares, from one in `every` queries, chosen by a
 * hash of `first` + its index and weighted by `every`. `queries`: of the block. O(queries × models), and rows² for each
 * query that is shared and counted.
 *
 * Source: [Nesterov2005] smooths the maximum so; the prices solve the Lagrangian dual [Everett1963].
 */
export function smoothPass(
  p: Priced,
  queries: i32,
  first: i32,
  temperature: f64,
  sums: usize,
  every: i32,
): void {
  assert(temperature > 0 && every >= 0);
  const hessian = sums + 4 * sizeof<f64>();
  const cut = CUT * temperature;
  for (let q = 0; q < queries; q++) {
    const weight = weightAt(p, q);
    let count = listNear(p, q, cut);
    assert(count > 0);
    if (count > 1) count = keepNear(p, q, count, cut);
    else {
      addToTable(p, q, <i32>load<u8>(p.near), weight);
      continue;
    }
    const best = load<f64>(p.value + (<usize>p.models << 3));
    addTo(sums + 8, weight * best);
    if (count == 1) {
      addTo(sums + 16, weight * best);
      addToTable(p, q, <i32>load<u8>(p.near), weight);
      continue;
    }
    let total: f64 = 0;
    for (let i = 0; i < count; i++) {
      const at = <usize>i << 3;
      const e = Math.exp((load<f64>(p.value + at) - best) / temperature);
      store<f64>(p.share + at, e);
      total += e;
    }
    addTo(sums, weight * temperature * Math.log(total));
    addTo(sums + 24, 1);
    for (let i = 0; i < count; i++) {
      const at = <usize>i << 3;
      const share = load<f64>(p.share + at) / total;
      store<f64>(p.share + at, share);
      addTo(sums + 16, weight * share * load<f64>(p.value + at));
      addToTable(p, q, <i32>load<u8>(p.near + i), weight * share);
    }
    if (every > 0 && (every == 1 || ((<u32>(first + q) * <u32>2654435761) >> 8) % <u32>every == 0)) {
      addCovariance(p, q, count, weight * <f64>every, hessian);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(sum: usize, amount: f64): void {
  store<f64>(sum, load<f64>(sum) + amount);
}

/** Adds `factor` · the covariance of a query's amounts under its shares: Σ share · amount amountᵀ − mean meanᵀ. */
function addCovariance(p: Priced, q: i32, options: i32, factor: f64, hessian: usize): void {
  const rows = <usize>p.rows;
  if (options == 2) {
    // Of two options: the product of their shares times the outer product of their difference.
    const share = load<f64>(p.share);
    let count = addAmounts(p, q, <i32>load<u8>(p.near), 1, 0, p.mean);
    count = addAmounts(p, q, <i32>load<u8>(p.near, 1), -1, count, p.mean);
    addOuter(p, p.mean, count, factor * share * load<f64>(p.share, 8), rows, hessian);
    clearAmounts(p, count, p.mean);
    return;
  }
  let count = 0;
  for (let i = 0; i < options; i++) {
    count = addAmounts(p, q, <i32>load<u8>(p.near + i), load<f64>(p.share + (<usize>i << 3)), count, p.mean);
  }
  for (let i = 0; i < options; i++) {
    const share = load<f64>(p.share + (<usize>i << 3));
    if (share >= 1e-7) addSquares(p, q, <i32>load<u8>(p.near + i), factor * share, rows, hessian);
  }
  addOuter(p, p.mean, count, -factor, rows, hessian);
  clearAmounts(p, count, p.mean);
}

/** Adds factor · a aᵀ for the amounts a of one option: few of all rows. */
// @ts-ignore: decorator
@inline
function addSquares(p: Priced, q: i32, model: i32, factor: f64, rows: usize, hessian: usize): void {
  const option = <usize>q * <usize>p.models + <usize>model;
  const first = termsFrom(p, q, model);
  const end = termsTo(p, q, model);
  let at = p.listed;
  for (let term = first; term < end; term += 16, at += 8) store<f64>(at, termAmount(p, term, option));
  const last = at;
  let term = first;
  for (let i = p.listed; i < last; i += 8, term += 16) {
    const x = factor * load<f64>(i);
    if (x == 0) continue;
    const line = hessian + ((<usize>load<u32>(term) * rows) << 3);
    let other = first;
    for (let j = p.listed; j < last; j += 8, other += 16) {
      const cell = line + (<usize>load<u32>(other) << 3);
      store<f64>(cell, load<f64>(cell) + x * load<f64>(j));
    }
  }
}

/** Adds factor · v vᵀ over the listed rows. */
// @ts-ignore: decorator
@inline
function addOuter(p: Priced, v: usize, count: i32, factor: f64, rows: usize, hessian: usize): void {
  for (let u = 0; u < count; u++) {
    const i = <usize>load<u32>(p.seen + (<usize>u << 2));
    const x = factor * load<f64>(v + (i << 3));
    if (x == 0) continue;
    const line = hessian + ((i * rows) << 3);
    for (let w = 0; w < count; w++) {
      const j = <usize>load<u32>(p.seen + (<usize>w << 2)) << 3;
      store<f64>(line + j, load<f64>(line + j) + x * load<f64>(v + j));
    }
  }
}

