import { LANES } from "../layout";
import { sumLanes } from "../solve/columns";
import { nextBelow, nextUniform } from "../random";

/** The best cut of a node, while its columns are compared. */
// @ts-ignore: decorator
@unmanaged
class Cut {
  /** Σ of `square` over the node's rows. */
  squares: f32 = 0;
  score: f32 = 0;
  column: i32 = 0;
  threshold: f32 = 0;
}

/** The rows that a tree grows on, its settings, and its nodes. */
// @ts-ignore: decorator
@unmanaged
export class Growth {
  /** float32, columns × all rows, column-major. */
  value: usize = 0;
  allRows: i32 = 0;
  columns: i32 = 0;
  /** float32, `stride` per row: weight · (label − rate) per model, 0 if unlabelled, then the weights. */
  target: usize = 0;
  stride: i32 = 0;
  /** Models, rounded up to a multiple of LANES. */
  width: i32 = 0;
  /** 1: each model has its own weight, `width` of them; 0: LANES equal weights serve all. The row's weight, LANES times, comes last. */
  isPartial: i32 = 0;
  /** float32 per row: Σ over models of weight · (label − rate)². */
  square: usize = 0;
  /** uint32: the rows that take part. Their order changes. */
  order: usize = 0;
  rows: i32 = 0;
  /** Columns compared at a node; constant ones do not count. */
  candidates: i32 = 0;
  maxDepth: i32 = 0;
  /** 1: the best threshold of a column is used; 0: a random one. */
  isBest: i32 = 0;
  /** Least weight of a leaf. */
  minLeaf: f32 = 0;
  /** Weight of the parent's estimate in that of a node. */
  prior: f32 = 0;
  /** State of the random numbers: four uint32. */
  random: usize = 0;
  /** Scratch: columns × int32; rows × float32; rows × uint64; rows × stride × float32; (rows + 1) × 16 bytes. */
  shuffled: usize = 0;
  values: usize = 0;
  keys: usize = 0;
  near: usize = 0;
  stack: usize = 0;
  /** Scratch: stride × float32 each. */
  total: usize = 0;
  left: usize = 0;
  /** Scratch: four words. */
  cut: Cut = changetype<Cut>(0);
  /** Results per node, at most 2 · rows − 1: int32 column (−1: a leaf), float32 threshold, uint32 left child, float32 × width. */
  column: usize = 0;
  threshold: usize = 0;
  next: usize = 0;
  estimate: usize = 0;
}

/** A node is pure if its squared error is at most this share of its squares: the rounding of float32 sums. */
const PURE: f32 = 1e-5;

/**
 * Grows one tree for all models at once and returns its number of nodes; node 0 is the root.
 *
 * At a node, columns are drawn without replacement until `candidates` of them vary there. Each is cut at a threshold drawn
 * uniformly between its smallest and largest value [GeurtsErnstWehenkel2006], or at the best one [Breiman2001]; a row
 * goes left if its value is at most the threshold. The node takes the cut with the least squared error, summed over
 * models (the first among equal ones), among those whose sides both weigh at least `minLeaf`. A cut that leaves both
 * sides pure ends the comparison. A node is a leaf at `maxDepth`, if it is pure, or if it has no such cut.
 *
 * A node's estimate for a model is (Σ weight·(label − rate) + prior · parent's estimate) / (Σ weight + prior); above the
 * root it is 0. A node without labels keeps its parent's estimate. O(nodes' rows × candidates × models / LANES) with
 * random thresholds; with best ones, sorting adds a factor log rows.
 */
