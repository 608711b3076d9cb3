import { LANES } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { bytesOf, workspace } from "../workspace.js";

/**
 * Decision trees as plain arrays. A row goes from a node to `next` when its value of `column` is at most `threshold`, else to
 * `next` + 1. A leaf has column 0, threshold ∞ and itself as `next`.
 */
export interface Trees {
  /** Values that a row has. */
  columns: number;
  /** Numbers that are predicted. */
  models: number;
  /** First node of each tree. */
  root: Uint32Array;
  // One each node.
  column: Uint32Array;
  threshold: Float32Array;
  next: Uint32Array;
  /** Which vector of `vector` a leaf has; 0 at other nodes. */
  leaf: Uint32Array;
  /** Leaves × `vectorWidth(models)`, row-major, filled up with zeros. */
  vector: Float32Array;
}

/**
 * Whether data from a file can be applied: a node that is no leaf leads to nodes after it, so that every way ends, and all
 * places lie inside the arrays. O(nodes).
 */
export function isForest({ columns, models, root, column, threshold, next, leaf, vector }: Trees): boolean {
  const nodes = column.length;
  const arrays = [root, column, next, leaf].every((array) => array instanceof Uint32Array);
  const numbers = [threshold, vector].every((array) => array instanceof Float32Array);
  const lengths = [threshold, next, leaf].every((array) => array.length === nodes);
  const leaves = vector.length / vectorWidth(models);
  if (!arrays || !numbers || !lengths || !Number.isInteger(leaves)) return false;
  return (
    root.length > 0 &&
    root.every((node) => node < nodes) &&
    column.every((c) => c < columns) &&
    leaf.every((place) => place < leaves) &&
    next.every((node, at) => (node === at ? threshold[at] === Infinity : node > at && node + 1 < nodes))
  );
}

/** Rows to grow trees on. */
export interface GrowthRows {
  rows: number;
  columns: number;
  models: number;
  /** Columns × rows: a column after another. */
  value: Float32Array;
  /** Rows × models: each label's distance from the model's rate; 0 where unlabelled. */
  label: Float32Array;
  /** Rows × models: 1, or 0 where unlabelled. */
  isLabelled: Uint8Array;
}

export interface GrowthSettings {
  /** Columns compared at a node. */
  candidates: number;
  maxDepth: number;
  /** Least weight of the rows in a leaf. */
  minLeaf: number;
  /** Weight of the parent's estimate in a node's own. */
  prior: number;
  /** The best threshold of a column, not a random one. */
  isBest: boolean;
}

/**
 * Numbers of the rows that pass one tree after another: 128 KiB, which stay in the nearer caches, for trees of up to a hundred
 * nodes, up to four times as many for larger ones, which are expensive to come back to. Measured on 280 columns, half as many or
 * twice as many: 95 nodes a tree 16 µs a row (25 with 512 KiB), 1,200 nodes 70 µs (100 with 128 KiB).
 */
function blockFloats({ column, root }: Trees): number {
  const nodes = column.length / root.length;
  return (1 << 15) * Math.min(Math.max(nodes / 100, 1), 4);
}

/** Floats of a leaf vector: models, rounded up to whole lanes. */
export function vectorWidth(models: number): number {
  return Math.ceil(models / LANES) * LANES;
}

/**
 * Grows `trees` trees, from number `first` on. `weightOf(t)`: how often each row counts in tree t; 0 leaves it out. Tree t draws
 * from stream t of the seed, so that trees do not depend on each other. Leaf vectors hold distances from the models' rates.
 */
export function growTrees(
  module: WebAssembly.Module,
  rows: GrowthRows,
  settings: GrowthSettings,
  trees: number,
  seed: number,
  weightOf: (tree: number) => Float64Array,
  first = 0,
): Trees {
  const growth = new Growth(module, rows, settings);
  const parts: Trees[] = [];
  let weight: Float64Array | undefined;
  for (let t = first; t < first + trees; t++) {
    const asked = weightOf(t);
    if (asked !== weight) growth.writeWeights((weight = asked));
    parts.push(growth.grow(seed, t));
  }
  return joinTrees(parts);
}

