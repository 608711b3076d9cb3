import type { NeighbourhoodInput, Standing } from "../../core/solve/constraints/neighbourhood.js";
import type { View } from "../../core/solve/constraints/priced.js";
import { joinLists } from "../../core/solve/constraints/split.js";
import { columnOf } from "../../core/solve/constraints/tally.js";
import type { FoundCandidates } from "../../core/solve/constraints/candidates.js";
import { shardRows } from "../../pool/jobs.js";
import { isAllowed } from "../problem.js";
import { coefficientsAt, type Compiled } from "./compile.js";
import type { Scope } from "./lagrangian.js";
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
/** Options of a query of a large problem: those of least loss, and its own. */
const MOST_OPTIONS = 6;
/** Kinds of change (class, from, to) that are told apart, and places for all of them together. */
const MOST_KINDS = 8_192;
const KIND_PLACES = 24_576;
const MOST_KEPT = 40;
/** Options that lose more than this, in objective per query, are left out of a large problem: less the more queries there are. */
const farOf = (queries: number): number => (queries > 200_000 ? 0.03 : queries > 20_000 ? 0.1 : 0.35);
/** Amid ties many queries of one kind are the same: each later one is put behind by this. */
const RANK = 1e-5;

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
  const near: Near = { view, query, own: query.map((q) => allocation[q]) };
  const listed = listQueries(compiled, price, near, isAll);
  const penalty = norm.map((n) => 1 / n);
  return { ...flatten(compiled, listed, near), price, penalty, isAll };
}

/** Queries that may be in a neighbourhood, copied: their indices among all, and the models that they have. */
interface Near {
  view: View;
  query: Uint32Array;
  own: Uint32Array;
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
  const kept: number[] = [];
  for (let kind = 0; kind < kinds; kind++) {
    const places: { loss: number; query: number }[] = [];
    for (const { count, loss, query } of found) {
      for (let i = kind * keep; i < kind * keep + count[kind]; i++) {
        places.push({ loss: loss[i], query: query[i] });
      }
    }
    if (places.length > keep) places.sort((a, b) => a.loss - b.loss || a.query - b.query);
    for (let i = 0; i < Math.min(keep, places.length); i++) kept.push(places[i].query);
  }
  return Uint32Array.from(kept);
}

/** A query, by its place among those that were copied, and its options by rising loss. */
interface Listed {
  place: number;
  second: number;
  options: { model: number; loss: number }[];
}

function listQueries(compiled: Compiled, price: Float64Array, near: Near, isAll: boolean): Listed[] {
  const { view, own } = near;
  const { models } = view.matrices;
  const mayAnswer = isAllowed(view.matrices);
  const valuesOf = valuing(compiled, view, price);
  const far = isAll ? Infinity : farOf(compiled.all.count);
  const listed: Listed[] = [];
  for (let place = 0; place < own.length; place++) {
    const value = valuesOf(place);
    let best = -Infinity;
    for (let model = 0; model < models; model++) {
      if (value[model] > best && mayAnswer(place, model)) best = value[model];
    }
    const options: Listed["options"] = [];
    for (let model = 0; model < models; model++) {
      const loss = best - value[model];
      if ((loss < far || model === own[place]) && mayAnswer(place, model)) options.push({ model, loss });
    }
    options.sort((a, b) => a.loss - b.loss || a.model - b.model);
    const kept = isAll
      ? options
      : options.filter(({ loss, model }, at) => (loss < far && at < MOST_OPTIONS) || model === own[place]);
    if (kept.length > 1) listed.push({ place, second: kept[1].loss, options: kept });
  }
  const bySecond = (a: Listed, b: Listed): number => a.second - b.second || a.place - b.place;
  listed.sort(bySecond);
  const rank = new Map<number, number>();
  for (const one of listed) {
    const from = own[one.place];
    const [first, other] = one.options;
    const to = first.model === from ? other.model : first.model;
    const kind = (view.classes[one.place] * models + from) * models + to;
    const before = rank.get(kind) ?? 0;
    rank.set(kind, before + 1);
    one.second += RANK * before;
  }
  return listed.sort(bySecond).slice(0, MOST_QUERIES);
}

/** By query: the values of its options at prices, weighted as the query is, in an array that the next call uses again. */
function valuing(compiled: Compiled, view: View, price: Float64Array): (query: number) => Float64Array {
  const { models, weight } = view.matrices;
  const width = 3 + view.columns.length;
  const coefficients = coefficientsAt(compiled, price);
  const value = new Float64Array(models);
  return (query) => {
    value.fill(0);
    for (let j = 0; j < width; j++) {
      const column = columnOf(view, j);
      const at = (view.classes[query] * width + j) * models;
      for (let model = 0; model < models; model++) {
        const c = coefficients[at + model];
        if (c !== 0) value[model] += column === undefined ? c : c * column[query * models + model];
      }
    }
    if (weight !== undefined) for (let model = 0; model < models; model++) value[model] *= weight[query];
    return value;
  };
}

/** The listed queries as flat arrays, with the amounts that their options add to the rows. */
function flatten({ terms }: Compiled, listed: readonly Listed[], { view, query, own }: Near) {
  const { models, weight } = view.matrices;
  const { classes } = view;
  const count = listed.reduce((sum, { options }) => sum + options.length, 0);
  const start = new Uint32Array(listed.length + 1);
  const current = new Uint32Array(listed.length);
  const [loss, model, amountStart] = [
    new Float64Array(count),
    new Uint8Array(count),
    new Uint32Array(count + 1),
  ];
  let most = 0;
  for (const { place, options } of listed) {
    for (const option of options) {
      const at = classes[place] * models + option.model;
      most += terms.start[at + 1] - terms.start[at];
    }
  }
  const [row, amount] = [new Uint8Array(most), new Float64Array(most)];
  let [filled, amounts] = [0, 0];
  listed.forEach(({ place: q, options }, place) => {
    const w = weight === undefined ? 1 : weight[q];
    for (const option of options) {
      if (option.model === own[q]) current[place] = filled;
      loss[filled] = option.loss;
      model[filled] = option.model;
      const at = classes[q] * models + option.model;
      for (let t = terms.start[at]; t < terms.start[at + 1]; t++) {
        const column = columnOf(view, terms.column[t]);
        const added = w * terms.factor[t] * (column === undefined ? 1 : column[q * models + option.model]);
        // The terms of one row stand together.
        if (amounts > amountStart[filled] && row[amounts - 1] === terms.row[t]) {
          amount[amounts - 1] += added;
        } else {
          row[amounts] = terms.row[t];
          amount[amounts++] = added;
        }
      }
      amountStart[++filled] = amounts;
    }
    start[place + 1] = filled;
  });
  return {
    query: Uint32Array.from(listed, ({ place }) => query[place]),
    second: Float64Array.from(listed, ({ second }) => second),
    start,
    current,
    loss,
    model,
    amountStart,
    amountRow: row.slice(0, amounts),
    amount: amount.slice(0, amounts),
  };
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