export function growTree(g: Growth): i32 {
  for (let c = 0; c < g.columns; c++) store<i32>(g.shuffled + (<usize>c << 2), c);
  memory.fill(g.estimate, 0, <usize>g.width << 2);
  let nodes = 1;
  let height = 0;
  push(g, height, 0, 0, g.rows, 0);
  height++;
  while (height > 0) {
    height--;
    const item = g.stack + (<usize>height << 4);
    const node = load<i32>(item);
    const from = load<i32>(item, 4);
    const to = load<i32>(item, 8);
    const depth = load<i32>(item, 12);
    const impurity = sumNode(g, from, to);
    estimateNode(g, node);
    const weight = load<f32>(g.total + (<usize>(g.stride - 1) << 2));
    const isLeaf = depth == g.maxDepth || impurity <= PURE || weight < 2 * g.minLeaf;
    if (isLeaf || !findCut(g, from, to - from)) {
      store<i32>(g.column + (<usize>node << 2), -1);
      continue;
    }
    const middle = partition(g, from, to);
    assert(middle > from && middle < to);
    store<i32>(g.column + (<usize>node << 2), g.cut.column);
    store<f32>(g.threshold + (<usize>node << 2), g.cut.threshold);
    store<i32>(g.next + (<usize>node << 2), nodes);
    const bytes = <usize>g.width << 2;
    const estimate = g.estimate + <usize>node * bytes;
    memory.copy(g.estimate + <usize>nodes * bytes, estimate, bytes);
    memory.copy(g.estimate + <usize>(nodes + 1) * bytes, estimate, bytes);
    push(g, height, nodes + 1, middle, to, depth + 1);
    push(g, height + 1, nodes, from, middle, depth + 1);
    height += 2;
    nodes += 2;
  }
  return nodes;
}

/** Puts a node on the stack: its rows are `order[from]` … `order[to − 1]`. */
function push(g: Growth, height: i32, node: i32, from: i32, to: i32, depth: i32): void {
  const item = g.stack + (<usize>height << 4);
  store<i32>(item, node);
  store<i32>(item, from, 4);
  store<i32>(item, to, 8);
  store<i32>(item, depth, 12);
}

/** Copies the rows of a node side by side and sums them; returns the squared error as a share of the squares. */
function sumNode(g: Growth, from: i32, to: i32): f32 {
  const bytes = <usize>g.stride << 2;
  memory.fill(g.total, 0, bytes);
  let squares: f32 = 0;
  for (let i = from; i < to; i++) {
    const row = load<u32>(g.order + (<usize>i << 2));
    const copy = g.near + <usize>(i - from) * bytes;
    memory.copy(copy, g.target + <usize>row * bytes, bytes);
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(g.total + at, f32x4.add(v128.load(g.total + at), v128.load(copy + at)));
    }
    squares += load<f32>(g.square + (<usize>row << 2));
  }
  g.cut.squares = squares;
  return squares > 0 ? (squares - explained(g, g.total)) / squares : 0;
}

/** Replaces the parent's estimate, which the node holds at first, by its own. */
function estimateNode(g: Growth, node: i32): void {
  const prior = f32x4.splat(g.prior);
  const estimate = g.estimate + ((<usize>node * <usize>g.width) << 2);
  for (let k = 0; k < g.width; k += LANES) {
    const at = <usize>k << 2;
    const weight = v128.load(g.total + weightAt(g, k));
    const sum = f32x4.add(v128.load(g.total + at), f32x4.mul(prior, v128.load(estimate + at)));
    const all = f32x4.add(weight, prior);
    const known = f32x4.gt(all, f32x4.splat(0));
    v128.store(estimate + at, v128.bitselect(f32x4.div(sum, all), v128.load(estimate + at), known));
  }
}

/** The offset of the weights of models k … k + 3, in bytes. */
// @ts-ignore: decorator
@inline
function weightAt(g: Growth, k: i32): usize {
  return <usize>(g.width + (g.isPartial ? k : 0)) << 2;
}

/** Σ over models of sum² / weight: the squares that the mean explains. 0 for a model without weight. */
function explained(g: Growth, sums: usize): f32 {
  let score = f32x4.splat(0);
  for (let k = 0; k < g.width; k += LANES) {
    score = f32x4.add(score, ratio(v128.load(sums + (<usize>k << 2)), v128.load(sums + weightAt(g, k))));
  }
  return sumLanes(score);
}

/** `explained` for the left side plus that for the right side. */
function explainedApart(g: Growth): f32 {
  let score = f32x4.splat(0);
  for (let k = 0; k < g.width; k += LANES) {
    const at = <usize>k << 2;
    const weights = weightAt(g, k);
    const sum = v128.load(g.left + at);
    const weight = v128.load(g.left + weights);
    const otherSum = f32x4.sub(v128.load(g.total + at), sum);
    const otherWeight = f32x4.sub(v128.load(g.total + weights), weight);
    score = f32x4.add(score, f32x4.add(ratio(sum, weight), ratio(otherSum, otherWeight)));
  }
  return sumLanes(score);
}

