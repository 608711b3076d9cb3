import type { NeighbourhoodInput, Standing } from "../../core/solve/constraints/neighbourhood.js";
import { joinLists } from "../../core/solve/constraints/split.js";
import type { FoundCandidates } from "../../core/solve/constraints/candidates.js";
import { sharedArrays } from "../../memory.js";
import { shardRows } from "../../pool/jobs.js";
import { coefficientsAt } from "./compile.js";
import type { Scope } from "./lagrangian.js";
import { flatten, listQueries, type Near } from "./listed.js";
import { gather } from "./queries/gather.js";
import { passOver } from "./queries/queries.js";

/** Queries whose model may change, and what each option means. */
export interface Neighbourhood extends NeighbourhoodInput {
  /** By place in the neighbourhood: the query. */
  query: Uint32Array;
  /** By option: its model. */
  model: Uint8Array;
  /** By place: the option that it has at first. */
  current: Uint32Array;
  /** Every query that has a choice is in it, with all of its options. */
  isAll: boolean;
}

/** Up to so many queries, all of them are in the neighbourhood, with all of their options. */
const ALL_QUERIES = 2_000;
const MOST_QUERIES = 20_000;
/** Kinds of change (class, from, to) that are told apart, and places for all of them together. */
const MOST_KINDS = 8_192;
const KIND_PLACES = 24_576;
const MOST_KEPT = 40;
/** Options that lose more than this, in objective per query, are left out of a large problem: less the more queries there are. */
const farOf = (queries: number): number => (queries > 200_000 ? 0.03 : queries > 20_000 ? 0.1 : 0.35);

/** The queries around an allocation whose model is cheap to change at some prices. One pass over a large problem. */
export async function neighbourhoodOf(
  scope: Scope,
  price: Float64Array,
  allocation: Uint8Array,
  norm: Float64Array,
): Promise<Neighbourhood> {
  const { compiled, queries } = scope;
  const isAll = queries.count <= ALL_QUERIES;
  const query = isAll
    ? Uint32Array.from({ length: queries.count }, (_, q) => q)
    : await candidatesOf(scope, price, allocation);
  const view =
    (isAll ? queries.view : undefined) ??
    (await gather(queries, [query], { ...scope, isThreaded: false }))[0];
  const near: Near = { view, own: Uint8Array.from(query, (q) => allocation[q]) };
  const listed = listQueries(compiled, price, near, isAll ? Infinity : farOf(queries.count));
  const order = listed.order.subarray(0, isAll ? undefined : MOST_QUERIES);
  const flat = flatten(compiled, { ...listed, order }, near);
  return {
    query: Uint32Array.from(order, (at) => query[listed.place[at]]),
    ...(scope.isThreaded ? sharedArrays(flat) : flat),
    price,
    penalty: norm.map((n) => 1 / n),
    isAll,
  };
}

async function candidatesOf(scope: Scope, price: Float64Array, allocation: Uint8Array): Promise<Uint32Array> {
  const { compiled, queries, runner, signal } = scope;
  const { terms } = compiled;
  const { count, models } = queries;
  const coefficients = coefficientsAt(compiled, price);
  const all = terms.classes * models ** 2;
  const kinds = Math.min(MOST_KINDS, 2 ** Math.ceil(Math.log2(all)));
  const keep = Math.min(MOST_KEPT, Math.floor(KIND_PLACES / kinds));
  const near = count > 200_000 ? 2e-4 : count > 20_000 ? 2e-3 : 0.02;
  const room = Math.ceil(MOST_QUERIES / Math.ceil(count / shardRows(models)));
  const asked = { kind: "candidates", terms, coefficients, allocation, kinds, keep, room, near } as const;
  const found: FoundCandidates[] = [];
  // One job a shard: each has a list of every kind.
  const pass = passOver<"candidates">(
    queries,
    { ...asked, far: farOf(count) },
    { runner, signal, mostJobs: 1 },
  );
  for await (const { result } of pass) found.push(result);
  const lists = [...found.map(({ listed }) => listed), keptOf(found, kinds, keep)];
  return Uint32Array.from(new Set(joinLists(lists).sort()));
}

/** Of each kind the few queries that lose least, over all parts; of equal losses those that come first. */
function keptOf(found: readonly FoundCandidates[], kinds: number, keep: number): Uint32Array {
  const kept = new Uint32Array(kinds * keep);
  const losses = new Float64Array(keep);
  let filled = 0;
  for (let kind = 0; kind < kinds; kind++) {
    const first = filled;
    for (const { count, loss, query } of found) {
      for (let i = kind * keep; i < kind * keep + count[kind]; i++) {
        const isBefore = (at: number): boolean =>
          loss[i] < losses[at - first] || (loss[i] === losses[at - first] && query[i] < kept[at]);
        if (filled - first === keep && !isBefore(filled - 1)) continue;
        let at = filled - first < keep ? filled++ : filled - 1;
        for (; at > first && isBefore(at - 1); at--) {
          losses[at - first] = losses[at - 1 - first];
          kept[at] = kept[at - 1];
        }
        losses[at - first] = loss[i];
        kept[at] = query[i];
      }
    }
  }
  return kept.subarray(0, filled);
}

/** An allocation with the models that a standing gives the queries of a neighbourhood. */
export function applied(
  allocation: Uint8Array,
  { query, model }: Neighbourhood,
  standing: Standing,
): Uint8Array {
  const changed = allocation.slice();
  query.forEach((q, place) => (changed[q] = model[standing.current[place]]));
  return changed;
}

/** An allocation of a neighbourhood with its gap and violation. */
export function standingOf(
  { price, penalty }: NeighbourhoodInput,
  current: Uint32Array,
  slack: Float64Array,
  losses: number,
): Standing {
  let [gap, violation] = [losses, 0];
  slack.forEach((s, k) => {
    if (s < 0) violation -= s * penalty[k];
    else gap += price[k] * s;
  });
  return { current, slack, losses, gap, violation };
}