/** Rows in an instance's memory, and the tree that grows on them. */
class Growth {
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly width: number;
  private readonly stride: number;
  private readonly isPartial: boolean;
  private readonly record: number;
  private readonly at: Record<
    "target" | "square" | "order" | "random" | "column" | "threshold" | "next" | "estimate",
    number
  >;
  /** Rows that take part, ascending. */
  private taking = new Uint32Array(0);

  constructor(
    module: WebAssembly.Module,
    private readonly source: GrowthRows,
    settings: GrowthSettings,
  ) {
    const { rows, columns, models, value, isLabelled } = source;
    const { kernels, arena } = workspace(module);
    this.kernels = kernels;
    this.arena = arena;
    this.width = vectorWidth(models);
    this.isPartial = isLabelled.includes(0);
    this.stride = this.width + (this.isPartial ? this.width : 0) + LANES;
    const { width, stride } = this;
    const nodes = Math.max(1, 2 * rows - 1);
    this.at = {
      target: arena.reserve(rows * stride * 4),
      square: arena.reserve(rows * 4),
      order: arena.reserve(rows * 4),
      random: arena.reserve(16),
      column: arena.reserve(nodes * 4),
      threshold: arena.reserve(nodes * 4),
      next: arena.reserve(nodes * 4),
      estimate: arena.reserve(nodes * width * 4),
    };
    const { at } = this;
    this.record = arena.reserve(RECORD_WORDS * 4);
    const words = [
      arena.write(bytesOf(value)),
      rows,
      columns,
      at.target,
      stride,
      width,
      Number(this.isPartial),
      at.square,
      at.order,
      0,
      settings.candidates,
      settings.maxDepth,
      Number(settings.isBest),
      floatBits(settings.minLeaf),
      floatBits(settings.prior),
      at.random,
      arena.reserve(columns * 4),
      arena.reserve(rows * 4),
      arena.reserve(rows * 8),
      arena.reserve(rows * stride * 4),
      arena.reserve((rows + 1) * 16),
      arena.reserve(stride * 4),
      arena.reserve(stride * 4),
      at.column,
      at.threshold,
      at.next,
      at.estimate,
    ];
    arena.u32(this.record, words.length).set(words);
  }

  /** Weighs the labels, and leaves rows of weight 0 out. */
  writeWeights(weight: Float64Array): void {
    const { at, arena, source, stride, width, isPartial } = this;
    const { models, label, isLabelled } = source;
    this.taking = Uint32Array.from(weight.keys()).filter((r) => weight[r] > 0);
    // Also the numbers that fill a row up, which an earlier call may have left behind.
    const target = this.f32(at.target, source.rows * stride).fill(0);
    const square = this.f32(at.square, source.rows);
    for (const r of this.taking) {
      const base = r * stride;
      const w = weight[r];
      let squares = 0;
      for (let m = 0; m < models; m++) {
        const y = label[r * models + m];
        target[base + m] = w * y;
        squares += w * y * y;
        if (isPartial) target[base + width + m] = w * isLabelled[r * models + m];
      }
      square[r] = squares;
      target.fill(w, base + stride - LANES, base + stride);
    }
    arena.u32(this.record, RECORD_WORDS)[ROWS_WORD] = this.taking.length;
  }