// @ts-ignore: decorator
@inline
function ratio(sum: v128, weight: v128): v128 {
  return v128.and(f32x4.div(f32x4.mul(sum, sum), weight), f32x4.gt(weight, f32x4.splat(0)));
}

/** Finds the best cut of a node's rows among random columns; returns false if there is none. */
function findCut(g: Growth, from: i32, rows: i32): bool {
  g.cut.score = -1;
  const perfect = g.cut.squares * (1 - PURE);
  let tried = 0;
  for (let c = 0; c < g.columns && tried < g.candidates && g.cut.score < perfect; c++) {
    // Draw a column that this node has not tried.
    const place = g.shuffled + (<usize>c << 2);
    const drawn = g.shuffled + (<usize>(c + nextBelow(g.random, g.columns - c)) << 2);
    const column = load<i32>(drawn);
    store<i32>(drawn, load<i32>(place));
    store<i32>(place, column);

    const value = g.value + ((<usize>column * <usize>g.allRows) << 2);
    for (let i = 0; i < rows; i++) {
      const row = load<u32>(g.order + (<usize>(from + i) << 2));
      store<f32>(g.values + (<usize>i << 2), load<f32>(value + (<usize>row << 2)));
    }
    const least = leastOf(g.values, rows);
    const most = mostOf(g.values, rows);
    if (!(least < most)) continue;
    tried++;
    if (g.isBest) cutAtBest(g, column, rows);
    else cutAtRandom(g, column, rows, least, most);
  }
  return g.cut.score >= 0;
}

/** The smallest of some finite values; there is at least one. */
function leastOf(values: usize, rows: i32): f32 {
  const end = values + (<usize>rows << 2);
  let at = values;
  let four = f32x4.splat(Infinity);
  for (; at + 16 <= end; at += 16) four = f32x4.pmin(four, v128.load(at));
  let least: f32 = min(min(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)), min(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)));
  for (; at < end; at += 4) least = min(least, load<f32>(at));
  return least;
}

/** The largest of some finite values; there is at least one. */
function mostOf(values: usize, rows: i32): f32 {
  const end = values + (<usize>rows << 2);
  let at = values;
  let four = f32x4.splat(-Infinity);
  for (; at + 16 <= end; at += 16) four = f32x4.pmax(four, v128.load(at));
  let most: f32 = max(max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)), max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)));
  for (; at < end; at += 4) most = max(most, load<f32>(at));
  return most;
}

/** Keeps a cut if it is better than those before; `g.left` holds the sums of its left side. */
function keepCut(g: Growth, column: i32, threshold: f32): void {
  const last = <usize>(g.stride - 1) << 2;
  const weight = load<f32>(g.left + last);
  if (weight < g.minLeaf || load<f32>(g.total + last) - weight < g.minLeaf) return;
  const score = explainedApart(g);
  if (!(score > g.cut.score)) return;
  g.cut.score = score;
  g.cut.column = column;
  g.cut.threshold = threshold;
}

function cutAtRandom(g: Growth, column: i32, rows: i32, least: f32, most: f32): void {
  let threshold = <f32>(<f64>least + nextUniform(g.random) * (<f64>most - <f64>least));
  // Rounding must not leave the right side empty.
  if (threshold >= most) threshold = least;
  const end = g.values + (<usize>rows << 2);
  const cut = f32x4.splat(threshold);
  let at = g.values;
  for (; at + 16 <= end; at += 16) v128.store(at, f32x4.le(v128.load(at), cut));
  for (; at < end; at += 4) store<i32>(at, load<f32>(at) <= threshold ? -1 : 0);
  const bytes = <usize>g.stride << 2;
  let group: usize = 0;
  for (; group + 32 < bytes; group += 48) sumThree(g, group, bytes, end);
  for (; group < bytes; group += 16) sumOne(g, group, bytes, end);
  keepCut(g, column, threshold);
}

