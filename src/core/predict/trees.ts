import { Forest, Growth, LANES } from "../../../assembly/layout.js";
import { selectRows } from "../../matrix.js";
import type { Arena, KeptView } from "../arena.js";
import type { PredictKernels } from "../kernels.js";
import type { PartModule } from "../module.js";
import { Struct } from "../struct.js";
import { bytesOf, workspace } from "../workspace.js";
import type { PredictSpace } from "./space.js";

/**
 * Decision trees as plain arrays. A row moves from a node to node `next` if its value of `column` is at most `threshold`, else
 * to `next` + 1. A leaf has column 0, threshold ∞ and itself as `next`.
 */
export interface Trees {
  /** Values per row. */
  columns: number;
  /** Numbers that are predicted. */
  models: number;
  /** First node of each tree. */
  root: Uint32Array;
  // Per node.
  column: Uint32Array;
  threshold: Float32Array;
  next: Uint32Array;
  /** The number of a leaf's vector in `vector`; 0 at other nodes. */
  leaf: Uint32Array;
  /** Leaves × `vectorWidth(models)`, row-major, padded with zeros. */
  vector: Float32Array;
}

/**
 * Whether data from a file can be applied: every node that is not a leaf leads to later nodes, so that every path ends, and
 * all indices lie inside the arrays. O(nodes).
 */
export function isForest({ columns, models, root, column, threshold, next, leaf, vector }: Trees): boolean {
  const nodes = column.length;
  const arrays = [root, column, next, leaf].every((array) => array instanceof Uint32Array);
  const numbers = [threshold, vector].every((array) => array instanceof Float32Array);
  const lengths = [threshold, next, leaf].every((array) => array.length === nodes);
  const leaves = vector.length / vectorWidth(models);
  if (!arrays || !numbers || !lengths || !Number.isInteger(leaves)) return false;
  for (let at = 0; at < nodes; at++) {
    const node = next[at];
    const leads = node === at ? threshold[at] === Infinity : node > at && node + 1 < nodes;
    if (!(leads && column[at] < columns && leaf[at] < leaves)) return false;
  }
  return root.length > 0 && root.every((node) => node < nodes);
}

/** Rows to grow trees on. */
export interface GrowthRows {
  rows: number;
  columns: number;
  models: number;
  /** Columns × rows, column-major. */
  value: Float32Array;
  /** Rows × models: the label minus the model's rate; 0 if unlabelled. */
  label: Float32Array;
  /** Rows × models: 1, or 0 if unlabelled. */
  isLabelled: Uint8Array;
}

export interface GrowthSettings {
  /** Columns compared at a node. */
  candidates: number;
  maxDepth: number;
  /** Least weight of the rows in a leaf. */
  minLeaf: number;
  /** Weight of the parent's estimate in that of a node. */
  prior: number;
  /** Use the best threshold of a column instead of a random one. */
  isBest: boolean;
}

/**
 * Numbers in the block of rows that passes one tree after another: 128 KiB, which stay in the nearer caches, for trees of up
 * to a hundred nodes, and up to four times as much for larger trees, which are expensive to fetch again. Measured on 280
 * columns: with 95 nodes per tree 16 µs per row (25 with 512 KiB), with 1,200 nodes 70 µs (100 with 128 KiB).
 */
function blockFloats({ column, root }: Trees): number {
  const nodes = column.length / root.length;
  return (1 << 15) * Math.min(Math.max(nodes / 100, 1), 4);
}

/** Numbers of a leaf vector: models, rounded up to a multiple of LANES. */
export function vectorWidth(models: number): number {
  return Math.ceil(models / LANES) * LANES;
}

/**
 * Grows trees number `first` … `first` + `trees` − 1. `weightOf(t)`: the weight of each row in tree t; 0 leaves it out. Tree t
 * draws from stream t of the seed, so that trees do not depend on each other. Leaf vectors hold differences from the models'
 * rates.
 */
