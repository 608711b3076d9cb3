import { instantiate, instantiateSync } from "@assemblyscript/loader";
import { ABI } from "../../assembly/layout.js";
import { RELEASE } from "../../build/embedded.js";
import { CoreError } from "../errors.js";

/** Addresses and element counts, as the kernels in `assembly/` declare them. */
export interface Kernels extends Record<string, unknown> {
  memory: WebAssembly.Memory;
  abi(): number;
  heapBase(): number;
  sumHulls(
    cost: number,
    probability: number,
    weight: number,
    rows: number,
    models: number,
    scratch: number,
    buckets: number,
    total: number,
  ): number;
  listSteps(
    cost: number,
    probability: number,
    weight: number,
    rows: number,
    models: number,
    from: number,
    to: number,
    firstQuery: number,
    order: number,
    stack: number,
    scratch: number,
    efficiency: number,
    dCost: number,
    dGain: number,
    query: number,
    stepFrom: number,
    stepTo: number,
  ): number;
  firstBucket(buckets: number): number;
  lastBucket(buckets: number): number;
  scanBuckets(
    buckets: number,
    first: number,
    count: number,
    total: number,
    weight: number,
    cost: number,
    accuracy: number,
    lambda: number,
  ): number;
  scanSteps(
    steps: number,
    order: number,
    record: number,
    total: number,
    weight: number,
    cost: number,
    accuracy: number,
    lambda: number,
  ): number;
  scanPrices(
    steps: number,
    efficiency: number,
    dCost: number,
    dGain: number,
    total: number,
    weight: number,
    price: number,
    prices: number,
    cost: number,
    accuracy: number,
    lambda: number,
  ): number;
  beginSweep(
    steps: number,
    queries: number,
    query: number,
    delta: number,
    goal: number,
    applied: number,
    reach: number,
  ): number;
  destroy(
    queries: number,
    start: number,
    ranks: number,
    gap: number,
    goal: number,
    applied: number,
    reach: number,
    sums: number,
    candidates: number,
  ): number;
  rebuild(
    steps: number,
    efficiency: number,
    query: number,
    delta: number,
    goal: number,
    applied: number,
    reach: number,
  ): number;
  allFinite(cost: number, probability: number, options: number): number;
  findInvalid(cost: number, probability: number, options: number): number;
  findForbidden(cost: number, rows: number, models: number): number;
  forbid(
    cost: number,
    probability: number,
    rows: number,
    models: number,
    allowed: number,
    minProbability: number,
  ): void;
  allocateCheapest(
    cost: number,
    probability: number,
    rows: number,
    models: number,
    scratch: number,
    allocation: number,
  ): void;
  allocateMostProbable(
    cost: number,
    probability: number,
    rows: number,
    models: number,
    scratch: number,
    allocation: number,
  ): void;
  allocateAtPrice(
    cost: number,
    probability: number,
    rows: number,
    models: number,
    lambda: number,
    allocation: number,
  ): void;
  sumAllocated(
    value: number,
    weight: number,
    rows: number,
    models: number,
    allocation: number,
    start: number,
  ): number;
  addAllocated(
    cost: number,
    probability: number,
    weight: number,
    rows: number,
    models: number,
    allocation: number,
    total: number,
  ): void;
  sortFalling(value: number, n: number, order: number, item: number, otherItem: number, counts: number): void;
  sortCountBytes(): number;
  sortPoints(
    cost: number,
    accuracy: number,
    points: number,
    order: number,
    scratch: number,
    comparisons: number,
  ): void;
  rankPoints(
    order: number,
    cost: number,
    accuracy: number,
    points: number,
    rank: number,
    last: number,
    comparisons: number,
  ): number;
  markFront(order: number, accuracy: number, points: number, keep: number): number;
  hypervolume(
    cost: number,
    accuracy: number,
    points: number,
    referenceCost: number,
    referenceAccuracy: number,
  ): number;
  igd(
    cost: number,
    accuracy: number,
    points: number,
    referenceCost: number,
    referenceAccuracy: number,
    references: number,
    isPlus: boolean,
  ): number;
  igdSorted(
    cost: number,
    accuracy: number,
    points: number,
    referenceCost: number,
    referenceAccuracy: number,
    references: number,
    isPlus: boolean,
    distances: number,
  ): number;
  additiveEpsilon(
    cost: number,
    accuracy: number,
    points: number,
    referenceCost: number,
    referenceAccuracy: number,
    references: number,
  ): number;
  spread(cost: number, accuracy: number, points: number, ends: number): number;
  seedRandom(state: number, seed: number, stream: number): void;
  nextUint32(state: number): number;
  nextUniform(state: number): number;
  extendStates(
    cost: number,
    gain: number,
    states: number,
    optionCost: number,
    optionGain: number,
    options: number,
    heads: number,
    nextCost: number,
    nextGain: number,
    parent: number,
    taken: number,
    count: number,
    limit: number,
  ): number;
  insertPoint(archive: number, allocation: number, isSupported: number): number;
  searchSteps(search: number, steps: number): void;
  multiply(left: number, right: number, out: number, rows: number, inner: number, columns: number): void;
  growTree(growth: number): number;
  applyTrees(
    value: number,
    rows: number,
    columns: number,
    root: number,
    trees: number,
    column: number,
    threshold: number,
    next: number,
    leaf: number,
    vector: number,
    width: number,
    sum: number,
    out: number,
    models: number,
  ): void;
  findNearest(
    query: number,
    queries: number,
    row: number,
    rows: number,
    columns: number,
    k: number,
    nearest: number,
    index: number,
    scratch: number,
  ): void;
  timesMatrix(
    start: number,
    column: number,
    value: number,
    rows: number,
    matrix: number,
    width: number,
    out: number,
    stride: number,
  ): void;
  addTransposedTimes(
    start: number,
    column: number,
    value: number,
    rows: number,
    matrix: number,
    width: number,
    out: number,
  ): void;
  countVotes(
    near: number,
    closeness: number,
    queries: number,
    listed: number,
    weight: number,
    wanted: number,
    rate: number,
    prior: number,
    fits: number,
    rows: number,
    ballot: number,
    models: number,
    width: number,
    isComplete: boolean,
    scratch: number,
    out: number,
    isShort: number,
  ): void;
  toProbabilities(margin: number, rows: number, width: number, intercept: number, models: number): void;
  addReplicate(
    member: number,
    members: number,
    values: number,
    weight: number,
    clip: number,
    base: number,
    slope: number,
    period: number,
    isFirst: boolean,
    share: number,
    origin: number,
    mean: number,
    sum: number,
    squares: number,
  ): void;
  robustScores(
    origin: number,
    mean: number,
    sum: number,
    squares: number,
    values: number,
    count: number,
    alpha: number,
  ): void;
  timesFound(
    start: number,
    column: number,
    value: number,
    rows: number,
    rowOf: number,
    matrix: number,
    width: number,
    scratch: number,
    out: number,
  ): void;
  innerProducts(
    start: number,
    column: number,
    value: number,
    rows: number,
    columnOf: number,
    denseRow: number,
    dense: number,
    denseRows: number,
    first: number,
    other: number,
    otherValue: number,
    others: number,
    scratch: number,
    out: number,
  ): void;
  sparseTexts(
    unit: number,
    start: number,
    texts: number,
    scale: number,
    scratch: number,
    rowStart: number,
    column: number,
    value: number,
  ): void;
  sparseScratchBytes(): number;
  sumTexts(
    unit: number,
    start: number,
    texts: number,
    buckets: number,
    scratch: number,
    bytes: number,
    byteCount: number,
    byteColumns: number,
    reals: number,
    firstReal: number,
    realCount: number,
    realColumns: number,
    kept: number,
    slots: number,
    out: number,
  ): void;
  sumScratchBytes(byteColumns: number, realColumns: number): number;
  keptBytes(slots: number, byteColumns: number, realColumns: number): number;
  gramMatrix(matrix: number, rows: number, width: number, gram: number): void;
  timesSmall(
    matrix: number,
    rows: number,
    width: number,
    factor: number,
    outWidth: number,
    scratch: number,
  ): void;
  toUnitLength(matrix: number, rows: number, width: number, stride: number): void;
}

