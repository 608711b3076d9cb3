import { LANES } from "../layout";

/**
 * Rows that descend a tree side by side, or trees that a row descends: their loads overlap. Eight rows take 0.7 to 0.85 times as
 * long as four.
 */
const TOGETHER = 8;

// @ts-ignore: decorator
@inline
function word(array: usize, i: u32): u32 {
  return load<u32>(array + (<usize>i << 2));
}

/** Bytes of a node: its column, threshold, left child and leaf. */
const NODE_SHIFT: usize = 4;

/** The next node for a row: the left child if its value is at most the threshold, else the right one; a leaf stays. */
// @ts-ignore: decorator
@inline
function below(nodes: usize, node: u32, row: usize): u32 {
  const at = nodes + (<usize>node << NODE_SHIFT);
  const value = load<f32>(row + (<usize>load<u32>(at) << 2));
  return load<u32>(at, 8) + u32(value > load<f32>(at, 4));
}

/** The address of the vector of a leaf. */
// @ts-ignore: decorator
@inline
function vectorOf(forest: Forest, node: u32): usize {
  const leaf = load<u32>(forest.node + (<usize>node << NODE_SHIFT), 12);
  return forest.vector + ((<usize>leaf * <usize>forest.width) << 2);
}

/** Adds a leaf's vector to a sum; `width` floats, a multiple of LANES. */
// @ts-ignore: decorator
@inline
function addVector(sum: usize, vector: usize, width: i32): void {
  for (let g = 0; g < width; g += LANES) {
    const at = <usize>g << 2;
    v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(vector + at)));
  }
}

/** Trees that predict one number per model. */
// @ts-ignore: decorator
@unmanaged
export class Forest {
  /** Values per row. */
  columns: i32 = 0;
  models: i32 = 0;
  /** uint32 per tree: its first node. */
  root: usize = 0;
  trees: i32 = 0;
  /**
   * Four words per node, 16 bytes: its column (uint32) and threshold (float32); the left child (uint32), which the right one
   * follows; the number of a leaf's vector (uint32). A leaf has column 0, threshold ∞ and itself as left child, so that rows
   * which arrive early wait there.
   */
  node: usize = 0;
  /** float32, `width` per leaf: a multiple of LANES, at least `models`. */
  vector: usize = 0;
  width: i32 = 0;
}

/**
 * The mean over trees of the leaf vectors that rows end in: `out[row]` = Σ vector[leaf(tree, row)] / trees, summed in
 * float32 in the order of the trees.
 *
 * `value`: float32, rows × columns, row-major; `sum`: scratch, float32, rows × width; `out`: float32, rows × models. NaN
 * values go left. O(rows × trees × (depth + width)); a block of rows should fit the cache beside one tree.
 */
export function applyTrees(forest: Forest, value: usize, rows: i32, sum: usize, out: usize): void {
  const models = forest.models;
  const trees = forest.trees;
  const width = forest.width;
  assert(width % LANES == 0 && models <= width && trees > 0);
  const rowBytes = <usize>forest.columns << 2;
  const sumBytes = <usize>width << 2;
  memory.fill(sum, 0, <usize>rows * sumBytes);
  // Rows side by side in one tree after another; the rows that are left, if few, in trees side by side.
  const paired = rows & ~(TOGETHER - 1);
  if (paired > 0) for (let t = 0; t < trees; t++) sumOverRows(forest, t, value, paired, sum);
  for (let row = paired; row < rows; row++) {
    sumOverTrees(forest, value + <usize>row * rowBytes, sum + <usize>row * sumBytes);
  }
  const share = <f32>1 / <f32>trees;
  for (let row = 0; row < rows; row++) {
    const from = sum + <usize>row * sumBytes;
    const to = out + ((<usize>row * <usize>models) << 2);
    for (let m = 0; m < models; m++) {
      const at = <usize>m << 2;
      store<f32>(to + at, load<f32>(from + at) * share);
    }
  }
}

