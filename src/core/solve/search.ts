import { SEARCH_DESTROYED } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { instantiateCore } from "../module.js";
import { spread } from "./spread.js";

/** The options worth taking, query by query and by rising cost; costs and gains are weighted. */
export interface OptionTable {
  /** Queries + 1: where each query's options begin. */
  start: Uint32Array;
  cost: Float64Array;
  gain: Float64Array;
}

/** What ends work before its time. */
export interface Limits {
  /** Milliseconds from the job's start; ∞ for none. */
  timeLimitMs: number;
  /** One number in shared memory: anything but 0 asks to stop. */
  stop: Int32Array;
}

/** Allocations: for each point and query the place of its option in the table, points × queries. */
export interface Found {
  allocations: Uint8Array;
  points: number;
  /** Of the search; of the exact method its states. */
  steps: number;
  /** No nondominated point exists that was not met. */
  isExhaustive: boolean;
  /** Points were dropped for want of room. */
  isThinned: boolean;
}

export interface StatesInput {
  table: OptionTable;
  /** Partial sums held at once, over all queries. */
  maxStates: number;
  maxPoints: number;
  limits: Limits;
}

export interface SearchInput {
  table: OptionTable;
  /** Allocations of the supported points, as in `Found`. */
  supported: Uint8Array;
  /** Points of the archive, more than there are supported ones. */
  capacity: number;
  seed: number;
  /** Which of so many restarts this is. */
  restart: number;
  restarts: number;
  stepLimit: number;
  limits: Limits;
}

/** States written, or steps done, between two looks at the limits: some milliseconds. */
const STATES_A_SLICE = 1 << 16;
const STEPS_A_SLICE = 64;

/** Share of the states after which the exact method begins to ask whether the others will do. */
const TRIED_SHARE = 1 / 16;
/** Times the states left that a forecast must exceed: growth varies with the queries. */
const HOPELESS = 4;
/** Supported points offered to an archive between two looks at the limits, times queries. */
const BYTES_A_SLICE = 1 << 20;

/**
 * All nondominated allocations: sums of the first queries, extended query by query [NemhauserUllmann1969]. Gives up,
 * with no points, once `maxStates` are held, or what is left of them is far from what lists need that go on growing as
 * they last did. Memory: 5 bytes a state, and 42 for each of the longest list. Yields now and then.
 */
export function* findAll(module: WebAssembly.Module, input: StatesInput): Generator<void, Found> {
  const { table, maxStates, maxPoints, limits } = input;
  const queries = table.start.length - 1;
  const isOver = clock(limits);
  const kernels = instantiateCore(module);
  const arena = new Arena(kernels.memory, kernels.heapBase());
  const layers: Layer[] = [];
  let cost = Float64Array.of(0);
  let gain = Float64Array.of(0);
  let states = 0;
  for (let q = 0; q < queries; q++) {
    const room = maxStates - states;
    const needed = forecast(layers, queries - q);
    if (needed > HOPELESS * room && states >= TRIED_SHARE * maxStates) return nothing(states);
    arena.reset();
    const extension = new Extension(kernels, arena, table, q, cost, gain, room);
    while (!extension.isDone) {
      if (extension.isFull || isOver()) return nothing(states + extension.count);
      extension.run(STATES_A_SLICE);
      yield;
    }
    ({ cost, gain } = extension.read());
    layers.push(extension.layer());
    states += cost.length;
  }
  const chosen = spread(cost, gain, maxPoints);
  return {
    allocations: yield* traceBack(layers, chosen),
    points: chosen.length,
    steps: states,
    isExhaustive: true,
    isThinned: chosen.length < cost.length,
  };
}

/** States of so many more lists, if lists grow by as much a query as over the latter half of those there are. */
function forecast(layers: readonly Layer[], left: number): number {
  const length = (q: number): number => (q < 0 ? 1 : layers[q].parent.length);
  const last = layers.length - 1;
  const middle = last >> 1;
  const growth = last > 0 ? (length(last) - length(middle)) / (last - middle) : 0;
  return left * length(last) + (growth * left * (left + 1)) / 2;
}