/** What `loadCore` takes: the address of a `core.wasm`, the answer of a `fetch`, its bytes, or a compiled module. */
export type CoreSource = URL | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

let loaded: WebAssembly.Module | undefined;

/**
 * The WebAssembly core of this thread. The package carries it as text, so it needs no file, no address and no setting of
 * a bundler, and it is compiled on first use, in a few milliseconds.
 */
export function compileCore(): WebAssembly.Module {
  loaded ??= new WebAssembly.Module(Uint8Array.from(atob(RELEASE), (letter) => letter.charCodeAt(0)));
  return loaded;
}

/**
 * Uses a core that you serve yourself, instead of the one that the package carries: the file `optllm/core.wasm`, by its
 * URL, by its bytes or as a compiled module. Never needed. Call it before anything is solved; threads of a pool that is
 * made later take the same core.
 *
 * @throws CoreError for a file that cannot be loaded or belongs to another version of the package.
 */
export async function loadCore(source: CoreSource): Promise<void> {
  const wasm = source instanceof URL ? fetch(source) : source;
  try {
    const { module, exports } = await instantiate<Kernels>(wasm);
    checkVersion(exports);
    loaded = module;
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError(`cannot load the WebAssembly core: ${String(error)}`);
  }
}

/** A new instance with memory of its own. Throws `CoreError` when the module is of another version. */
export function instantiateCore(module: WebAssembly.Module): Kernels {
  const kernels = instantiateSync<Kernels>(module, {}).exports;
  checkVersion(kernels);
  return kernels;
}

function checkVersion({ abi }: Partial<Kernels>): void {
  const found = typeof abi === "function" ? abi() : undefined;
  if (found === ABI) return;
  throw new CoreError(
    `the WebAssembly core is stale (version ${found ?? "unknown"}, this package needs ${ABI}): run "npm run build:core"`,
  );
}
