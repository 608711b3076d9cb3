import { Archive, Extension, Search, SEARCH_DESTROYED } from "../../../assembly/layout.js";
import { Arena } from "../arena.js";
import type { SolveKernels } from "../kernels.js";
import { instantiate, type PartModule } from "../module.js";
import { Struct } from "../struct.js";
import { spread } from "./spread.js";

/** The options worth taking, by query and then by rising cost. Costs and gains are weighted. */
export interface OptionTable {
  /** Queries + 1: where each query's options begin. */
  start: Uint32Array;
  cost: Float64Array;
  gain: Float64Array;
}

/** What ends work early. */
export interface Limits {
  /** Milliseconds from the start of the job; ∞ for none. */
  timeLimitMs: number;
  /** One number in shared memory: any value but 0 asks to stop. */
  stop: Int32Array;
}

/** Allocations: for each point and query the index of its option among those of the query, points × queries. */
export interface Found {
  allocations: Uint8Array;
  points: number;
  /** Steps of the search, or states of the exact method. */
  steps: number;
  /** All nondominated points were found. */
  isExhaustive: boolean;
  /** Points were dropped because there was no room. */
  isThinned: boolean;
}

export interface StatesInput {
  table: OptionTable;
  /** Most states (partial sums) that are kept, over all queries. */
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
  /** The number of this restart, from 0, and how many there are. */
  restart: number;
  restarts: number;
  stepLimit: number;
  limits: Limits;
}

/** States written, or steps run, between two checks of the limits: a few milliseconds. */
const STATES_A_SLICE = 1 << 16;
const STEPS_A_SLICE = 64;

/** Share of `maxStates` after which the exact method begins to forecast how many it needs. */
const TRIED_SHARE = 1 / 16;
/** The exact method gives up if the forecast exceeds the remaining states by this factor: growth varies with the queries. */
const HOPELESS = 4;
/** Supported points inserted between two pauses, times queries. */
const BYTES_A_SLICE = 1 << 20;

/**
 * All nondominated allocations: sums over the first queries, extended query by query [NemhauserUllmann1969]. Gives up,
 * with no points, once `maxStates` are kept, or if far too few remain for lists that keep growing as they did last.
 * Memory: 5 bytes per state, and 42 per state of the longest list. Yields every few milliseconds.
 */
