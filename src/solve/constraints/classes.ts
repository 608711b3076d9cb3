import { InputError } from "../../errors.js";
import type { GroupIds, Problem } from "../../types.js";
import type { Group } from "./constraint.js";

/** Most classes of queries. */
export const MAX_CLASSES = 4096;

/** Queries of one class are in the groups of the same constraints. */
export interface Classes {
  /** The class of each query. */
  of: Uint16Array;
  /** By class: the constraints whose group it is in, by their index, rising. */
  constraints: readonly (readonly number[])[];
}

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

/** Sorts queries into classes by the groups of constraints. O(queries × group columns). */
export function classesOf(
  problem: Pick<Problem, "groups">,
  queries: number,
  groups: readonly (Group | undefined)[],
): Classes {
  const everywhere = groups.flatMap((group, k) => (group === undefined ? [k] : []));
  let classes: Classes = { of: new Uint16Array(queries), constraints: [everywhere] };
  for (const name of new Set(groups.flatMap((group) => group?.column ?? []))) {
    classes = split(classes, groupIds(problem, name, queries), partsOf(groups, name), name);
  }
  return classes;
}

/** Splits classes by one column: its numbers that are in the groups of the same constraints are one part. */
function split(classes: Classes, ids: GroupIds, parts: Parts, name: string): Classes {
  const width = parts.constraints.length;
  const constraints: number[][] = [];
  const of = new Uint16Array(classes.of.length);
  // Class × part: what was found, or −1.
  const known = new Int32Array(classes.constraints.length * width).fill(-1);
  for (let q = 0; q < of.length; q++) {
    const id = ids[q];
    const part = id < parts.near.length ? parts.near[id] : (parts.far.get(id) ?? 0);
    const key = classes.of[q] * width + part;
    if (known[key] < 0) {
      known[key] = constraints.length;
      const list = [...classes.constraints[classes.of[q]], ...parts.constraints[part]];
      constraints.push(list.sort((a, b) => a - b));
      checkCount(constraints.length, name);
    }
    of[q] = known[key];
  }
  return { of, constraints };
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

/** The total weight of the queries of each class. */
export function classWeights({ of, constraints }: Classes, weight: Float32Array | undefined): Float64Array {
  const sums = new Float64Array(constraints.length);
  for (let q = 0; q < of.length; q++) sums[of[q]] += weight === undefined ? 1 : weight[q];
  return sums;
}

/** By constraint: the total weight of the queries of its group. */
export function groupWeights({ constraints }: Classes, weights: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  constraints.forEach((list, g) => list.forEach((k) => (sums[k] += weights[g])));
  return sums;
}
