import { BLOCK_OPTIONS, BUCKETS, GROUP_BYTES, LANES, MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import { compileCore, instantiateCore, type Build, type Kernels } from "./module.js";

/** A problem as plain arrays; matrices are queries × models, row-major. See `Problem` for units. */
export interface Matrices {
  models: number;
  cost: Float32Array;
  successProbability: Float32Array;
  /** For each query. */
  weight?: Float32Array;
  /** A byte an option: 0 forbids it. */
  allowed?: Uint8Array;
  /** For each query: options of a lower probability are forbidden. */
  minProbability?: Float32Array;
}

/** What one pass over some queries adds up to. */
export interface BucketSums {
  /** Pairs (Σ Δcost, Σ Δprobability), one for each efficiency bucket. */
  buckets: Float64Array;
  /** Cost and summed probability of the cheapest allocation. */
  startCost: number;
  startGain: number;
  /** Number of increments. */
  steps: number;
}

/** The allocation of some queries at a price, what it adds up to, and the increments from there to a lower price. */
export interface Bracket {
  allocation: Uint8Array;
  cost: number;
  gain: number;
  steps: Steps;
}

/** Increments, by query and falling efficiency within a query; arrays of equal length. */
export interface Steps {
  efficiency: Float64Array;
  dCost: Float64Array;
  dGain: Float64Array;
  query: Uint32Array;
  from: Uint8Array;
  to: Uint8Array;
}

/** The points of a front, by rising cost. */
export interface Points {
  totalCost: Float64Array;
  expectedAccuracy: Float64Array;
  lambda: Float64Array;
}

/** Points of the objective plane: dollars and 0 … 1, as many of each. */
export interface Coordinates {
  cost: Float64Array;
  accuracy: Float64Array;
}

/** A price in probability per dollar: ∞ buys nothing but the cheapest models, 0 the most probable ones. */
export type Price = number;

const PAGE = 65536;

/**
 * One instance of the WebAssembly core and the only owner of its memory: the kernels get addresses from
 * here and nowhere else. Matrices of any size stream through fixed buffers block by block; only sorting and
 * point sets make the memory grow.
 */
export class Core {
  private readonly kernels: Kernels;
  private used: number;
  /** Fixed buffers of one block; the order is that of the memory. */
  private readonly at: Record<
    | "cost"
    | "probability"
    | "weight"
    | "allowed"
    | "minProbability"
    | "scratch"
    | "total"
    | "buckets"
    | "from"
    | "to"
    | "order"
    | "stack"
    | "efficiency"
    | "dCost"
    | "dGain"
    | "query"
    | "stepFrom"
    | "stepTo"
    | "end",
    number
  >;

  constructor(readonly module: WebAssembly.Module = compileCore("release")) {
    this.kernels = instantiateCore(module);
    this.used = this.kernels.heapBase();
    const block = BLOCK_OPTIONS * 4 + 16;
    this.at = {
      cost: this.reserve(block),
      probability: this.reserve(block),
      weight: this.reserve(BLOCK_OPTIONS * 4),
      allowed: this.reserve(BLOCK_OPTIONS),
      minProbability: this.reserve(BLOCK_OPTIONS * 4),
      scratch: this.reserve(GROUP_BYTES),
      total: this.reserve(16),
      buckets: this.reserve(BUCKETS * 16),
      from: this.reserve(BLOCK_OPTIONS),
      to: this.reserve(BLOCK_OPTIONS),
      order: this.reserve(MAX_MODELS),
      stack: this.reserve(MAX_MODELS),
      efficiency: this.reserve(BLOCK_OPTIONS * 8),
      dCost: this.reserve(BLOCK_OPTIONS * 8),
      dGain: this.reserve(BLOCK_OPTIONS * 8),
      query: this.reserve(BLOCK_OPTIONS * 4),
      stepFrom: this.reserve(BLOCK_OPTIONS),
      stepTo: this.reserve(BLOCK_OPTIONS),
      end: 0,
    };
    this.at.end = this.used;
  }

  static of(build: Build): Core {
    return new Core(compileCore(build));
  }

  /** Bytes of WebAssembly memory held now. */
  get memoryBytes(): number {
    return this.kernels.memory.buffer.byteLength;
  }

  /** Sums the hulls of queries `from` … `to` − 1 into efficiency buckets. Throws `InputError` for a wrong value. */
  sumHulls(problem: Matrices, from: number, to: number): BucketSums {
    const { at, kernels } = this;
    const { models } = problem;
    this.f64(at.total, 2).fill(0);
    this.f64(at.buckets, 2 * BUCKETS).fill(0);
    let steps = 0;
    for (const rows of this.blocks(models, from, to)) {
      const padded = this.writeBlock(problem, rows.from, rows.to);
      const weight = problem.weight === undefined ? 0 : at.weight;
      const found = kernels.sumHulls(
        at.cost,
        at.probability,
        weight,
        padded,
        models,
        at.scratch,
        at.buckets,
        at.total,
      );
      if (found < 0) this.checkBlock(problem, rows.from, rows.to);
      steps += found;
    }
    const [startCost, startGain] = this.f64(at.total, 2);
    return { buckets: this.f64(at.buckets, 2 * BUCKETS).slice(), startCost, startGain, steps };
  }

  /** The front that bucket sums hold; `weight`, of all queries, turns summed probability into a mean. */
  scanBuckets(sums: BucketSums, weight: number): Points {
    const { at, kernels } = this;
    this.f64(at.buckets, 2 * BUCKETS).set(sums.buckets);
    this.f64(at.total, 2).set([sums.startCost, sums.startGain]);
    return this.scoped(() => {
      const cost = this.reserve((BUCKETS + 1) * 8);
      const accuracy = this.reserve((BUCKETS + 1) * 8);
      const lambda = this.reserve((BUCKETS + 1) * 8);
      const n = kernels.scanBuckets(at.buckets, at.total, weight, cost, accuracy, lambda);
      return this.readPoints(n, cost, accuracy, lambda);
    });
  }

  /**
   * The front of all increments, given in parts. Takes 60 bytes an increment of memory, which the instance keeps: use a
   * short-lived one.
   */
  scanSteps(steps: readonly Steps[], start: { cost: number; gain: number }, weight: number): Points {
    const { at, kernels } = this;
    const n = steps.reduce((sum, part) => sum + part.efficiency.length, 0);
    return this.scoped(() => {
      const efficiency = this.writeF64(...steps.map((part) => part.efficiency));
      const dCost = this.writeF64(...steps.map((part) => part.dCost));
      const dGain = this.writeF64(...steps.map((part) => part.dGain));
      const cost = this.reserve((n + 1) * 8);
      const accuracy = this.reserve((n + 1) * 8);
      const lambda = this.reserve((n + 1) * 8);
      // Two of the outputs serve the sort as scratch before they are written.
      const order = this.sortFalling(efficiency, n, cost, accuracy);
      this.f64(at.total, 2).set([start.cost, start.gain]);
      const points = kernels.scanSteps(
        n,
        order,
        efficiency,
        dCost,
        dGain,
        at.total,
        weight,
        cost,
        accuracy,
        lambda,
      );
      return this.readPoints(points, cost, accuracy, lambda);
    });
  }

  /** Indices by falling value, equal values by rising index. O(n). */
  order(values: Float64Array): Uint32Array {
    const n = values.length;
    return this.scoped(() => {
      const value = this.writeF64(values);
      const order = this.sortFalling(value, n, this.reserve(n * 8), this.reserve(n * 8));
      return this.u32(order, n).slice();
    });
  }

  /** The allocation at one price, for queries `from` … `to` − 1, written to `allocation` from 0 on. */
  allocate(problem: Matrices, from: number, to: number, price: Price, allocation: Uint8Array): void {
    for (const rows of this.blocks(problem.models, from, to)) {
      const padded = this.writeBlock(problem, rows.from, rows.to);
      this.allocateBlock(padded, problem.models, price, this.at.from);
      allocation.set(this.u8(this.at.from, rows.to - rows.from), rows.from - from);
    }
  }

  /**
   * The allocation of queries `from` … `to` − 1 at the higher price and all increments between it and the
   * allocation at the lower price. `isChecked`: the values are known to be valid; else throws `InputError`.
   */
  bracket(problem: Matrices, from: number, to: number, high: Price, low: Price, isChecked: boolean): Bracket {
    const { at, kernels } = this;
    const { models } = problem;
    const allocation = new Uint8Array(to - from);
    const parts: Steps[] = [];
    let cost = 0;
    let gain = 0;
    this.u8(at.order, models).set(Uint8Array.from({ length: models }, (_, m) => m));
    for (const rows of this.blocks(models, from, to)) {
      const count = rows.to - rows.from;
      const padded = this.writeBlock(problem, rows.from, rows.to);
      const weight = problem.weight === undefined ? 0 : at.weight;
      if (!isChecked) this.checkBlock(problem, rows.from, rows.to);
      this.allocateBetween(padded, models, high, low);
      allocation.set(this.u8(at.from, count), rows.from - from);
      cost = kernels.sumAllocated(at.cost, weight, count, models, at.from, cost);
      gain = kernels.sumAllocated(at.probability, weight, count, models, at.from, gain);
      if (high === low) continue;
      const n = kernels.listSteps(
        at.cost,
        at.probability,
        weight,
        count,
        models,
        at.from,
        at.to,
        rows.from,
        at.order,
        at.stack,
        at.efficiency,
        at.dCost,
        at.dGain,
        at.query,
        at.stepFrom,
        at.stepTo,
      );
      if (n > 0) parts.push(this.readSteps(n));
    }
    return { allocation, cost, gain, steps: concatSteps(parts) };
  }

  /**
   * `start` + Σ weight[q] · value[q, allocation[q]] over all queries, one after another in float64: the same bytes as
   * one plain loop. `value`: queries × models; without `weight` every query counts once.
   */
  sumAllocated(
    value: Float32Array,
    models: number,
    allocation: Uint8Array,
    weight?: Float32Array,
    start = 0,
  ): number {
    const { at, kernels } = this;
    let sum = start;
    for (const { from, to } of this.blocks(models, 0, allocation.length)) {
      this.f32(at.cost, (to - from) * models).set(value.subarray(from * models, to * models));
      this.u8(at.from, to - from).set(allocation.subarray(from, to));
      if (weight !== undefined) this.f32(at.weight, to - from).set(weight.subarray(from, to));
      const weightAt = weight === undefined ? 0 : at.weight;
      sum = kernels.sumAllocated(at.cost, weightAt, to - from, models, at.from, sum);
    }
    return sum;
  }

  /** Indices by rising cost, then falling accuracy, then index, and how many comparisons it took. */
  sortPoints(points: Coordinates): { order: Uint32Array; comparisons: number } {
    return this.scoped(() => {
      const [cost, accuracy, n] = this.writePoints(points);
      const comparisons = this.writeF64(Float64Array.of(0));
      const order = this.reserve(n * 4);
      this.kernels.sortPoints(cost, accuracy, n, order, this.reserve(n * 4), comparisons);
      return { order: this.u32(order, n).slice(), comparisons: this.f64(comparisons, 1)[0] };
    });
  }

  /** The nondominated front in which each point lies, 0 the best, the number of fronts, and comparisons with the sort. */
  rankPoints(points: Coordinates): { rank: Uint32Array; fronts: number; comparisons: number } {
    return this.scoped(() => {
      const [cost, accuracy, n] = this.writePoints(points);
      const comparisons = this.writeF64(Float64Array.of(0));
      const order = this.reserve(n * 4);
      const rank = this.reserve(n * 4);
      const last = this.reserve(n * 8);
      // The result serves the sort as scratch before it is written.
      this.kernels.sortPoints(cost, accuracy, n, order, rank, comparisons);
      const fronts = this.kernels.rankPoints(order, cost, accuracy, n, rank, last, comparisons);
      return { rank: this.u32(rank, n).slice(), fronts, comparisons: this.f64(comparisons, 1)[0] };
    });
  }

  /** Marks nondominated points with 1; `order`: by rising cost, then falling accuracy, then index. */
  markFront(order: Uint32Array, accuracy: Float64Array): Uint8Array {
    const n = accuracy.length;
    return this.scoped(() => {
      const orderAt = this.reserve(n * 4);
      const accuracyAt = this.reserve(n * 8);
      const keep = this.reserve(n);
      this.u32(orderAt, n).set(order);
      this.f64(accuracyAt, n).set(accuracy);
      this.kernels.markFront(orderAt, accuracyAt, n, keep);
      return this.u8(keep, n).slice();
    });
  }

  /** Area dominated by a nondominated set of rising cost, up to a reference point. */
  hypervolume(points: Coordinates, reference: { cost: number; accuracy: number }): number {
    return this.scoped(() =>
      this.kernels.hypervolume(...this.writePoints(points), reference.cost, reference.accuracy),
    );
  }

  /**
   * Mean distance from the points of a reference set to the nearest point of a set, neither empty; `isPlus`: of
   * the harmful part alone. O(points × references).
   */
  igd(points: Coordinates, reference: Coordinates, isPlus = false): number {
    return this.scoped(() =>
      this.kernels.igd(...this.writePoints(points), ...this.writePoints(reference), isPlus),
    );
  }

  /** `igd` of two sets along which neither cost nor accuracy falls, and how many distances it took. */
  igdSorted(
    points: Coordinates,
    reference: Coordinates,
    isPlus = false,
  ): { mean: number; distances: number } {
    return this.scoped(() => {
      const distances = this.writeF64(Float64Array.of(0));
      const from = this.writePoints(points);
      const mean = this.kernels.igdSorted(...from, ...this.writePoints(reference), isPlus, distances);
      return { mean, distances: this.f64(distances, 1)[0] };
    });
  }

  /** Additive epsilon of a nondominated set by rising cost, against a reference set; neither empty. */
  additiveEpsilon(points: Coordinates, reference: Coordinates): number {
    return this.scoped(() =>
      this.kernels.additiveEpsilon(...this.writePoints(points), ...this.writePoints(reference)),
    );
  }

  /** Spread Δ of a nondominated set by rising cost, not empty; `ends`: summed distance of its ends to the reference's. */
  spread(points: Coordinates, ends: number): number {
    return this.scoped(() => this.kernels.spread(...this.writePoints(points), ends));
  }

  /** Splits queries into blocks that fit the buffers; a block holds a multiple of LANES rows, but for the last. */
  private *blocks(models: number, from: number, to: number): Generator<{ from: number; to: number }> {
    const rows = Math.floor(BLOCK_OPTIONS / models / LANES) * LANES;
    for (let start = from; start < to; start += rows) yield { from: start, to: Math.min(start + rows, to) };
  }

  /** Copies rows in, forbids options, and pads with rows of zeros, which add nothing to any sum; the padded count. */
  private writeBlock(problem: Matrices, from: number, to: number): number {
    const { at, kernels } = this;
    const { models, cost, successProbability, weight, allowed, minProbability } = problem;
    const rows = to - from;
    const padded = Math.ceil(rows / LANES) * LANES;
    this.f32(at.cost, rows * models).set(cost.subarray(from * models, to * models));
    this.f32(at.probability, rows * models).set(successProbability.subarray(from * models, to * models));
    this.f32(at.cost + rows * models * 4, (padded - rows) * models).fill(0);
    this.f32(at.probability + rows * models * 4, (padded - rows) * models).fill(0);
    if (weight !== undefined) {
      this.f32(at.weight, rows).set(weight.subarray(from, to));
      this.f32(at.weight + rows * 4, padded - rows).fill(0);
    }
    if (allowed === undefined && minProbability === undefined) return padded;
    if (allowed !== undefined) {
      this.u8(at.allowed, rows * models).set(allowed.subarray(from * models, to * models));
    }
    if (minProbability !== undefined) {
      this.f32(at.minProbability, rows).set(minProbability.subarray(from, to));
    }
    kernels.forbid(
      at.cost,
      at.probability,
      rows,
      models,
      allowed === undefined ? 0 : at.allowed,
      minProbability === undefined ? 0 : at.minProbability,
    );
    return padded;
  }

  private readSteps(n: number): Steps {
    const { at } = this;
    return {
      efficiency: this.f64(at.efficiency, n).slice(),
      dCost: this.f64(at.dCost, n).slice(),
      dGain: this.f64(at.dGain, n).slice(),
      query: this.u32(at.query, n).slice(),
      from: this.u8(at.stepFrom, n).slice(),
      to: this.u8(at.stepTo, n).slice(),
    };
  }

  /** Refuses what no kernel may meet; the block has just been written. */
  private checkBlock(problem: Matrices, from: number, to: number): void {
    const { models } = problem;
    const options = (to - from) * models;
    const bad = this.kernels.findInvalid(this.at.cost, this.at.probability, options);
    if (bad < options) throw invalidOption(problem, from * models + bad);
    const row = this.kernels.findForbidden(this.at.cost, to - from, models);
    if (row < to - from) {
      throw new InputError(`no model may answer query ${from + row}: all its options are forbidden`, {
        query: from + row,
      });
    }
  }

  /** The block's allocations at two prices, at once where both are finite and above 0. */
  private allocateBetween(rows: number, models: number, high: Price, low: Price): void {
    const { at, kernels } = this;
    if (high < Infinity && low > 0 && low < high) {
      const { cost, probability, scratch, from, to } = at;
      kernels.allocateAtPrices(cost, probability, rows, models, high, low, scratch, from, to);
      return;
    }
    this.allocateBlock(rows, models, high, at.from);
    if (low !== high) this.allocateBlock(rows, models, low, at.to);
  }

  private allocateBlock(rows: number, models: number, price: Price, allocation: number): void {
    const { at, kernels } = this;
    const { cost, probability, scratch } = at;
    if (price === Infinity) kernels.allocateCheapest(cost, probability, rows, models, scratch, allocation);
    else if (price === 0) kernels.allocateMostProbable(cost, probability, rows, models, scratch, allocation);
    else kernels.allocateAtPrice(cost, probability, rows, models, price, scratch, allocation);
  }

  private readPoints(n: number, cost: number, accuracy: number, lambda: number): Points {
    return {
      totalCost: this.f64(cost, n).slice(),
      expectedAccuracy: this.f64(accuracy, n).slice(),
      lambda: this.f64(lambda, n).slice(),
    };
  }

  /** Runs with buffers of its own, which are free again afterwards. */
  private scoped<T>(run: () => T): T {
    try {
      return run();
    } finally {
      this.used = this.at.end;
    }
  }

  /** The address of so many new bytes, 16-byte aligned; grows the memory, which detaches older views. */
  private reserve(bytes: number): number {
    const address = Math.ceil(this.used / 16) * 16;
    this.used = address + bytes;
    const missing = Math.ceil((this.used - this.memoryBytes) / PAGE);
    if (missing > 0) this.kernels.memory.grow(missing);
    return address;
  }

  private sortFalling(value: number, n: number, item: number, otherItem: number): number {
    const order = this.reserve(n * 4);
    const counts = this.reserve(this.kernels.sortCountBytes());
    this.kernels.sortFalling(value, n, order, item, otherItem, counts);
    return order;
  }

  /** The addresses of both coordinates and the number of points. */
  private writePoints({ cost, accuracy }: Coordinates): [cost: number, accuracy: number, points: number] {
    return [this.writeF64(cost), this.writeF64(accuracy), cost.length];
  }

  /** Copies arrays in one after another; the address of the first. */
  private writeF64(...parts: readonly Float64Array[]): number {
    const address = this.reserve(parts.reduce((sum, part) => sum + part.length, 0) * 8);
    let at = address;
    for (const part of parts) {
      this.f64(at, part.length).set(part);
      at += part.length * 8;
    }
    return address;
  }

  // Views: lengths in elements; use at once, since growth detaches them.
  private f64(address: number, length: number): Float64Array {
    return new Float64Array(this.kernels.memory.buffer, address, length);
  }
  private f32(address: number, length: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, address, length);
  }
  private u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.kernels.memory.buffer, address, length);
  }
  private u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, address, length);
  }
}