  /** Grows the tree of one random stream, its nodes and leaves numbered from 0. */
  grow(seed: number, stream: number): Trees {
    const { at, arena, kernels, width } = this;
    const { columns, models } = this.source;
    arena.u32(at.order, this.taking.length).set(this.taking);
    kernels.seedRandom(at.random, seed, stream);
    const nodes = kernels.growTree(this.record);
    const found = new Int32Array(arena.u32(at.column, nodes).buffer, at.column, nodes);
    const threshold = this.f32(at.threshold, nodes).slice();
    const next = arena.u32(at.next, nodes).slice();
    const estimate = this.f32(at.estimate, nodes * width);
    const column = new Uint32Array(nodes);
    const leaf = new Uint32Array(nodes);
    const vector = new Float32Array(((nodes + 1) / 2) * width);
    let leaves = 0;
    for (let k = 0; k < nodes; k++) {
      if (found[k] >= 0) {
        column[k] = found[k];
        continue;
      }
      threshold[k] = Infinity;
      next[k] = k;
      leaf[k] = leaves;
      vector.set(estimate.subarray(k * width, (k + 1) * width), leaves++ * width);
    }
    return { columns, models, root: Uint32Array.of(0), column, threshold, next, leaf, vector };
  }

  private f32(address: number, length: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, address, length);
  }
}

/** Words of the record that `assembly/predict/grow.ts` declares, and the place of the number of rows. */
const RECORD_WORDS = 31;
const ROWS_WORD = 9;

/** At least one part, one after another, numbers of nodes and leaves moved up. */
export function joinTrees(parts: readonly Trees[]): Trees {
  const { columns, models } = parts[0];
  const width = vectorWidth(models);
  const total = (of: (part: Trees) => { length: number }): number =>
    parts.reduce((sum, part) => sum + of(part).length, 0);
  const nodes = total(({ column }) => column);
  const trees: Trees = {
    columns,
    models,
    root: new Uint32Array(total(({ root }) => root)),
    column: new Uint32Array(nodes),
    threshold: new Float32Array(nodes),
    next: new Uint32Array(nodes),
    leaf: new Uint32Array(nodes),
    vector: new Float32Array(total(({ vector }) => vector)),
  };
  let [tree, node, leaf] = [0, 0, 0];
  for (const part of parts) {
    const [firstNode, firstLeaf] = [node, leaf];
    trees.root.set(
      part.root.map((k) => k + firstNode),
      tree,
    );
    trees.column.set(part.column, node);
    trees.threshold.set(part.threshold, node);
    trees.next.set(
      part.next.map((k) => k + firstNode),
      node,
    );
    trees.leaf.set(
      part.leaf.map((k) => k + firstLeaf),
      node,
    );
    trees.vector.set(part.vector, leaf * width);
    tree += part.root.length;
    node += part.column.length;
    leaf += part.vector.length / width;
  }
  return trees;
}

/** Writes the mean of the trees' leaf vectors for each row: rows × models. See `assembly/predict/trees.ts`. */
export function applyTrees(
  module: WebAssembly.Module,
  trees: Trees,
  rows: number,
  value: Float32Array,
  out: Float32Array,
): void {
  const { columns, models } = trees;
  const width = vectorWidth(models);
  const { kernels, arena } = workspace(module);
  const root = arena.write(trees.root);
  const column = arena.write(trees.column);
  const threshold = arena.write(bytesOf(trees.threshold));
  const next = arena.write(trees.next);
  const leaf = arena.write(trees.leaf);
  const vector = arena.write(bytesOf(trees.vector));
  const blockRows = Math.max(1, Math.min(rows, Math.floor(blockFloats(trees) / columns)));
  const block = arena.reserve(blockRows * columns * 4);
  const sum = arena.reserve(blockRows * width * 4);
  const result = arena.reserve(blockRows * models * 4);
  const f32 = (address: number, length: number) => new Float32Array(kernels.memory.buffer, address, length);
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    f32(block, count * columns).set(value.subarray(from * columns, (from + count) * columns));
    kernels.applyTrees(
      block,
      count,
      columns,
      root,
      trees.root.length,
      column,
      threshold,
      next,
      leaf,
      vector,
      width,
      sum,
      result,
      models,
    );
    out.set(f32(result, count * models), from * models);
  }
}

function floatBits(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0];
}
