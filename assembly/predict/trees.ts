import { LANES } from "../layout";

/** Rows that descend a tree side by side: their loads overlap. Eight take 0.7 to 0.85 times as long as four. */
const TOGETHER = 8;

// @ts-ignore: decorator
@inline
function word(array: usize, i: u32): u32 {
  return load<u32>(array + (<usize>i << 2));
}

/** The next node for a row: the left child if its value is at most the threshold, else the right one; a leaf stays. */
// @ts-ignore: decorator
@inline
function below(column: usize, threshold: usize, next: usize, node: u32, row: usize): u32 {
  const value = load<f32>(row + (<usize>word(column, node) << 2));
  return word(next, node) + u32(value > load<f32>(threshold + (<usize>node << 2)));
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
  /** Per node: uint32, float32. A leaf has column 0 and threshold ∞, so that rows which arrive early wait there. */
  column: usize = 0;
  threshold: usize = 0;
  /** uint32 per node: the left child, which the right one follows; at a leaf the leaf itself. */
  next: usize = 0;
  /** uint32 per node: the number of the leaf's vector. */
  leaf: usize = 0;
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
  const columns = forest.columns;
  const models = forest.models;
  const root = forest.root;
  const trees = forest.trees;
  const column = forest.column;
  const threshold = forest.threshold;
  const next = forest.next;
  const leaf = forest.leaf;
  const vector = forest.vector;
  const width = forest.width;
  assert(width % LANES == 0 && models <= width && trees > 0);
  const rowBytes = <usize>columns << 2;
  const sumBytes = <usize>width << 2;
  memory.fill(sum, 0, <usize>rows * sumBytes);
  for (let t = 0; t < trees; t++) {
    const start = word(root, t);
    let row = 0;
    for (; row + TOGETHER <= rows; row += TOGETHER) {
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
        const below0 = below(column, threshold, next, node0, row0);
        const below1 = below(column, threshold, next, node1, row1);
        const below2 = below(column, threshold, next, node2, row2);
        const below3 = below(column, threshold, next, node3, row3);
        const below4 = below(column, threshold, next, node4, row4);
        const below5 = below(column, threshold, next, node5, row5);
        const below6 = below(column, threshold, next, node6, row6);
        const below7 = below(column, threshold, next, node7, row7);
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
      addVector(at, vector + <usize>word(leaf, node0) * sumBytes, width);
      addVector(at + sumBytes, vector + <usize>word(leaf, node1) * sumBytes, width);
      addVector(at + 2 * sumBytes, vector + <usize>word(leaf, node2) * sumBytes, width);
      addVector(at + 3 * sumBytes, vector + <usize>word(leaf, node3) * sumBytes, width);
      addVector(at + 4 * sumBytes, vector + <usize>word(leaf, node4) * sumBytes, width);
      addVector(at + 5 * sumBytes, vector + <usize>word(leaf, node5) * sumBytes, width);
      addVector(at + 6 * sumBytes, vector + <usize>word(leaf, node6) * sumBytes, width);
      addVector(at + 7 * sumBytes, vector + <usize>word(leaf, node7) * sumBytes, width);
    }
    for (; row < rows; row++) {
      const at = value + <usize>row * rowBytes;
      let node = start;
      for (let child = below(column, threshold, next, node, at); child != node; ) {
        node = child;
        child = below(column, threshold, next, node, at);
      }
      addVector(sum + <usize>row * sumBytes, vector + <usize>word(leaf, node) * sumBytes, width);
    }
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