/** How each state of one query's list came about. */
interface Layer {
  parent: Uint32Array;
  taken: Uint8Array;
}

/** One query being added to the list of states. */
class Extension {
  count = 0;
  isDone = false;
  private readonly room: number;
  private readonly options: number;
  private readonly at: Record<
    "cost" | "gain" | "optionCost" | "optionGain" | "heads" | "nextCost" | "nextGain" | "parent" | "taken",
    number
  >;

  constructor(
    private readonly kernels: Kernels,
    private readonly arena: Arena,
    { start, cost: optionCost, gain: optionGain }: OptionTable,
    query: number,
    cost: Float64Array,
    gain: Float64Array,
    most: number,
  ) {
    const [first, end] = [start[query], start[query + 1]];
    this.options = end - first;
    this.states = cost.length;
    // One more than can be needed, so that a complete list does not look full.
    this.room = Math.min(most, this.states * this.options) + 1;
    this.at = {
      cost: arena.write(cost),
      gain: arena.write(gain),
      optionCost: arena.write(optionCost.subarray(first, end)),
      optionGain: arena.write(optionGain.subarray(first, end)),
      heads: arena.write(new Uint32Array(this.options)),
      nextCost: arena.reserve(this.room * 8),
      nextGain: arena.reserve(this.room * 8),
      parent: arena.reserve(this.room * 4),
      taken: arena.reserve(this.room),
    };
  }

  private readonly states: number;

  get isFull(): boolean {
    return this.count === this.room;
  }

  run(most: number): void {
    const { at } = this;
    const limit = Math.min(this.room, this.count + most);
    this.count = this.kernels.extendStates(
      at.cost,
      at.gain,
      this.states,
      at.optionCost,
      at.optionGain,
      this.options,
      at.heads,
      at.nextCost,
      at.nextGain,
      at.parent,
      at.taken,
      this.count,
      limit,
    );
    this.isDone = this.count < limit;
  }

  read(): { cost: Float64Array<ArrayBuffer>; gain: Float64Array<ArrayBuffer> } {
    const { arena, at, count } = this;
    return { cost: arena.f64(at.nextCost, count).slice(), gain: arena.f64(at.nextGain, count).slice() };
  }

  layer(): Layer {
    const { arena, at, count } = this;
    return { parent: arena.u32(at.parent, count).slice(), taken: arena.u8(at.taken, count).slice() };
  }
}

/** The allocations of some states of the last list. Yields after every query. */
function* traceBack(layers: readonly Layer[], chosen: Uint32Array): Generator<void, Uint8Array> {
  const queries = layers.length;
  const allocations = new Uint8Array(chosen.length * queries);
  const state = chosen.slice();
  for (let q = queries - 1; q >= 0; q--) {
    const { parent, taken } = layers[q];
    for (let k = 0; k < state.length; k++) {
      allocations[k * queries + q] = taken[state[k]];
      state[k] = parent[state[k]];
    }
    yield;
  }
  return allocations;
}

/**
 * A randomised search for nondominated allocations around the supported ones: `searchSteps` in slices, until a limit is
 * met. Gives what it found beside the supported points, by rising cost. Yields now and then. The same steps give the
 * same bytes on every machine.
 */
export function* searchAround(module: WebAssembly.Module, input: SearchInput): Generator<void, Found> {
  const { stepLimit, limits } = input;
  const isOver = clock(limits);
  const archive = new SearchArchive(module, input);
  const { supported, table } = input;
  const queries = table.start.length - 1;
  for (let at = 0; at < supported.length; at += queries) {
    archive.insert(supported.subarray(at, at + queries), true);
    if (at % BYTES_A_SLICE < queries) yield;
  }
  let steps = 0;
  while (archive.hasChoice && steps < stepLimit && !isOver()) {
    const slice = Math.min(STEPS_A_SLICE, stepLimit - steps);
    archive.run(slice);
    steps += slice;
    yield;
  }
  return { ...archive.read(), steps, isExhaustive: !archive.hasChoice };
}

