import { rowOf, selectRows } from "../../matrix.js";
import { Reused } from "../../memory.js";
import { BLOCK_QUERIES, NeighbourSearch, unitRows, writeUnitRows } from "../../core/predict/neighbours.js";
import type { Vectors } from "../../core/predict/neighbours.js";
import { padded } from "../../core/predict/product.js";
import { VoteCount, type Ballots, type Voters } from "../../core/predict/votes.js";
import type { PredictSpace } from "../../core/predict/space.js";
import type { DenseRows } from "../features/features.js";
import type { Examples } from "./examples.js";
import { labelRates } from "./labelRates.js";
import { areModerate, areShares } from "./ranges.js";
import { share } from "../share.js";

/** How neighbours vote. */
export interface KnnSettings {
  /** Neighbours that vote, at least 1. */
  k: number;
  /** Number of votes of the model's rate, towards which predictions are shrunk; > 0. */
  prior: number;
  /** A neighbour of cosine s has e^((s − 1) / temperature) votes, > 0; the smaller, the more the nearest decide. */
  temperature: number;
}

/** The settings that are compared: the first suits texts that repeat, the last hard mixed questions. */
export const KNN_SETTINGS: readonly KnnSettings[] = [
  { k: 20, prior: 0.1, temperature: 0.05 },
  { k: 20, prior: 0.1, temperature: 0.1 },
  { k: 20, prior: 0.1, temperature: 0.2 },
  { k: 40, prior: 0.3, temperature: 0.2 },
  { k: 80, prior: 0.3, temperature: 0.2 },
];

/** The labelled rows as they are, as plain data; the fits of many replicates hold the same rows. */
export interface Knn extends KnnSettings {
  models: number;
  /** The sample's rows, of unit length. */
  rows: Vectors;
  /** One each row, ≥ 0; rows of weight 0 have no vote. */
  weight: Float64Array;
  /** Rows × models; NaN: unlabelled. */
  label: Float32Array;
  /** One each model. */
  rate: Float64Array;
}

/** The sample's rows as neighbours, in shared memory. O(rows × columns). */
export function knnRows({ rows, columns, value }: DenseRows): Vectors {
  return share(unitRows(rows, columns, value));
}

/** Stores the labels, weights and rates for voting. `rows`: the examples' features. O(rows × models). */
export function fitKnn(
  { features, models, outcome, weight }: Examples,
  settings: KnnSettings,
  rows = knnRows(features.dense),
): Knn {
  const rate = labelRates(outcome, weight, models);
  return { ...settings, models, rows, weight: weight.slice(), label: outcome.slice(), rate };
}

/** Writes one matrix a fit. */
type KnnScorer = (dense: DenseRows, out: readonly Float32Array[]) => void;

/**
 * Success probabilities by each of several fits of one setting to one sample's rows, rows × models: the mean label of the k
 * nearest rows that have weight in the fit, by cosine and then row, weighed by votes, and the rate with its own. Labels
 * that are NaN have no vote. The nearest rows are found once for all fits: O(rows × labelled rows × columns + rows ×
 * fits × k × models), and the columns of a row that some fit finds too few of its own near get a longer list.
 */
export function knnScorer(bag: readonly Knn[], space: PredictSpace): KnnScorer {
  const taking = rowsWithWeight(bag);
  if (taking.length === 0) return ratesOnly(bag.map(({ rate }) => rate));
  const poll = pollOf(bag, taking, space);
  const unit = new Reused();
  return (dense, out) => {
    const queries = { rows: dense.rows, columns: poll.columns, value: unit.of(dense.rows * poll.columns) };
    writeUnitRows(dense.rows, dense.columns, dense.value, queries.value);
    let short = vote(poll, queries, undefined, poll.listed, out);
    for (let listed = poll.listed; short.length > 0;) {
      listed = Math.min(poll.rows, 2 * listed);
      const place = Uint32Array.from(short);
      short = vote(poll, pick(queries, place), place, listed, out);
    }
  };
}

/** The rows that have weight in some fit, ascending. */
function rowsWithWeight(bag: readonly Knn[]): Uint32Array {
  const all = Uint32Array.from({ length: bag[0].rows.rows }, (_, r) => r);
  return all.filter((r) => bag.some(({ weight }) => weight[r] > 0));
}

function ratesOnly(rates: readonly Float64Array[]): KnnScorer {
  return (_, out) =>
    rates.forEach((rate, b) => out[b].forEach((_, at) => (out[b][at] = rate[at % rate.length])));
}