export function growTrees(
  module: PartModule<PredictKernels>,
  rows: GrowthRows,
  settings: GrowthSettings,
  trees: number,
  seed: number,
  weightOf: (tree: number) => Float64Array,
  first = 0,
): Trees {
  const growth = new GrowthRoom(module, rows, settings);
  const parts: Trees[] = [];
  let weight: Float64Array | undefined;
  for (let t = first; t < first + trees; t++) {
    const asked = weightOf(t);
    if (asked !== weight) growth.writeWeights((weight = asked));
    parts.push(growth.grow(seed, t));
  }
  return joinTrees(parts);
}

/** Rows in an instance's memory, and room for a tree that grows on them. */
class GrowthRoom {
  private readonly kernels: PredictKernels;
  private readonly arena: Arena;
  private readonly width: number;
  private readonly stride: number;
  private readonly isPartial: boolean;
  private readonly struct: Struct<typeof Growth>;
  /** Rows that take part, ascending. */
  private taking = new Uint32Array(0);

  constructor(
    module: PartModule<PredictKernels>,
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
    this.struct = new Struct(arena, Growth, {
      value: arena.write(bytesOf(value)),
      allRows: rows,
      columns,
      target: arena.reserve(rows * stride * 4),
      stride,
      width,
      isPartial: Number(this.isPartial),
      square: arena.reserve(rows * 4),
      order: arena.reserve(rows * 4),
      rows: 0,
      candidates: settings.candidates,
      maxDepth: settings.maxDepth,
      isBest: Number(settings.isBest),
      minLeaf: floatBits(settings.minLeaf),
      prior: floatBits(settings.prior),
      random: arena.reserve(16),
      shuffled: arena.reserve(columns * 4),
      values: arena.reserve(rows * 4),
      keys: arena.reserve(rows * 8),
      near: arena.reserve(rows * stride * 4),
      stack: arena.reserve((rows + 1) * 16),
      total: arena.reserve(stride * 4),
      left: arena.reserve(stride * 4),
      cut: arena.reserve(16),
      column: arena.reserve(nodes * 4),
      threshold: arena.reserve(nodes * 4),
      next: arena.reserve(nodes * 4),
      estimate: arena.reserve(nodes * width * 4),
    });
  }

  /** Weights the labels. Rows with weight 0 do not take part. */
  writeWeights(weight: Float64Array): void {
    const { source, struct, stride, width, isPartial } = this;
    const { models, label, isLabelled } = source;
    this.taking = Uint32Array.from(weight.keys()).filter((r) => weight[r] > 0);
    // All numbers, also the padding of the rows: an earlier call may have left other values.
    const target = this.f32(struct.get("target"), source.rows * stride).fill(0);
    const square = this.f32(struct.get("square"), source.rows);
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
    struct.set({ rows: this.taking.length });
  }