/** Sums four columns of the rows whose mask in `g.values` is set. */
function sumOne(g: Growth, group: usize, bytes: usize, end: usize): void {
  let near = g.near + group;
  let sum = f32x4.splat(0);
  for (let at = g.values; at < end; at += 4) {
    sum = f32x4.add(sum, v128.and(v128.load32_splat(at), v128.load(near)));
    near += bytes;
  }
  v128.store(g.left + group, sum);
}

/** `sumOne` for twelve columns: their additions do not wait for one another. */
function sumThree(g: Growth, group: usize, bytes: usize, end: usize): void {
  let near = g.near + group;
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  for (let at = g.values; at < end; at += 4) {
    const mask = v128.load32_splat(at);
    sum0 = f32x4.add(sum0, v128.and(mask, v128.load(near)));
    sum1 = f32x4.add(sum1, v128.and(mask, v128.load(near, 16)));
    sum2 = f32x4.add(sum2, v128.and(mask, v128.load(near, 32)));
    near += bytes;
  }
  v128.store(g.left + group, sum0);
  v128.store(g.left + group, sum1, 16);
  v128.store(g.left + group, sum2, 32);
}

function cutAtBest(g: Growth, column: i32, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const bits = <u32>reinterpret<i32>(load<f32>(g.values + (<usize>i << 2)));
    // Negative floats fall as their bits rise, positive ones rise with them.
    const rising = bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
    store<u64>(g.keys + (<usize>i << 3), (<u64>rising << 32) | <u64>i);
  }
  sortKeys(g.keys, rows);
  const bytes = <usize>g.stride << 2;
  memory.fill(g.left, 0, bytes);
  let key = load<u32>(g.keys);
  for (let i = 0; i + 1 < rows; i++) {
    const near = g.near + <usize>key * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(g.left + at, f32x4.add(v128.load(g.left + at), v128.load(near + at)));
    }
    const low = load<f32>(g.values + (<usize>key << 2));
    key = load<u32>(g.keys + (<usize>(i + 1) << 3));
    const high = load<f32>(g.values + (<usize>key << 2));
    if (!(low < high)) continue;
    const middle = <f32>((<f64>low + <f64>high) / 2);
    keepCut(g, column, middle < high ? middle : low);
  }
}

/** Sorts distinct uint64 in rising order, in place: heapsort [Williams1964]. O(n log n). */
function sortKeys(keys: usize, n: i32): void {
  for (let i = (n >> 1) - 1; i >= 0; i--) sink(keys, i, n);
  for (let end = n - 1; end > 0; end--) {
    const last = keys + (<usize>end << 3);
    const largest = load<u64>(keys);
    store<u64>(keys, load<u64>(last));
    store<u64>(last, largest);
    sink(keys, 0, end);
  }
}

function sink(keys: usize, i: i32, n: i32): void {
  const key = load<u64>(keys + (<usize>i << 3));
  for (;;) {
    let child = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && load<u64>(keys + (<usize>(child + 1) << 3)) > load<u64>(keys + (<usize>child << 3))) child++;
    const larger = load<u64>(keys + (<usize>child << 3));
    if (larger <= key) break;
    store<u64>(keys + (<usize>i << 3), larger);
    i = child;
  }
  store<u64>(keys + (<usize>i << 3), key);
}

/** Moves the rows of the left side to the front, both sides in their old order; returns where the right side begins. */
function partition(g: Growth, from: i32, to: i32): i32 {
  const value = g.value + ((<usize>g.cut.column * <usize>g.allRows) << 2);
  const threshold = g.cut.threshold;
  let middle = from;
  let others = 0;
  for (let i = from; i < to; i++) {
    const row = load<u32>(g.order + (<usize>i << 2));
    if (load<f32>(value + (<usize>row << 2)) <= threshold) {
      store<u32>(g.order + (<usize>middle << 2), row);
      middle++;
    } else {
      store<u32>(g.values + (<usize>others << 2), row);
      others++;
    }
  }
  memory.copy(g.order + (<usize>middle << 2), g.values, <usize>others << 2);
  return middle;
}
