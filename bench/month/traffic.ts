import { Profile } from "../../src/online/pacing/profile.js";
import type { ProfileState } from "../../src/online/pacing/profile.js";
import { Zone } from "../../src/online/pacing/zone.js";
import { Random } from "../../src/random.js";
import { solveFront } from "../../src/solve/front.js";

const HOUR = 3_600_000;
export const HOURS = 30 * 24;
/** 1 November 2026, a Sunday; the month has 30 days. */
export const START = Date.UTC(2026, 10, 1);

/** What differs from steady traffic. */
export interface Scenario {
  name: string;
  what: string;
  /** Traffic in an hour of the month, beside the usual. */
  level?: (hour: number) => number;
  /** Actual over predicted cost. */
  cost?: number;
  /** Cost of the dearest model, beside its price before. */
  price?: (hour: number) => number;
  /** Added to the difficulty. */
  harder?: (hour: number) => number;
  /** The router knows neither the usual traffic nor its rhythm. */
  isFirst?: boolean;
}

const last = HOURS * (2 / 3);
export const SCENARIOS: Scenario[] = [
  { name: "steady", what: "traffic as in the weeks before" },
  { name: "first", what: "the first month: nothing is known of the traffic", isFirst: true },
  { name: "more", what: "30 % more traffic than expected, all month", level: () => 1.3 },
  { name: "less", what: "30 % less", level: () => 0.7 },
  { name: "surge", what: "half as much again in the last third", level: (h) => (h >= last ? 1.5 : 1) },
  { name: "drop", what: "40 % less in the last third", level: (h) => (h >= last ? 0.6 : 1) },
  { name: "burst", what: "four times the traffic on one day", level: (h) => (h >= 300 && h < 324 ? 4 : 1) },
  { name: "costs", what: "answers cost 40 % more than predicted", cost: 1.4 },
  {
    name: "price cut",
    what: "the dearest model costs 60 % less from mid-month",
    price: (h) => (h >= HOURS / 2 ? 0.4 : 1),
  },
  { name: "harder", what: "requests grow harder through the month", harder: (h) => (0.4 * h) / HOURS },
];

/** Dollars per million tokens. */
export const RATES = [
  { input: 0.1, output: 0.4 },
  { input: 0.4, output: 1.6 },
  { input: 1.25, output: 10 },
  { input: 5, output: 25 },
];
export const NAMES = RATES.map((_, m) => `model-${m + 1}`);
/** What a model gains per unit of ease, and at the middle of it. */
const SKILL = [-1.1, -0.2, 0.7, 1.4];

/** A month of requests; matrices are requests × models, money is dollars. */
export interface Traffic {
  seed: number;
  requests: number;
  time: Float64Array;
  probability: Float64Array;
  predicted: Float64Array;
  /** Expected by one who knows the prices and the bias, but not how long each answer will be. */
  expected: Float64Array;
  actual: Float64Array;
  worst: Float64Array;
  /** Tokens of the input, and the most that the answer may have. */
  input: Int32Array;
  maxTokens: Int32Array;
  budget: number;
  /** What is known beforehand: the number of requests, and the hours of the week; undefined in a first month. */
  known: { requests: number; profile: ProfileState } | undefined;
  /** λ that spends the budget on the expected traffic. */
  lambda: number;
}

/** Requests of an hour beside the mean: office hours, quieter nights and weekends. */
function rhythm(hour: number): number {
  const day = Math.floor(hour / 24) % 7; // 0: Sunday
  const ofDay = hour % 24;
  const isWeekend = day === 0 || day === 6;
  return (isWeekend ? 0.35 : 1.25) * (0.25 + 1.5 * Math.exp(-(((ofDay - 14) / 4.5) ** 2)));
}
const MEAN_RHYTHM = Array.from({ length: 168 }, (_, h) => rhythm(h)).reduce((a, b) => a + b) / 168;

function poisson(mean: number, random: Random): number {
  // In parts, so that the exponential does not vanish.
  let count = 0;
  for (let left = mean; left > 0; left -= 20) {
    const limit = Math.exp(-Math.min(20, left));
    for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  }
  return count;
}

