import { InputError } from "../../../errors.js";
import type { GroupIds, Problem } from "../../../types.js";
import type { Group } from "../constraint.js";

/** Most classes of queries. */
export const MAX_CLASSES = 4096;

/** The column of a problem that holds its queries' group numbers. Throws `InputError` if it is missing or not of its length. */
export function groupIds({ groups }: Pick<Problem, "groups">, name: string, queries: number): GroupIds {
  const ids = groups !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (!(ids instanceof Uint8Array || ids instanceof Uint16Array || ids instanceof Uint32Array)) {
    throw new InputError(
      `a constraint groups queries by "${name}", but the problem's groups hold no Uint8Array, Uint16Array or Uint32Array of that name`,
      { field: "groups", group: name },
    );
  }
  if (ids.length !== queries) {
    throw new InputError(`group "${name}" has ${ids.length} values; expected ${queries}`, {
      field: "groups",
      group: name,
    });
  }
  return ids;
}

/** By class: the constraints whose group its queries are in, by their index, rising. */
export type ClassLists = readonly (readonly number[])[];

/**
 * Sorts queries into classes by the groups of constraints, block after block: queries of one class are in the groups of the same
 * constraints. Classes are numbered in the order in which they come up, whatever the blocks are.
 */
export class Classes {
  private readonly splitters: Splitter[] = [];
  private readonly whole: ClassLists;

  constructor(groups: readonly (Group | undefined)[]) {
    this.whole = [groups.flatMap((group, k) => (group === undefined ? [k] : []))];
    for (const name of new Set(groups.flatMap((group) => group?.column ?? []))) {
      const before = this.lists;
      this.splitters.push(new Splitter(name, partsOf(groups, name), before));
    }
  }

  /** Grows with the blocks. */
  get lists(): ClassLists {
    return this.splitters.at(-1)?.lists ?? this.whole;
  }

  /** The classes of the next queries; undefined without groups: all are of class 0. O(queries × group columns). */
  of(block: Pick<Problem, "groups">, queries: number): Uint16Array | undefined {
    if (this.splitters.length === 0) return undefined;
    const of = new Uint16Array(queries);
    for (const splitter of this.splitters) splitter.split(of, groupIds(block, splitter.name, queries));
    return of;
  }
}

/** Splits classes by one column: its numbers that are in the groups of the same constraints are one part. */
class Splitter {
  readonly lists: number[][] = [];
  /** Class × part: the new class, or −1. */
  private known = new Int32Array(0);

  constructor(
    readonly name: string,
    private readonly parts: Parts,
    private readonly before: ClassLists,
  ) {}

  split(of: Uint16Array, ids: GroupIds): void {
    const { near, far, constraints } = this.parts;
    const width = constraints.length;
    const size = this.before.length * width;
    if (this.known.length < size) {
      const grown = new Int32Array(Math.max(size, 2 * this.known.length)).fill(-1);
      grown.set(this.known);
      this.known = grown;
    }
    const { known } = this;
    for (let q = 0; q < of.length; q++) {
      const id = ids[q];
      const part = id < near.length ? near[id] : (far.get(id) ?? 0);
      const key = of[q] * width + part;
      if (known[key] < 0) known[key] = this.newClass(of[q], part);
      of[q] = known[key];
    }
  }

  private newClass(before: number, part: number): number {
    const list = [...this.before[before], ...this.parts.constraints[part]].sort((a, b) => a - b);
    checkCount(this.lists.push(list), this.name);
    return this.lists.length - 1;
  }
}

function checkCount(count: number, name: string): void {
  if (count <= MAX_CLASSES) return;
  throw new InputError(
    `the groups of the constraints cut the queries into more than ${MAX_CLASSES} classes; group by fewer columns`,
    { field: "constraints", group: name },
  );
}

/** What the numbers of a column are parts of; part 0 is in no constraint's group. */
interface Parts {
  /** By part. */
  constraints: number[][];
  /** The part of each small number, and of the others that are in some group. */
  near: Uint16Array;
  far: Map<number, number>;
}

/** Numbers that are looked up in an array. */
const NEAR_IDS = 65536;

function partsOf(groups: readonly (Group | undefined)[], name: string): Parts {
  const byId = new Map<number, number[]>();
  groups.forEach((group, k) => {
    if (group?.column !== name) return;
    for (const id of new Set(group.ids)) byId.set(id, [...(byId.get(id) ?? []), k]);
  });
  const constraints: number[][] = [[]];
  const known = new Map([["", 0]]);
  const near = new Uint16Array(NEAR_IDS);
  const far = new Map<number, number>();
  for (const [id, list] of byId) {
    const key = list.join();
    if (!known.has(key)) {
      known.set(key, constraints.length);
      constraints.push(list);
      checkCount(constraints.length, name);
    }
    if (id < NEAR_IDS) near[id] = known.get(key)!;
    else far.set(id, known.get(key)!);
  }
  return { constraints, near, far };
}

/** By constraint: the total weight of the queries of its group. `weights`: by class. */
export function groupWeights(lists: ClassLists, weights: ArrayLike<number>, count: number): Float64Array {
  const sums = new Float64Array(count);
  lists.forEach((list, g) => list.forEach((k) => (sums[k] += weights[g])));
  return sums;
}