/** Words of the records that `assembly/solve/archive.ts` and `assembly/solve/search.ts` declare. */
const ARCHIVE_WORDS = { count: 11, thinnings: 13, bytes: 64 };

/** An archive in an instance's memory, and the search around its points. */
export class SearchArchive {
  readonly hasChoice: boolean;
  private readonly kernels: Kernels;
  private readonly arena: Arena;
  private readonly queries: number;
  private readonly record: number;
  private readonly search: number;
  private readonly current: number;
  private readonly slots: Record<"order" | "isSupported" | "allocation", number>;

  constructor(module: WebAssembly.Module, input: SearchInput) {
    const { table, capacity, seed, restart, restarts } = input;
    const kernels = instantiateCore(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.queries = table.start.length - 1;
    const queries = this.queries;
    const free = Uint32Array.from({ length: capacity }, (_, slot) => slot);
    this.slots = {
      order: arena.reserve(capacity * 4),
      isSupported: arena.reserve(capacity),
      allocation: arena.reserve(capacity * queries),
    };
    const words = [
      capacity,
      queries,
      arena.write(table.start),
      arena.write(table.cost),
      arena.write(table.gain),
      this.slots.order,
      arena.write(free),
      arena.reserve(capacity * 8),
      arena.reserve(capacity * 8),
      this.slots.isSupported,
      this.slots.allocation,
    ];
    this.record = arena.write(new Uint8Array(ARCHIVE_WORDS.bytes));
    arena.u32(this.record, words.length).set(words);

    const choices = Uint32Array.from(table.start.subarray(1), (_, q) => q).filter(
      (q) => table.start[q + 1] - table.start[q] > 1,
    );
    this.hasChoice = choices.length > 0;
    const random = arena.reserve(16);
    kernels.seedRandom(random, seed, restart);
    const current = arena.reserve(queries);
    const candidates = SEARCH_DESTROYED * 256;
    const searchWords = [
      this.record,
      random,
      arena.write(choices),
      choices.length,
      restart,
      restarts,
      current,
      arena.reserve(queries),
      arena.reserve(SEARCH_DESTROYED * 4),
      arena.reserve(SEARCH_DESTROYED * 4),
      arena.reserve(SEARCH_DESTROYED * 4),
      arena.reserve(candidates),
      arena.reserve(candidates * 8),
      arena.reserve(candidates * 8),
      arena.reserve((SEARCH_DESTROYED + 1) * 8),
      arena.reserve((SEARCH_DESTROYED + 1) * 8),
    ];
    this.search = arena.write(Uint32Array.from(searchWords));
    this.current = current;
  }

  /** Offers an allocation; whether it was taken in. */
  insert(allocation: Uint8Array, isSupported: boolean): boolean {
    this.arena.u8(this.current, this.queries).set(allocation);
    return this.kernels.insertPoint(this.record, this.current, isSupported) !== 0;
  }

  run(steps: number): void {
    this.kernels.searchSteps(this.search, steps);
  }

  read(): { allocations: Uint8Array; points: number; isThinned: boolean } {
    const { arena, queries, slots } = this;
    const words = arena.u32(this.record, ARCHIVE_WORDS.bytes / 4);
    const order = arena.u32(slots.order, words[ARCHIVE_WORDS.count]);
    const isSupported = arena.u8(slots.isSupported, words[0]);
    const found = order.filter((slot) => isSupported[slot] === 0);
    const allocations = new Uint8Array(found.length * queries);
    found.forEach((slot, k) =>
      allocations.set(arena.u8(slots.allocation + slot * queries, queries), k * queries),
    );
    return { allocations, points: found.length, isThinned: words[ARCHIVE_WORDS.thinnings] > 0 };
  }
}

/** Whether a limit, other than that of steps, has been met since now. */
function clock({ timeLimitMs, stop }: Limits): () => boolean {
  const end = performance.now() + timeLimitMs;
  return () => Atomics.load(stop, 0) !== 0 || (timeLimitMs < Infinity && performance.now() >= end);
}

function nothing(steps: number): Found {
  return { allocations: new Uint8Array(0), points: 0, steps, isExhaustive: false, isThinned: false };
}