function invalidOption(problem: Matrices, option: number): InputError {
  const query = Math.floor(option / problem.models);
  const model = option % problem.models;
  const isCost = !(problem.cost[option] >= 0);
  const [field, value, expected] = isCost
    ? ["cost", problem.cost[option], "dollars ≥ 0"]
    : ["success probability", problem.successProbability[option], "0 … 1"];
  return new InputError(`${field} of query ${query}, model ${model} is ${value}; expected ${expected}`, {
    field,
    query,
    model,
    value: String(value),
  });
}

/** Joins lists of increments in order. */
export function concatSteps(parts: readonly Steps[]): Steps {
  if (parts.length === 1) return parts[0];
  const n = parts.reduce((sum, part) => sum + part.query.length, 0);
  const all: Steps = {
    efficiency: new Float64Array(n),
    dCost: new Float64Array(n),
    dGain: new Float64Array(n),
    query: new Uint32Array(n),
    from: new Uint8Array(n),
    to: new Uint8Array(n),
  };
  let at = 0;
  for (const part of parts) {
    all.efficiency.set(part.efficiency, at);
    all.dCost.set(part.dCost, at);
    all.dGain.set(part.dGain, at);
    all.query.set(part.query, at);
    all.from.set(part.from, at);
    all.to.set(part.to, at);
    at += part.query.length;
  }
  return all;
}
