import { InputError } from "../../errors.js";
import { rowOf } from "../../matrix.js";
import { fitPredictor, type PredictOptions } from "../../plan/predictProblem.js";
import type { Predictor } from "../../predict/predictor.js";
import { shown } from "../../text/shown.js";
import type { Dataset } from "../../types.js";
import type { LoggedRequest } from "../log/join.js";
import type { LoggedDecisions } from "../log/reader.js";
import type { Estimate } from "./estimators.js";
import { valueOf } from "./value.js";

/** How a predictor is fitted again. */
export interface RefitOptions extends Omit<PredictOptions, "models" | "predictCost"> {
  /** Default: those of the predictor before. */
  featureColumns?: readonly string[];
  /** Texts of the requests by the id of their decision, for a log without texts. */
  texts?: ReadonlyMap<string, string>;
  /** Also fit the new predictor where it is not better. Default false. */
  force?: boolean;
}

/** A predictor that was fitted again, and what it was compared by. */
export interface Refit {
  /** Whether neither the log-loss nor the value has become worse. */
  promoted: boolean;
  /** The reason in a sentence. */
  why: string;
  /** Fitted to the sample and to the whole log; undefined if it was not promoted, unless forced. */
  predictor?: Predictor;
  /** Judged requests that the comparison's fit learned from, and later ones that it was judged on. */
  rows: { learned: number; heldOut: number };
  /** Mean log-loss of the scores of the later requests. */
  logLoss: { before: number; after: number; difference: Estimate };
  /**
   * Mean score − λ · dollars of the later requests, if the log's λ were used with each predictor: doubly robust,
   * self-normalised. Undefined: not enough overlap.
   */
  value: { before?: Estimate; after?: Estimate };
}

/** The latest requests, which a comparison's fit does not see. */
const HELD_OUT = 0.3;
const LEAST_HELD_OUT = 50;

/**
 * Fits a predictor again, to its labelled sample and to the judged requests of a log. To see whether this helps, it is first
 * fitted without the latest 30 % of the log, and compared there with the predictor before: by the log-loss of the scores,
 * and by what a router would have reached with each. It is promoted only if neither is worse.
 *
 * @throws InputError for a log with too few judged requests with texts, a predictor of vectors, and what `fitPredictor`
 * throws.
 */
export async function refit(
  sample: Dataset,
  log: Pick<LoggedDecisions, "requests">,
  before: Predictor,
  { texts, force = false, featureColumns = before.featureColumns, ...others }: RefitOptions = {},
): Promise<Refit> {
  const options = { ...others, featureColumns };
  if ((before.vectorColumns ?? before.vectorsBeside) !== undefined)
    throw new InputError("the predictor was fitted to vectors, which a decision log does not have", {
      field: "predictor",
    });
  const read = log.requests
    .filter(({ reason }) => reason !== "tool loop")
    .flatMap((request) => {
      const text = request.text ?? texts?.get(request.id);
      return text === undefined ? [] : [{ request, text }];
    })
    .sort((a, b) => a.request.time - b.request.time);
  const judged = read.filter(({ request }) => isLabel(request, before.models));
  const held = Math.max(LEAST_HELD_OUT, Math.round(HELD_OUT * judged.length));
  if (judged.length < 2 * LEAST_HELD_OUT) {
    throw new InputError(
      `the log has ${judged.length} judged requests with texts (${read.length} with texts, of ${log.requests.length}); expected at least ${2 * LEAST_HELD_OUT}`,
      { field: "log" },
    );
  }
  const learned = judged.slice(0, judged.length - held);
  const later = read.slice(read.indexOf(judged[judged.length - held]));
  const trial = await fit(sample, learned, before.models, options);
  const compared = await compare(later, before, trial, options);
  const verdict = verdictOf(compared);
  const { logLoss, value } = compared;
  return {
    ...verdict,
    logLoss,
    value,
    rows: { learned: learned.length, heldOut: held },
    ...((verdict.promoted || force) && { predictor: await fit(sample, judged, before.models, options) }),
  };
}

/** A request whose text is known. */
interface Read {
  request: LoggedRequest;
  text: string;
}

function isLabel({ score, models, chosen }: LoggedRequest, known: readonly string[]): boolean {
  return !Number.isNaN(score) && known.includes(models[chosen]);
}

async function fit(
  sample: Dataset,
  rows: readonly Read[],
  models: readonly string[],
  options: PredictOptions,
): Promise<Predictor> {
  const predictor = await fitPredictor(
    joined(sample, rows, models, options.featureColumns ?? []),
    [],
    options,
  );
  const missing = models.find((name) => !predictor.models.includes(name));
  if (missing === undefined) return predictor;
  throw new InputError(`model ${shown(missing)} of the predictor has no label in the sample or the log`, {
    model: missing,
  });
}