/** The rows that vote, and how they are asked. */
interface Poll {
  search: NeighbourSearch;
  count: VoteCount;
  fits: number;
  models: number;
  rows: number;
  columns: number;
  temperature: number;
  /** Rows that are asked first. */
  listed: number;
}

function pollOf(bag: readonly Knn[], taking: Uint32Array, space: PredictSpace): Poll {
  const { k, prior, temperature, models, rows: all, label } = bag[0];
  const known = pick(all, taking);
  const { rows, columns } = known;
  const listed = Math.min(rows, bag.length === 1 ? k : 2 * k + SPARE);
  const block = Math.max(BLOCK_QUERIES * listed, rows);
  return {
    search: new NeighbourSearch(known, block, space),
    count: new VoteCount(votersOf(bag, taking), ballotsOf(label, taking, models), prior, block, space),
    fits: bag.length,
    models,
    rows,
    columns,
    temperature,
    listed,
  };
}

/**
 * Writes the queries' probabilities to their rows of `out`, `place`, or in order, where `listed` rows suffice for every fit.
 * Returns the numbers of the others' rows.
 */
function vote(
  { search, count, fits, models, temperature }: Poll,
  queries: Vectors,
  place: Uint32Array | undefined,
  listed: number,
  out: readonly Float32Array[],
): number[] {
  const short: number[] = [];
  search.run(queries, listed, ({ similarity, index }, from, block) => {
    const closenessOf = (i: number): number => Math.exp((similarity[i] - 1) / temperature);
    const { probability, isShort } = count.run(index, closenessOf, block, listed);
    for (let q = 0; q < block; q++) {
      const row = place === undefined ? from + q : place[from + q];
      if (isShort[q] === 1) short.push(row);
      for (let b = 0; b < fits; b++) {
        const at = (b * block + q) * models;
        for (let m = 0; m < models; m++) out[b][row * models + m] = probability[at + m];
      }
    }
  });
  return short;
}

/** The fits' weights of the rows that take part, and how many neighbours each needs. */
function votersOf(bag: readonly Knn[], taking: Uint32Array): Voters[] {
  return bag.map(({ k, weight, rate }) => {
    const weights = Float32Array.from(taking, (r) => weight[r]);
    return { weight: weights, wanted: Math.min(k, weights.filter((w) => w > 0).length), rate };
  });
}

function ballotsOf(label: Float32Array, rows: Uint32Array, models: number): Ballots {
  const isComplete = rows.every((r) => !rowOf(label, models, r).some(Number.isNaN));
  const width = padded(isComplete ? models + 1 : 2 * models);
  const value = new Float32Array(rows.length * width);
  rows.forEach((r, at) => {
    for (let m = 0; m < models; m++) {
      const y = label[r * models + m];
      if (Number.isNaN(y)) continue;
      value[at * width + m] = y;
      value[at * width + models + (isComplete ? 0 : m)] = 1;
    }
  });
  return { rows: rows.length, models, isComplete, width, value };
}

/**
 * Bootstrap replicates have 63 % of the rows: of the 2k + 12 nearest rows, at least k are in a replicate, except about
 * one time in 10,000.
 */
const SPARE = 12;

function pick({ columns, value }: Vectors, chosen: Uint32Array): Vectors {
  return { rows: chosen.length, columns, value: selectRows(value, columns, chosen) };
}

/** Whether data from a file can be predicted with. O(values). */
export function isKnn(
  { k, prior, temperature, models, rows, weight, label, rate }: Knn,
  columns: number,
): boolean {
  return (
    Number.isSafeInteger(k) &&
    k >= 1 &&
    prior > 0 &&
    prior < Infinity &&
    temperature > 0 &&
    temperature < Infinity &&
    rows.columns >= columns &&
    rows.columns % 4 === 0 &&
    rows.columns < columns + 4 &&
    rows.value instanceof Float32Array &&
    rows.value.length === rows.rows * rows.columns &&
    areModerate(rows.value) &&
    weight instanceof Float64Array &&
    weight.length === rows.rows &&
    weight.every((w) => w >= 0) &&
    areModerate(weight) &&
    label instanceof Float32Array &&
    label.length === rows.rows * models &&
    label.every((y) => Number.isNaN(y) || (y >= 0 && y <= 1)) &&
    rate instanceof Float64Array &&
    rate.length === models &&
    areShares(rate)
  );
}