  /** Grows the tree of one random stream. Its nodes and leaves are numbered from 0. */
  grow(seed: number, stream: number): Trees {
    const { arena, kernels, struct, width } = this;
    const { columns, models } = this.source;
    arena.u32(struct.get("order"), this.taking.length).set(this.taking);
    kernels.seedRandom(struct.get("random"), seed, stream);
    const nodes = kernels.growTree(struct.address);
    const found = arena.i32(struct.get("column"), nodes);
    const threshold = this.f32(struct.get("threshold"), nodes).slice();
    const next = arena.u32(struct.get("next"), nodes).slice();
    const estimate = this.f32(struct.get("estimate"), nodes * width);
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

/** Joins trees, at least one, in their order; the numbers of nodes and leaves are shifted. */
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

/**
 * The same trees with each leaf vector once: many leaves hold the same few rows. Vectors are equal where their bits are, so
 * predictions stay the same. O(numbers of the vectors + nodes).
 */
export function withDistinctLeaves(trees: Trees): Trees {
  const { models, vector, leaf } = trees;
  const width = vectorWidth(models);
  const leaves = vector.length / width;
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  // A table of open addresses: the number of a distinct vector, or −1.
  const mask = 2 ** Math.ceil(Math.log2(2 * leaves)) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  const first: number[] = [];
  const isSame = (a: number, b: number): boolean => {
    for (let c = 0; c < width; c++) if (words[a * width + c] !== words[b * width + c]) return false;
    return true;
  };
  const place = Uint32Array.from({ length: leaves }, (_, at) => {
    let slot = hashOf(words, at * width, width) & mask;
    while (slots[slot] >= 0 && !isSame(first[slots[slot]], at)) slot = (slot + 1) & mask;
    if (slots[slot] < 0) slots[slot] = first.push(at) - 1;
    return slots[slot];
  });
  return { ...trees, leaf: leaf.map((at) => place[at]), vector: selectRows(vector, width, first) };
}

/** As MurmurHash3 mixes words. */
function hashOf(words: Uint32Array, from: number, count: number): number {
  let hash = 0;
  for (let k = from; k < from + count; k++) {
    hash = Math.imul(hash ^ words[k], 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return Math.imul(hash, 0xc2b2ae35) >>> 0;
}

/** Trees in an instance's memory, to be applied to rows again and again: `assembly/predict/trees.ts`. */
export class TreeMeans {
  private readonly columns: number;
  private readonly models: number;
  private readonly blockRows: number;
  private readonly forest: Struct<typeof Forest>;
  private readonly block: KeptView<"f32">;
  private readonly result: KeptView<"f32">;
  private readonly sum: number;

  constructor(
    trees: Trees,
    private readonly space: PredictSpace,
  ) {
    const { arena } = space;
    const { columns, models } = trees;
    const width = vectorWidth(models);
    this.columns = columns;
    this.models = models;
    this.blockRows = Math.max(1, Math.floor(blockFloats(trees) / columns));
    this.forest = new Struct(arena, Forest, {
      columns,
      models,
      root: arena.write(trees.root),
      trees: trees.root.length,
      node: writeNodes(trees, arena),
      vector: arena.write(bytesOf(trees.vector)),
      width,
    });
    this.block = arena.kept("f32", this.blockRows * columns);
    this.sum = arena.reserve(this.blockRows * width * 4);
    this.result = arena.kept("f32", this.blockRows * models);
  }

  /**
   * Writes the mean of the trees' leaf vectors for each row: that of row r begins at `out[first + r * stride]`. O(rows ×
   * trees × (depth + models)).
   */
  run(rows: number, value: Float32Array, out: Float32Array, first = 0, stride = this.models): void {
    const { block, blockRows, columns, forest, models, result, sum } = this;
    for (let from = 0; from < rows; from += blockRows) {
      const count = Math.min(blockRows, rows - from);
      const input = block.view;
      for (let i = 0; i < count * columns; i++) input[i] = value[from * columns + i];
      this.space.kernels.applyTrees(forest.address, block.address, count, sum, result.address);
      const means = result.view;
      for (let r = 0; r < count; r++) {
        const to = first + (from + r) * stride;
        for (let m = 0; m < models; m++) out[to + m] = means[r * models + m];
      }
    }
  }
}

/** Copies the nodes in, the four words of each side by side, beginning at a cache line. Returns their address. */
function writeNodes({ column, threshold, next, leaf }: Trees, arena: Arena): number {
  const nodes = column.length;
  const address = arena.reserveLines(16 * nodes);
  const words = arena.u32(address, 4 * nodes);
  const floats = arena.f32(address, 4 * nodes);
  for (let k = 0; k < nodes; k++) {
    words[4 * k] = column[k];
    floats[4 * k + 1] = threshold[k];
    words[4 * k + 2] = next[k];
    words[4 * k + 3] = leaf[k];
  }
  return address;
}

/** The bits of a float32, for a field of a struct. */
function floatBits(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0];
}