/** Sorted times of requests over some hours; `from` is the hour of the first. */
function arrivals(perHour: (hour: number) => number, from: number, hours: number, random: Random): number[] {
  const times: number[] = [];
  for (let h = from; h < from + hours; h++) {
    const n = poisson(perHour(h), random);
    const within = Array.from({ length: n }, () => START + (h + random.uniform()) * HOUR).sort(
      (a, b) => a - b,
    );
    times.push(...within);
  }
  return times;
}

/** Answers longer than this are cut; what the request allows. */
const MOST_LENGTH = 8;
/** Mean of exp(N(−½, 1)) cut at 8. */
const MEAN_LENGTH = 0.969;

export function trafficOf(scenario: Scenario, wanted: number, seed: number): Traffic {
  const random = new Random(seed, 1);
  const { level = () => 1, isFirst = false } = scenario;
  const usual = (h: number): number => ((wanted / HOURS) * rhythm(((h % 168) + 168) % 168)) / MEAN_RHYTHM;
  const time = Float64Array.from(arrivals((h) => usual(h) * level(h), 0, HOURS, random));
  const traffic = rowsOf(time, scenario, seed);
  const profile = new Profile(new Zone("UTC"));
  for (const before of arrivals(usual, -28 * 24, 28 * 24, random)) profile.observe(before, 1);
  profile.observe(START, 0);
  const { requests, hours } = profile.state();
  const known = isFirst ? undefined : { requests: wanted, profile: { requests, hours } };
  return { ...traffic, known, budget: NaN, lambda: NaN };
}

/** Sets the budget between what the cheapest and the dearest models cost in usual traffic, and the λ that spends it. */
export async function withBudget(
  traffic: Traffic,
  wanted: number,
  seed: number,
  share = 0.3,
): Promise<Traffic> {
  const usual = rowsOf(new Float64Array(4_000).fill(START), SCENARIOS[0], seed + 1_000);
  const front = await solveFront({
    models: NAMES,
    cost: Float32Array.from(usual.predicted),
    successProbability: Float32Array.from(usual.probability),
  });
  const [least, most] = [front.totalCost[0], front.totalCost.at(-1)!];
  const spent = least + share * (most - least);
  const k = front.totalCost.findLastIndex((cost) => cost <= spent);
  return { ...traffic, budget: (spent * wanted) / 4_000, lambda: front.lambda[k] };
}

function rowsOf(time: Float64Array, { cost = 1, price = () => 1, harder = () => 0 }: Scenario, seed: number) {
  const random = new Random(seed, 2);
  const requests = time.length;
  const models = NAMES.length;
  const matrix = (): Float64Array => new Float64Array(requests * models);
  const [probability, predicted, expected, actual, worst] = Array.from({ length: 5 }, matrix);
  const [input, maxTokens] = [new Int32Array(requests), new Int32Array(requests)];
  for (let q = 0; q < requests; q++) {
    const hour = (time[q] - START) / HOUR;
    const ease = 1.6 * random.normal() - 4 * harder(hour);
    input[q] = Math.ceil(400 * Math.exp(0.8 * random.normal()));
    const length = 250 * Math.exp(0.5 * random.normal() - 0.1 * ease);
    maxTokens[q] = Math.ceil(MOST_LENGTH * 1.6 * length);
    for (let m = 0; m < models; m++) {
      const k = q * models + m;
      const now = m === models - 1 ? price(hour) : 1;
      const rate = (tokens: number): number =>
        (now * (input[q] * RATES[m].input + tokens * RATES[m].output)) / 1e6;
      const own = length * (0.8 + 0.2 * m);
      const drawn = own * cost * Math.min(MOST_LENGTH, Math.exp(random.normal() - 0.5));
      probability[k] = 1 / (1 + Math.exp(-(ease + SKILL[m] + 0.4 * random.normal())));
      predicted[k] = rate(own * MEAN_LENGTH);
      expected[k] = rate(own * cost * MEAN_LENGTH);
      actual[k] = rate(Math.min(maxTokens[q], Math.ceil(drawn)));
      worst[k] = (input[q] * RATES[m].input + maxTokens[q] * RATES[m].output) / 1e6;
    }
  }
  return { seed, requests, time, probability, predicted, expected, actual, worst, input, maxTokens };
}
