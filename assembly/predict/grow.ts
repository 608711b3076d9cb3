import { LANES } from "../layout";
import { nextBelow, nextUniform } from "../random";

/** What a tree grows from and into; the host writes all of it, in this order. */
// @ts-ignore: decorator
@unmanaged
class Growth {
  /** float32, columns × all rows: a column after another. */
  value: usize = 0;
  allRows: i32 = 0;
  columns: i32 = 0;
  /** float32, `stride` a row: weight · (label − rate) of each model, 0 where unlabelled, then the weights. */
  target: usize = 0;
  stride: i32 = 0;
  /** Floats of the labels, a multiple of LANES. */
  width: i32 = 0;
  /** 1: every model has its own weights, `width` of them; 0: LANES equal ones serve all. The row's own come last. */
  isPartial: i32 = 0;
  /** float32, a number a row: Σ over models of weight · (label − rate)². */
  square: usize = 0;
  /** uint32: the rows that take part; reordered. */
  order: usize = 0;
  rows: i32 = 0;
  /** Columns compared at a node, not counting constant ones. */
  candidates: i32 = 0;
  maxDepth: i32 = 0;
  /** 1: the best threshold of a column; 0: a random one. */
  isBest: i32 = 0;
  /** Least weight of a leaf, and the weight of the parent's estimate in a node's. */
  minLeaf: f32 = 0;
  prior: f32 = 0;
  /** Four uint32. */
  random: usize = 0;
  /** Scratch: columns × i32; rows × f32; rows × u64; rows × stride × f32; (rows + 1) × 16 bytes. */
  shuffled: usize = 0;
  values: usize = 0;
  keys: usize = 0;
  near: usize = 0;
  stack: usize = 0;
  /** Scratch: stride × f32 each. */
  total: usize = 0;
  left: usize = 0;
  /** For each node, up to 2 · rows: i32 column (−1: a leaf), f32 threshold, u32 left child, width × f32 estimate. */
  column: usize = 0;
  threshold: usize = 0;
  next: usize = 0;
  estimate: usize = 0;
  /** Σ of `square` over the node at hand, and its best cut. */
  squares: f32 = 0;
  score: f32 = 0;
  bestColumn: i32 = 0;
  bestThreshold: f32 = 0;
}

/** A node is pure when its squared error is below this share of its squares: the rounding of float32 sums. */
const PURE: f32 = 1e-5;

/**
 * Grows one tree for all models at once and returns its number of nodes; node 0 is the root.
 *
 * At a node, columns are drawn without replacement until `candidates` of them vary there. Each is cut at a threshold drawn
 * uniformly between its least and largest value [GeurtsErnstWehenkel2006], or at the best one [Breiman2001]; a row goes
 * left when its value is at most the threshold. The cut of least squared error, summed over models, is taken, the first
 * of equal ones, if both sides weigh `minLeaf`; one that leaves both sides pure ends the comparison. A node is a leaf at `maxDepth`, when it is pure, or without such a cut.
 *
 * A node's estimate of a model is (Σ weight·(label − rate) + prior · parent's estimate) / (Σ weight + prior), the root's
 * parent 0: a node without labels keeps what its parent says. O(nodes' rows × candidates × models / LANES) with random
 * thresholds; sorting adds a factor log rows with best ones.
 */
export function growTree(address: usize): i32 {
  const g = changetype<Growth>(address);
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
    store<i32>(g.column + (<usize>node << 2), g.bestColumn);
    store<f32>(g.threshold + (<usize>node << 2), g.bestThreshold);
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

function push(g: Growth, height: i32, node: i32, from: i32, to: i32, depth: i32): void {
  const item = g.stack + (<usize>height << 4);
  store<i32>(item, node);
  store<i32>(item, from, 4);
  store<i32>(item, to, 8);
  store<i32>(item, depth, 12);
}

/** Copies the node's rows side by side and sums them; returns the squared error as a share of the squares. */
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
  g.squares = squares;
  return squares > 0 ? (squares - explained(g, g.total)) / squares : 0;
}