/**
 * The sample's rows, then those of the log, with the models of the predictor in its order. `columns`: the names of feature
 * columns.
 */
function joined(
  sample: Dataset,
  rows: readonly Read[],
  models: readonly string[],
  columns: readonly string[],
): Dataset {
  const [known, width] = [sample.ids.length, models.length];
  const cost = new Float64Array((known + rows.length) * width).fill(Infinity);
  const outcome = new Float32Array(cost.length).fill(NaN);
  models.forEach((name, m) => {
    const from = sample.models.indexOf(name);
    for (let q = 0; from >= 0 && q < known; q++) {
      cost[q * width + m] = sample.cost[q * sample.models.length + from];
      outcome[q * width + m] = sample.outcome[q * sample.models.length + from];
    }
  });
  rows.forEach(({ request }, k) => {
    const at = (known + k) * width + models.indexOf(request.models[request.chosen]);
    outcome[at] = request.score;
    if (request.spent >= 1e-12) cost[at] = request.spent;
  });
  return {
    ids: [...sample.ids, ...rows.map(({ request }) => `decision ${request.id}`)],
    queries: [...sample.queries, ...rows.map(({ text }) => text)],
    models: [...models],
    cost,
    outcome,
    ...(columns.length > 0 && {
      columns: new Map(columns.map((name) => [name, toldOf(sample, rows, name)])),
    }),
  };
}

/** The texts of a feature column: the sample's, then what the requests told, "" where one did not. */
function toldOf({ columns, ids }: Dataset, rows: readonly Read[], name: string): string[] {
  const known = columns?.get(name) ?? ids.map(() => "");
  return [...known, ...rows.map((row) => featureOf(row, name))];
}

function featureOf({ request: { features } }: Read, name: string): string {
  return features !== undefined && Object.hasOwn(features, name) ? String(features[name]) : "";
}

type Comparison = Pick<Refit, "logLoss" | "value"> & { isSame: boolean };

async function compare(
  later: readonly Read[],
  before: Predictor,
  after: Predictor,
  options: PredictOptions,
): Promise<Comparison> {
  const queries = later.map(({ text }) => text);
  const predict = (predictor: Predictor): Promise<Float32Array> => {
    const columns = new Map(
      predictor.featureColumns.map((name) => [name, later.map((row) => featureOf(row, name))]),
    );
    return predictor.predict(queries, { ...options, columns });
  };
  const [old, fresh] = [await predict(before), await predict(after)];
  const losses = later.flatMap(({ request }, q) => {
    const name = request.models[request.chosen];
    if (!isLabel(request, before.models)) return [];
    const loss = (matrix: Float32Array, { models }: Predictor): number =>
      lossOf(matrix[q * models.length + models.indexOf(name)], request.score);
    return [[loss(old, before), loss(fresh, after)]];
  });
  const mean = (of: (pair: number[]) => number): number =>
    losses.reduce((sum, pair) => sum + of(pair), 0) / losses.length;
  const difference = mean(([a, b]) => b - a);
  const half = 1.96 * Math.sqrt(mean(([a, b]) => (b - a - difference) ** 2) / losses.length);
  const requests = later.map(({ request }) => request);
  const by = (matrix: Float32Array, { models }: Predictor) =>
    valueOf(requests, (_, q) => ({ models, probability: rowOf(matrix, models.length, q) }));
  const [valueBefore, valueAfter] = [by(old, before), by(fresh, after)];
  return {
    logLoss: {
      before: mean(([a]) => a),
      after: mean(([, b]) => b),
      difference: { estimate: difference, low: difference - half, high: difference + half },
    },
    value: { before: valueBefore.estimate, after: valueAfter.estimate },
    isSame: valueBefore.places.every((place, q) => place === valueAfter.places[q]),
  };
}

function lossOf(p: number, score: number): number {
  const clipped = Math.min(1 - 1e-6, Math.max(1e-6, p));
  return -(score * Math.log(clipped) + (1 - score) * Math.log(1 - clipped));
}

function verdictOf({ logLoss: loss, value, isSame }: Comparison): Pick<Refit, "promoted" | "why"> {
  if (loss.after > loss.before)
    return { promoted: false, why: "the log-loss on the latest requests has become worse" };
  if (isSame)
    return {
      promoted: true,
      why: "the log-loss has not become worse, and every request goes to the same model",
    };
  if (value.before === undefined || value.after === undefined) {
    const why =
      "the log has too few explored answers to tell what a router would reach with the new predictor";
    return { promoted: false, why };
  }
  if (value.after.estimate < value.before.estimate)
    return { promoted: false, why: "a router would have reached less with the new predictor" };
  return {
    promoted: true,
    why: "neither the log-loss nor what a router would have reached has become worse",
  };
}
