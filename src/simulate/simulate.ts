import { MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import { Random } from "../random.js";
import type { Problem } from "../types.js";
import { shown } from "../text/shown.js";
import { sharedFloats } from "../memory.js";
import { queryText } from "./text.js";
import { BAND_WORDS, TOPIC_WORDS } from "./vocabulary.js";

const TOPICS = TOPIC_WORDS.length;
const BANDS = BAND_WORDS.length;

/** The size and seed of a simulated workload. */
export interface SimulateOptions {
  /** Number of queries, 1 or more. */
  queries: number;
  /** Number of models, 1 … 255. */
  models: number;
  /** Whole number; the same seed gives the same workload. */
  seed: number;
  /** Words of every text, 1 … 1,000. Default: they vary with the prompt. */
  words?: number;
}

/** A simulated model: its prices and its skill. */
export interface SimulatedModel {
  /** `model-01`, `model-02`, … from the cheapest to the dearest. */
  name: string;
  /** Dollars per million tokens. */
  inputPrice: number;
  outputPrice: number;
  /** In logits: 0 is an even chance at a query of difficulty 0. */
  skill: number;
  /** Added to the skill, for each topic. */
  affinity: Float64Array;
  /** Length of its answers relative to the mean model. */
  verbosity: number;
}

/** A labelled query of a simulated workload. */
export interface SimulatedRow {
  /** `q1`, `q2`, … */
  id: string;
  query: string;
  /** Dollars for each model. */
  cost: Float32Array;
  /** Observed success of each model, 0 or 1. */
  score: Float32Array;
}

/** A simulated workload; its rows are made when they are read. */
export interface SimulatedWorkload {
  queries: number;
  models: string[];
  /** The simulated properties of each model. */
  details: SimulatedModel[];
  /** The rows, made one by one; each call begins anew with the first. */
  rows: () => Generator<SimulatedRow>;
}

/**
 * A believable labelled workload. With z standard normal and u uniform in 0 … 1, drawn afresh each time:
 *
 * - model m of M, t = m/(M−1): input price 0.1 · 600^t dollars per million tokens (0.1 … 60), output price
 *   (3 + 2u) times that; skill −0.6 + 2.4 t^0.8 + 0.35 z, so that a dearer model is mostly but not always better;
 *   affinity to each topic 0.6 z; verbosity e^(0.3 z);
 * - query: topic k of 8 with weight 1/(k+1); difficulty d = topic's own 0.5 z + 1.1 z; prompt e^(5.2 + 0.9 z) tokens,
 *   8 … 32,000; answer e^(4.8 + 0.7 z + 0.2 d) tokens, at most 8,000;
 * - option: success probability 1 / (1 + e^(−1.5 (skill + affinity − d + u − ½))), score 1 with that
 *   probability, else 0; cost = (prompt · input price + answer · verbosity · (0.6 + 0.8 u) · output price) / 10⁶,
 *   answer tokens rounded up;
 * - text: prompt tokens · 0.16 · e^(0.3 z) words, 5 … 120, from `queryText`: words of the topic and of
 *   the band (fifth) of difficulty in which the query lies.
 *
 * The draws of models, queries, scores and texts are independent of one another, so that the first rows of a longer
 * workload are those of a shorter one, and `simulateProblem` has the same costs.
 *
 * @throws InputError for counts or a seed outside their range.
 */
export function simulate(options: SimulateOptions): SimulatedWorkload {
  const generator = new Simulator(options);
  return {
    queries: options.queries,
    models: generator.models.map((model) => model.name),
    details: generator.models,
    rows: () => simulatedRows(options),
  };
}

/**
 * The workload of `simulate` as a problem: the same costs, and the true success probability in place of drawn scores.
 * No texts, no ids. The matrices lie in shared memory.
 *
 * @throws InputError for counts or a seed outside their range.
 */
export function simulateProblem(options: SimulateOptions): Problem & { cost: Float32Array } {
  const generator = new Simulator(options);
  const { queries, models } = options;
  const cost = sharedFloats(queries * models);
  const successProbability = sharedFloats(queries * models);
  for (let q = 0; q < queries; q++) generator.next(cost, successProbability, q * models);
  return { models: generator.models.map((model) => model.name), cost, successProbability };
}

function* simulatedRows(options: SimulateOptions): Generator<SimulatedRow> {
  const generator = new Simulator(options);
  const scores = new Random(options.seed, 3);
  const texts = new Random(options.seed, 4);
  const probability = new Float32Array(options.models);
  for (let q = 0; q < options.queries; q++) {
    const cost = new Float32Array(options.models);
    generator.next(cost, probability, 0);
    const drawn = Math.round(generator.promptTokens * 0.16 * Math.exp(0.3 * texts.normal()));
    const words = options.words ?? Math.min(120, Math.max(5, drawn));
    yield {
      id: `q${q + 1}`,
      query: queryText(generator.topic, generator.band, words, texts),
      cost,
      score: probability.map((p) => (scores.uniform() < p ? 1 : 0)),
    };
  }
}

/** Makes one query after another, without allocating; the query's properties are in the public fields. */
class Simulator {
  readonly models: SimulatedModel[];
  topic = 0;
  /** Fifth of the difficulties in which the query lies, 0 … 4. */
  band = 0;
  promptTokens = 0;

  private readonly random: Random;
  private readonly topicDifficulty: Float64Array;
  // The columns of `models`, for the loop over options.
  private readonly skill: Float64Array;
  private readonly affinity: Float64Array;
  private readonly inputPrice: Float64Array;
  private readonly outputPrice: Float64Array;
  private readonly verbosity: Float64Array;

  constructor(options: SimulateOptions) {
    check(options);
    const random = new Random(options.seed, 1);
    this.topicDifficulty = Float64Array.from({ length: TOPICS }, () => 0.5 * random.normal());
    this.models = Array.from({ length: options.models }, (_, m) => simulatedModel(m, options.models, random));
    this.skill = Float64Array.from(this.models, (model) => model.skill);
    this.affinity = Float64Array.from(this.models.flatMap((model) => [...model.affinity]));
    this.inputPrice = Float64Array.from(this.models, (model) => model.inputPrice);
    this.outputPrice = Float64Array.from(this.models, (model) => model.outputPrice);
    this.verbosity = Float64Array.from(this.models, (model) => model.verbosity);
    this.random = new Random(options.seed, 2);
  }

  /** Writes the next query's costs and true success probabilities from `offset` on. */
  next(cost: Float32Array, probability: Float32Array, offset: number): void {
    const { random } = this;
    this.topic = topicAt(random.uniform());
    const difficulty = this.topicDifficulty[this.topic] + 1.1 * random.normal();
    this.band = bandOf(difficulty);
    this.promptTokens = Math.min(32_000, Math.max(8, Math.round(Math.exp(5.2 + 0.9 * random.normal()))));
    const answer = Math.min(8_000, Math.exp(4.8 + 0.7 * random.normal() + 0.2 * difficulty));
    for (let m = 0; m < this.models.length; m++) {
      const luck = random.uniform() - 0.5;
      const logit = 1.5 * (this.skill[m] + this.affinity[m * TOPICS + this.topic] - difficulty + luck);
      probability[offset + m] = 1 / (1 + Math.exp(-logit));
      const answerTokens = Math.ceil(answer * this.verbosity[m] * (0.6 + 0.8 * random.uniform()));
      cost[offset + m] = (this.promptTokens * this.inputPrice[m] + answerTokens * this.outputPrice[m]) / 1e6;
    }
  }
}

function check({ queries, models, seed, words }: SimulateOptions): void {
  const isCount = (count: number, most: number): boolean =>
    Number.isInteger(count) && count >= 1 && count <= most;
  if (!isCount(models, MAX_MODELS)) throw refused("models", models, `a whole number 1 … ${MAX_MODELS}`);
  if (!isCount(queries, 2 ** 30 / models))
    throw refused("queries", queries, "a whole number ≥ 1, below 2^30 / models");
  if (!Number.isSafeInteger(seed)) throw refused("seed", seed, "a whole number");
  if (words !== undefined && !isCount(words, 1_000)) {
    throw refused("words", words, "a whole number 1 … 1,000");
  }
}

function refused(option: string, value: unknown, expected: string): InputError {
  const text = typeof value === "number" ? String(value) : shown(value);
  return new InputError(`${option} is ${text}; expected ${expected}`, { option, value });
}

function simulatedModel(m: number, models: number, random: Random): SimulatedModel {
  const t = models > 1 ? m / (models - 1) : 0;
  const inputPrice = Number((0.1 * 600 ** t).toPrecision(3));
  return {
    name: `model-${String(m + 1).padStart(models > 99 ? 3 : 2, "0")}`,
    inputPrice,
    outputPrice: Number((inputPrice * (3 + 2 * random.uniform())).toPrecision(3)),
    skill: -0.6 + 2.4 * t ** 0.8 + 0.35 * random.normal(),
    affinity: Float64Array.from({ length: TOPICS }, () => 0.6 * random.normal()),
    verbosity: Math.exp(0.3 * random.normal()),
  };
}

const TOPIC_WEIGHTS = Float64Array.from({ length: TOPICS }, (_, k) => 1 / (k + 1));
const TOPIC_TOTAL = TOPIC_WEIGHTS.reduce((sum, weight) => sum + weight, 0);

/** The topic in which a number 0 … 1 falls, the topics' weights side by side. */
function topicAt(uniform: number): number {
  let left = uniform * TOPIC_TOTAL;
  let topic = 0;
  while (topic < TOPICS - 1 && left >= TOPIC_WEIGHTS[topic]) left -= TOPIC_WEIGHTS[topic++];
  return topic;
}

/** Standard normal quantiles at 1/5 … 4/5, times the spread of difficulties. */
const BAND_BORDERS = [-0.8416, -0.2533, 0.2533, 0.8416].map((quantile) => 1.2 * quantile);

function bandOf(difficulty: number): number {
  let band = 0;
  while (band < BANDS - 1 && difficulty > BAND_BORDERS[band]) band++;
  return band;
}