export function* findAll(module: PartModule<SolveKernels>, input: StatesInput): Generator<void, Found> {
  const { table, maxStates, maxPoints, limits } = input;
  const queries = table.start.length - 1;
  const isOver = clock(limits);
  const kernels = instantiate(module);
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
    const extension = new QueryExtension(kernels, arena, table, q, cost, gain, room);
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

/** States of the next `left` lists, if each grows by as much as the lists of the latter half did on average. */
function forecast(layers: readonly Layer[], left: number): number {
  const length = (q: number): number => (q < 0 ? 1 : layers[q].parent.length);
  const last = layers.length - 1;
  const middle = last >> 1;
  const growth = last > 0 ? (length(last) - length(middle)) / (last - middle) : 0;
  return left * length(last) + (growth * left * (left + 1)) / 2;
}

/** For each state of one query's list the state it came from and the option it took. */
interface Layer {
  parent: Uint32Array;
  taken: Uint8Array;
}

/** One query that is being added to the list of states. */
class QueryExtension {
  count = 0;
  isDone = false;
  private readonly room: number;
  private readonly struct: Struct<typeof Extension>;

  constructor(
    private readonly kernels: SolveKernels,
    private readonly arena: Arena,
    { start, cost: optionCost, gain: optionGain }: OptionTable,
    query: number,
    cost: Float64Array,
    gain: Float64Array,
    most: number,
  ) {
    const [first, end] = [start[query], start[query + 1]];
    const options = end - first;
    const states = cost.length;
    // One more than can be needed, so that a complete list does not look full.
    this.room = Math.min(most, states * options) + 1;
    this.struct = new Struct(arena, Extension, {
      cost: arena.write(cost),
      gain: arena.write(gain),
      states,
      optionCost: arena.write(optionCost.subarray(first, end)),
      optionGain: arena.write(optionGain.subarray(first, end)),
      options,
      heads: arena.write(new Uint32Array(options)),
      nextCost: arena.reserve(this.room * 8),
      nextGain: arena.reserve(this.room * 8),
      parent: arena.reserve(this.room * 4),
      taken: arena.reserve(this.room),
    });
  }

  get isFull(): boolean {
    return this.count === this.room;
  }

  run(most: number): void {
    const limit = Math.min(this.room, this.count + most);
    this.count = this.kernels.extendStates(this.struct.address, this.count, limit);
    this.isDone = this.count < limit;
  }

  read(): { cost: Float64Array<ArrayBuffer>; gain: Float64Array<ArrayBuffer> } {
    const { arena, struct, count } = this;
    const copy = (address: number) => arena.f64(address, count).slice();
    return { cost: copy(struct.get("nextCost")), gain: copy(struct.get("nextGain")) };
  }

  layer(): Layer {
    const { arena, struct, count } = this;
    const parent = arena.u32(struct.get("parent"), count).slice();
    return { parent, taken: arena.u8(struct.get("taken"), count).slice() };
  }
}

/** The allocations of some states of the last list. Yields after each query. */
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
 * reached. Returns the points it found besides the supported ones, by rising cost. Yields every few milliseconds. The
 * same steps give the same bytes on every machine.
 */
export function* searchAround(module: PartModule<SolveKernels>, input: SearchInput): Generator<void, Found> {
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

/** An archive in an instance's memory, and a search around its points. */
export class SearchArchive {
  readonly hasChoice: boolean;
  private readonly kernels: SolveKernels;
  private readonly arena: Arena;
  private readonly queries: number;
  private readonly archive: Struct<typeof Archive>;
  private readonly search: Struct<typeof Search>;

  constructor(module: PartModule<SolveKernels>, input: SearchInput) {
    const { table, seed, restart } = input;
    const kernels = instantiate(module);
    const arena = new Arena(kernels.memory, kernels.heapBase());
    this.kernels = kernels;
    this.arena = arena;
    this.queries = table.start.length - 1;
    const choices = Uint32Array.from(table.start.subarray(1), (_, q) => q).filter(
      (q) => table.start[q + 1] - table.start[q] > 1,
    );
    this.hasChoice = choices.length > 0;
    this.archive = emptyArchive(arena, input);
    this.search = newSearch(arena, input, this.archive, choices);
    kernels.seedRandom(this.search.get("random"), seed, restart);
  }

  /** Offers an allocation; returns whether it was inserted. */
  insert(allocation: Uint8Array, isSupported: boolean): boolean {
    const current = this.search.get("current");
    this.arena.u8(current, this.queries).set(allocation);
    return this.kernels.insertPoint(this.archive.address, current, isSupported) !== 0;
  }

  run(steps: number): void {
    this.kernels.searchSteps(this.search.address, steps);
  }

  read(): { allocations: Uint8Array; points: number; isThinned: boolean } {
    const { arena, archive, queries } = this;
    const order = arena.u32(archive.get("order"), archive.get("count"));
    const isSupported = arena.u8(archive.get("isSupported"), archive.get("capacity"));
    const first = archive.get("allocation");
    const found = order.filter((slot) => isSupported[slot] === 0);
    const allocations = new Uint8Array(found.length * queries);
    found.forEach((slot, k) => allocations.set(arena.u8(first + slot * queries, queries), k * queries));
    return { allocations, points: found.length, isThinned: archive.get("thinnings") > 0 };
  }
}

function emptyArchive(arena: Arena, { table, capacity }: SearchInput): Struct<typeof Archive> {
  const queries = table.start.length - 1;
  return new Struct(arena, Archive, {
    capacity,
    queries,
    start: arena.write(table.start),
    optionCost: arena.write(table.cost),
    optionGain: arena.write(table.gain),
    order: arena.reserve(capacity * 4),
    free: arena.write(Uint32Array.from({ length: capacity }, (_, slot) => slot)),
    cost: arena.reserve(capacity * 8),
    gain: arena.reserve(capacity * 8),
    isSupported: arena.reserve(capacity),
    allocation: arena.reserve(capacity * queries),
    count: 0,
    supported: 0,
    thinnings: 0,
    distance: arena.write(Float64Array.of(0)),
  });
}

/** `choices`: the queries with more than one option. */
function newSearch(
  arena: Arena,
  { table, restart, restarts }: SearchInput,
  archive: Struct<typeof Archive>,
  choices: Uint32Array,
): Struct<typeof Search> {
  const queries = table.start.length - 1;
  const candidates = SEARCH_DESTROYED * 256;
  return new Struct(arena, Search, {
    archive: archive.address,
    random: arena.reserve(16),
    choices: arena.write(choices),
    choiceCount: choices.length,
    part: restart,
    parts: restarts,
    current: arena.reserve(queries),
    next: arena.reserve(queries),
    destroyed: arena.reserve(SEARCH_DESTROYED * 4),
    widths: arena.reserve(SEARCH_DESTROYED * 4),
    digits: arena.reserve(SEARCH_DESTROYED * 4),
    candidates: arena.reserve(candidates),
    dCost: arena.reserve(candidates * 8),
    dGain: arena.reserve(candidates * 8),
    sumCost: arena.reserve((SEARCH_DESTROYED + 1) * 8),
    sumGain: arena.reserve((SEARCH_DESTROYED + 1) * 8),
  });
}

/** Starts a clock: the function returns whether the time is over or a stop was requested. */
function clock({ timeLimitMs, stop }: Limits): () => boolean {
  const end = performance.now() + timeLimitMs;
  return () => Atomics.load(stop, 0) !== 0 || (timeLimitMs < Infinity && performance.now() >= end);
}

function nothing(steps: number): Found {
  return { allocations: new Uint8Array(0), points: 0, steps, isExhaustive: false, isThinned: false };
}
