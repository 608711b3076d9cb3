import { Copied } from "../../../core/solve/constraints/copied.js";
import type { View } from "../../../core/solve/constraints/priced.js";
import { inline } from "../../../pool/runner.js";
import { queriesOf, type PassOptions, type Queries, type WorkOptions } from "./queries.js";

/** Queries of one job. */
const COPIED_ROWS = 4096;

/** Adds copies of queries of views, by rising index in each, to lists of copies. */
export async function addCopies(
  wanted: readonly { to: Copied; view: View; rows: Uint32Array }[],
  { runner, signal }: PassOptions,
): Promise<void> {
  const jobs = wanted.flatMap(({ to, view, rows }) =>
    Array.from({ length: Math.ceil(rows.length / COPIED_ROWS) }, (_, k) => ({
      to,
      job: { kind: "copy" as const, view, rows: rows.slice(k * COPIED_ROWS, (k + 1) * COPIED_ROWS) },
    })),
  );
  const found = await runner.run<"copy">(
    jobs.map(({ job }) => job),
    { signal },
  );
  found.forEach((view, k) => jobs[k].to.add(view));
}

/** Copies of the queries of some lists of rising indices, each at least one. One pass. */
export async function gather(
  queries: Queries,
  lists: readonly Uint32Array[],
  options: WorkOptions,
): Promise<View[]> {
  const copies = lists.map((list) => new Copied(list.length, options.isThreaded));
  const done = lists.map(() => 0);
  for await (const batch of queries.batches(options.signal)) {
    const wanted = batch.flatMap(({ view, first }) => {
      const end = first + view.classes.length;
      return lists.map((list, k) => {
        const from = done[k];
        while (done[k] < list.length && list[done[k]] < end) done[k]++;
        return { to: copies[k], view, rows: list.subarray(from, done[k]).map((q) => q - first) };
      });
    });
    await addCopies(wanted, options);
  }
  return copies.map(({ view }) => view);
}

/** One query of every so many, about `size` of them at least; all of a small problem. One pass. */
export async function everyFew(queries: Queries, size: number, signal?: AbortSignal): Promise<View> {
  const { count, view } = queries;
  const step = Math.max(1, Math.floor(count / size)) | 1;
  if (step === 1 && view !== undefined) return view;
  const list = Uint32Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  return (await gather(queries, [list], { runner: inline, isThreaded: false, signal }))[0];
}

/** Some of the queries of a search, and the weight that they have. */
export function weighed(view: View): { queries: Queries; weight: number } {
  const { weight } = view.matrices;
  return {
    queries: queriesOf(view),
    weight: weight === undefined ? view.classes.length : weight.reduce((sum, w) => sum + w, 0),
  };
}

/** One query from each of `size` equal stretches, at a hashed place. */
export function sampleIndices(queries: number, size: number): Uint32Array {
  const indices = new Uint32Array(size);
  for (let s = 0; s < size; s++) {
    const from = Math.floor((queries * s) / size);
    const to = Math.floor((queries * (s + 1)) / size);
    let hash = Math.imul(s + 1, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d);
    indices[s] = from + (((hash ^ (hash >>> 16)) >>> 0) % (to - from));
  }
  return indices;
}
