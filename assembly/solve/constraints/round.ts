import { addAmounts, addToTable, clearAmounts, keepNear, listNear, Priced, weightAt } from "./priced";
import { CUT } from "./smooth";

/** How much a small share counts against an option, beside its distance from the fractional sums. */
const RELUCTANCE: f64 = 0.02;

/** What rounding carries from query to query, and its sums. */
// @ts-ignore: decorator
@unmanaged
export class RoundState {
  /** float64 × rows: the rounded sums minus the fractional ones so far. */
  deficit: usize = 0;
  /** float64 × rows: what a deficit is divided by, > 0. */
  norm: usize = 0;
  /** A byte per query: the models chosen. */
  allocation: usize = 0;
  /** float64: Σ weight · best value, and Σ weight · value of the chosen, over queries of several options. */
  sums: usize = 0;
  /** uint32: queries that were shared. */
  several: i32 = 0;
}

/**
 * Gives every query one model, by error diffusion [FloydSteinberg1976]: queries in their order, each takes the option that
 * keeps the rows' sums nearest to those of the smoothed shares, Σ ((deficit + amount − mean) / norm)² − 0.02 · log share.
 *
 * Adds the chosen options to `p.table`. With temperature towards 0 `sums` gives the exact dual. O(queries × models).
 */
export function roundPass(p: Priced, queries: i32, temperature: f64, state: RoundState): void {
  assert(temperature > 0);
  const cut = CUT * temperature;
  for (let q = 0; q < queries; q++) {
    const weight = weightAt(p, q);
    let count = listNear(p, q, cut);
    assert(count > 0);
    let pick = 0;
    if (count > 1) {
      count = keepNear(p, q, count, cut);
      if (count > 1) {
        pick = nearestOption(p, q, count, weight, temperature, state);
        state.several++;
      }
      const best = load<f64>(p.value + (<usize>p.models << 3));
      store<f64>(state.sums, load<f64>(state.sums) + weight * best);
      store<f64>(state.sums, load<f64>(state.sums, 8) + weight * load<f64>(p.value + (<usize>pick << 3)), 8);
    }
    const model = <i32>load<u8>(p.near + pick);
    store<u8>(state.allocation + q, <u8>model);
    addToTable(p, q, model, weight);
  }
}

/** The index in `near` of the option to take; moves the deficits. */
function nearestOption(
  p: Priced,
  q: i32,
  options: i32,
  weight: f64,
  temperature: f64,
  state: RoundState,
): i32 {
  const best = load<f64>(p.value + (<usize>p.models << 3));
  let total: f64 = 0;
  for (let i = 0; i < options; i++) {
    const at = <usize>i << 3;
    const e = Math.exp((load<f64>(p.value + at) - best) / temperature);
    store<f64>(p.share + at, e);
    total += e;
  }
  let rows = 0;
  for (let i = 0; i < options; i++) {
    const share = load<f64>(p.share + (<usize>i << 3)) / total;
    store<f64>(p.share + (<usize>i << 3), share);
    rows = addAmounts(p, q, <i32>load<u8>(p.near + i), weight * share, rows, p.mean);
  }
  let pick = 0;
  let least = Infinity;
  for (let i = 0; i < options; i++) {
    addAmounts(p, q, <i32>load<u8>(p.near + i), weight, rows, p.amount);
    let distance = -RELUCTANCE * Math.log(load<f64>(p.share + (<usize>i << 3)) + 1e-9);
    for (let u = 0; u < rows; u++) {
      const row = <usize>load<u32>(p.seen + (<usize>u << 2)) << 3;
      const amount = load<f64>(p.amount + row);
      store<f64>(p.amount + row, 0);
      const d = (load<f64>(state.deficit + row) + amount - load<f64>(p.mean + row)) / load<f64>(state.norm + row);
      distance += d * d;
    }
    if (distance < least) {
      least = distance;
      pick = i;
    }
  }
  addAmounts(p, q, <i32>load<u8>(p.near + pick), weight, rows, p.amount);
  for (let u = 0; u < rows; u++) {
    const row = <usize>load<u32>(p.seen + (<usize>u << 2)) << 3;
    const moved = load<f64>(p.amount + row) - load<f64>(p.mean + row);
    store<f64>(state.deficit + row, load<f64>(state.deficit + row) + moved);
    store<f64>(p.amount + row, 0);
  }
  clearAmounts(p, rows, p.mean);
  return pick;
}
