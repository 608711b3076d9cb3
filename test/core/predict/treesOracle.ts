import type { GrowthRows, GrowthSettings, Trees } from "../../../src/core/predict/trees.js";
import { Random } from "../../../src/random.js";

// Slow twins of the kernels in `assembly/predict/grow.ts`, `trees.ts` and `neighbours.ts`, in their float32 arithmetic.

const f = Math.fround;

export interface SlowNode {
  column: number;
  threshold: number;
  children?: [SlowNode, SlowNode];
  estimate: number[];
}

interface Sums {
  label: number[];
  weight: number[];
  rowWeight: number;
}

/** One tree, as `growTree` describes it. */
export function growSlowly(
  rows: GrowthRows,
  settings: GrowthSettings,
  weight: Float64Array,
  seed: number,
  stream: number,
): SlowNode {
  const { columns, models } = rows;
  const random = new Random(seed, stream);
  const shuffled = Array.from({ length: columns }, (_, c) => c);
  const padded = Math.ceil(models / 4) * 4;
  const valueOf = (r: number, c: number): number => rows.value[c * rows.rows + r];
  const targetOf = (r: number, m: number): number =>
    m < models ? f(weight[r] * rows.label[r * models + m]) : 0;
  const labelWeight = (r: number, m: number): number =>
    !rows.isLabelled.includes(0)
      ? f(weight[r])
      : m < models
        ? f(weight[r] * rows.isLabelled[r * models + m])
        : 0;
  const squareOf = (r: number): number => {
    let sum = 0;
    for (let m = 0; m < models; m++) sum += weight[r] * rows.label[r * models + m] ** 2;
    return f(sum);
  };
  const sumsOf = (set: readonly number[]): Sums => {
    const add = (value: (r: number) => number) => set.reduce((sum, r) => f(sum + value(r)), 0);
    const each = (value: (r: number, m: number) => number) =>
      Array.from({ length: padded }, (_, m) => add((r) => value(r, m)));
    return { label: each(targetOf), weight: each(labelWeight), rowWeight: add((r) => f(weight[r])) };
  };
  const minus = (a: number[], b: number[]): number[] => a.map((x, m) => f(x - b[m]));
  const ratio = (sum: number, w: number): number => (w > 0 ? f(f(sum * sum) / w) : 0);
  const explained = (...sides: Sums[]): number => {
    const lanes = [0, 0, 0, 0];
    for (let m = 0; m < padded; m++) {
      const ratios = sides.map(({ label, weight }) => ratio(label[m], weight[m]));
      lanes[m % 4] = f(lanes[m % 4] + ratios.reduce((a, b) => f(a + b)));
    }
    return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
  };

  const grow = (set: readonly number[], parent: number[], depth: number): SlowNode => {
    const total = sumsOf(set);
    const squares = set.reduce((sum, r) => f(sum + squareOf(r)), 0);
    const prior = f(settings.prior);
    const estimate = parent.map((before, m) => {
      const all = f(total.weight[m] + prior);
      return all > 0 ? f(f(total.label[m] + f(prior * before)) / all) : before;
    });
    const node: SlowNode = { column: 0, threshold: Infinity, estimate };
    const impurity = squares > 0 ? f(f(squares - explained(total)) / squares) : 0;
    const isLeaf =
      depth === settings.maxDepth || impurity <= f(1e-5) || total.rowWeight < f(2 * f(settings.minLeaf));
    if (isLeaf) return node;

    let best = { score: -1, column: -1, threshold: 0 };
    const offer = (column: number, threshold: number, inOrder: readonly number[]): void => {
      const left = sumsOf(inOrder.filter((r) => valueOf(r, column) <= threshold));
      const right = {
        label: minus(total.label, left.label),
        weight: minus(total.weight, left.weight),
        rowWeight: f(total.rowWeight - left.rowWeight),
      };
      if (left.rowWeight < f(settings.minLeaf) || right.rowWeight < f(settings.minLeaf)) return;
      const score = explained(left, right);
      if (score > best.score) best = { score, column, threshold };
    };
    const perfect = f(squares * f(1 - f(1e-5)));
    for (let c = 0, tried = 0; c < columns && tried < settings.candidates && best.score < perfect; c++) {
      const d = c + random.below(columns - c);
      const column = shuffled[d];
      shuffled[d] = shuffled[c];
      shuffled[c] = column;
      const values = set.map((r) => valueOf(r, column));
      const least = Math.min(...values);
      const most = Math.max(...values);
      if (least === most) continue;
      tried++;
      if (settings.isBest) {
        const sorted = set.map((_, i) => i).sort((i, j) => values[i] - values[j] || i - j);
        const distinct = [...new Set(sorted.map((i) => values[i]))];
        for (let k = 0; k + 1 < distinct.length; k++) {
          const middle = f((distinct[k] + distinct[k + 1]) / 2);
          offer(
            column,
            middle < distinct[k + 1] ? middle : distinct[k],
            sorted.map((i) => set[i]),
          );
        }
      } else {
        const drawn = f(least + random.uniform() * (most - least));
        offer(column, drawn >= most ? least : drawn, set);
      }
    }
    if (best.score < 0) return node;
    const isLeft = (r: number): boolean => valueOf(r, best.column) <= best.threshold;
    const left = grow(set.filter(isLeft), estimate, depth + 1);
    const right = grow(
      set.filter((r) => !isLeft(r)),
      estimate,
      depth + 1,
    );
    return { column: best.column, threshold: best.threshold, children: [left, right], estimate };
  };
  const taking = Array.from(weight.keys()).filter((r) => weight[r] > 0);
  return grow(
    taking,
    Array.from({ length: padded }, () => 0),
    0,
  );
}

/** The tree that starts at a node, of the plain arrays. */
export function treeAt(trees: Trees, node: number): SlowNode {
  const width = Math.ceil(trees.models / 4) * 4;
  const isLeaf = trees.next[node] === node;
  const leaf = trees.leaf[node];
  return {
    column: trees.column[node],
    threshold: trees.threshold[node],
    ...(isLeaf ? {} : { children: [treeAt(trees, trees.next[node]), treeAt(trees, trees.next[node] + 1)] }),
    estimate: isLeaf ? [...trees.vector.subarray(leaf * width, (leaf + 1) * width)] : [],
  };
}

/** Without the estimates of inner nodes, which plain arrays do not keep. */
export function leavesOnly(node: SlowNode): SlowNode {
  if (node.children === undefined) return node;
  const [left, right] = node.children;
  return { ...node, children: [leavesOnly(left), leavesOnly(right)], estimate: [] };
}

/** Where a row ends. */
export function leafOf(node: SlowNode, row: ArrayLike<number>): SlowNode {
  if (node.children === undefined) return node;
  return leafOf(node.children[row[node.column] > node.threshold ? 1 : 0], row);
}

/** Indices of the k largest inner products, in float32 lanes, ties by index, with the products. */
export function nearestSlowly(
  query: Float32Array,
  rows: readonly Float32Array[],
  k: number,
): { index: number; similarity: number }[] {
  const product = (row: Float32Array): number => {
    const lanes = [0, 0, 0, 0];
    row.forEach((x, c) => (lanes[c % 4] = f(lanes[c % 4] + f(x * query[c]))));
    return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
  };
  return rows
    .map((row, index) => ({ index, similarity: product(row) }))
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, k);
}