/** Adds the vectors of the leaves of one tree to the sums of rows, of which there are a multiple of TOGETHER. */
function sumOverRows(forest: Forest, tree: i32, value: usize, rows: i32, sum: usize): void {
  const nodes = forest.node;
  const width = forest.width;
  const rowBytes = <usize>forest.columns << 2;
  const sumBytes = <usize>width << 2;
  const start = word(forest.root, tree);
  for (let row = 0; row < rows; row += TOGETHER) {
    const row0 = value + <usize>row * rowBytes;
    const row1 = row0 + rowBytes;
    const row2 = row1 + rowBytes;
    const row3 = row2 + rowBytes;
    const row4 = row3 + rowBytes;
    const row5 = row4 + rowBytes;
    const row6 = row5 + rowBytes;
    const row7 = row6 + rowBytes;
    let node0 = start;
    let node1 = start;
    let node2 = start;
    let node3 = start;
    let node4 = start;
    let node5 = start;
    let node6 = start;
    let node7 = start;
    let moved: u32;
    do {
      const below0 = below(nodes, node0, row0);
      const below1 = below(nodes, node1, row1);
      const below2 = below(nodes, node2, row2);
      const below3 = below(nodes, node3, row3);
      const below4 = below(nodes, node4, row4);
      const below5 = below(nodes, node5, row5);
      const below6 = below(nodes, node6, row6);
      const below7 = below(nodes, node7, row7);
      moved = (below0 ^ node0) | (below1 ^ node1) | (below2 ^ node2) | (below3 ^ node3);
      moved |= (below4 ^ node4) | (below5 ^ node5) | (below6 ^ node6) | (below7 ^ node7);
      node0 = below0;
      node1 = below1;
      node2 = below2;
      node3 = below3;
      node4 = below4;
      node5 = below5;
      node6 = below6;
      node7 = below7;
    } while (moved != 0);
    const at = sum + <usize>row * sumBytes;
    addVector(at, vectorOf(forest, node0), width);
    addVector(at + sumBytes, vectorOf(forest, node1), width);
    addVector(at + 2 * sumBytes, vectorOf(forest, node2), width);
    addVector(at + 3 * sumBytes, vectorOf(forest, node3), width);
    addVector(at + 4 * sumBytes, vectorOf(forest, node4), width);
    addVector(at + 5 * sumBytes, vectorOf(forest, node5), width);
    addVector(at + 6 * sumBytes, vectorOf(forest, node6), width);
    addVector(at + 7 * sumBytes, vectorOf(forest, node7), width);
  }
}

/** Adds the vectors of the leaves of all trees, in their order, to the sum of one row. */
function sumOverTrees(forest: Forest, row: usize, sum: usize): void {
  const nodes = forest.node;
  const root = forest.root;
  const trees = forest.trees;
  const width = forest.width;
  let t = 0;
  for (; t + TOGETHER <= trees; t += TOGETHER) {
    let node0 = word(root, t);
    let node1 = word(root, t + 1);
    let node2 = word(root, t + 2);
    let node3 = word(root, t + 3);
    let node4 = word(root, t + 4);
    let node5 = word(root, t + 5);
    let node6 = word(root, t + 6);
    let node7 = word(root, t + 7);
    let moved: u32;
    do {
      const below0 = below(nodes, node0, row);
      const below1 = below(nodes, node1, row);
      const below2 = below(nodes, node2, row);
      const below3 = below(nodes, node3, row);
      const below4 = below(nodes, node4, row);
      const below5 = below(nodes, node5, row);
      const below6 = below(nodes, node6, row);
      const below7 = below(nodes, node7, row);
      moved = (below0 ^ node0) | (below1 ^ node1) | (below2 ^ node2) | (below3 ^ node3);
      moved |= (below4 ^ node4) | (below5 ^ node5) | (below6 ^ node6) | (below7 ^ node7);
      node0 = below0;
      node1 = below1;
      node2 = below2;
      node3 = below3;
      node4 = below4;
      node5 = below5;
      node6 = below6;
      node7 = below7;
    } while (moved != 0);
    addVector(sum, vectorOf(forest, node0), width);
    addVector(sum, vectorOf(forest, node1), width);
    addVector(sum, vectorOf(forest, node2), width);
    addVector(sum, vectorOf(forest, node3), width);
    addVector(sum, vectorOf(forest, node4), width);
    addVector(sum, vectorOf(forest, node5), width);
    addVector(sum, vectorOf(forest, node6), width);
    addVector(sum, vectorOf(forest, node7), width);
  }
  for (; t < trees; t++) {
    let node = word(root, t);
    for (let child = below(nodes, node, row); child != node; ) {
      node = child;
      child = below(nodes, node, row);
    }
    addVector(sum, vectorOf(forest, node), width);
  }
}