/** Turns the parent's estimate, which the node holds, into its own. */
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

/** Where the weights of models k … k + 3 stand, in bytes. */
// @ts-ignore: decorator
@inline
function weightAt(g: Growth, k: i32): usize {
  return <usize>(g.width + (g.isPartial ? k : 0)) << 2;
}

/** Σ over models of sum² / weight, 0 for a model without weight. */
function explained(g: Growth, sums: usize): f32 {
  let score = f32x4.splat(0);
  for (let k = 0; k < g.width; k += LANES) {
    score = f32x4.add(score, ratio(v128.load(sums + (<usize>k << 2)), v128.load(sums + weightAt(g, k))));
  }
  return lanes(score);
}

/** `explained` of the left side and of the rest. */
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
  return lanes(score);
}

// @ts-ignore: decorator
@inline
function ratio(sum: v128, weight: v128): v128 {
  return v128.and(f32x4.div(f32x4.mul(sum, sum), weight), f32x4.gt(weight, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function lanes(x: v128): f32 {
  const low = f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1);
  return low + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** Finds the best cut of the node's rows among random columns; false when there is none. */
function findCut(g: Growth, from: i32, rows: i32): bool {
  g.score = -1;
  const perfect = g.squares * (1 - PURE);
  let tried = 0;
  for (let c = 0; c < g.columns && tried < g.candidates && g.score < perfect; c++) {
    // Draw a column that this node has not seen.
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
  return g.score >= 0;
}

/** The least of some finite values, at least one. */
function leastOf(values: usize, rows: i32): f32 {
  const end = values + (<usize>rows << 2);
  let at = values;
  let four = f32x4.splat(Infinity);
  for (; at + 16 <= end; at += 16) four = f32x4.pmin(four, v128.load(at));
  let least: f32 = min(min(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)), min(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)));
  for (; at < end; at += 4) least = min(least, load<f32>(at));
  return least;
}

/** The largest of them. */
function mostOf(values: usize, rows: i32): f32 {
  const end = values + (<usize>rows << 2);
  let at = values;
  let four = f32x4.splat(-Infinity);
  for (; at + 16 <= end; at += 16) four = f32x4.pmax(four, v128.load(at));
  let most: f32 = max(max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)), max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)));
  for (; at < end; at += 4) most = max(most, load<f32>(at));
  return most;
}

/** Keeps a cut when it is better than those before; `g.left` holds the sums of its left side. */
function keepCut(g: Growth, column: i32, threshold: f32): void {
  const last = <usize>(g.stride - 1) << 2;
  const weight = load<f32>(g.left + last);
  if (weight < g.minLeaf || load<f32>(g.total + last) - weight < g.minLeaf) return;
  const score = explainedApart(g);
  if (!(score > g.score)) return;
  g.score = score;
  g.bestColumn = column;
  g.bestThreshold = threshold;
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

/** Sums four lanes of the rows whose mask, in `g.values`, is set. */
function sumOne(g: Growth, group: usize, bytes: usize, end: usize): void {
  let near = g.near + group;
  let sum = f32x4.splat(0);
  for (let at = g.values; at < end; at += 4) {
    sum = f32x4.add(sum, v128.and(v128.load32_splat(at), v128.load(near)));
    near += bytes;
  }
  v128.store(g.left + group, sum);
}

/** `sumOne` three times over: the additions of one do not wait for those of another. */
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
    // Negative floats fall with their bits, positive ones rise.
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

/** Sorts distinct uint64 upwards, in place [Williams1964]. O(n log n). */
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

/** Brings the rows of the left side to the front, both sides in their order; where the right side begins. */
function partition(g: Growth, from: i32, to: i32): i32 {
  const value = g.value + ((<usize>g.bestColumn * <usize>g.allRows) << 2);
  let middle = from;
  let others = 0;
  for (let i = from; i < to; i++) {
    const row = load<u32>(g.order + (<usize>i << 2));
    if (load<f32>(value + (<usize>row << 2)) <= g.bestThreshold) {
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
