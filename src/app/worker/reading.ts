import { readConstraints, type Limits } from "../../plan/limits/read.js";
import { columnsOf } from "../../plan/limits/resolve.js";
import { USUAL_PART, type Part } from "../../plan/rows.js";
import { badPricesText, parseModelPrice, withOwnPrices, type NewRates } from "../../prices/ownPrices.js";
import type { GivenPrices } from "../../prices/given.js";
import { readPrices, type PriceTable } from "../../prices/table.js";
import type { Pool } from "../../pool/pool.js";
import { settleNames, splitNames } from "../../rows/modelNames.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { readVectorRows, vectorConflict, type VectorChoice } from "../../rows/vectors.js";
import { parseCondition, type Condition } from "../../rows/where.js";
import { parseScale } from "../../rows/formats/answers/scale.js";
import { InputError } from "../../errors.js";
import type { Dataset } from "../../types.js";
import { put } from "../browser/drawer.js";
import type { Send, Settings } from "../messages.js";

/** What the jobs of a worker run with. */
export interface Running {
  send: Send;
  /** Undefined where memory cannot be shared: all is computed by the worker itself. */
  pool?: Pool;
}

/** How rows are read, and the prices that are known. */
export interface Known {
  reading: DatasetOptions;
  priceTable: PriceTable;
  /** The user's own prices of models; undefined without any. */
  own?: [string, NewRates][];
  given?: GivenPrices;
}

/** How rows are read, as the commands read them with the options of these settings. `paths`: the files of rows. */
export async function knownOf(settings: Settings, paths: string[], { send }: Running): Promise<Known> {
  const { predictor, queryColumn, skipBadRows, models, prices } = settings;
  const own = settings.price.map((text) =>
    argument("--price <model=in/out[/cached]>", text, parseModelPrice),
  );
  const listed = { models: models === undefined ? undefined : [argument("--models <names>", models, list)] };
  await settleNames(listed, paths);
  const read = await readPrices(prices);
  const bad = badPricesText(read);
  if (bad !== undefined) send({ kind: "note", text: bad });
  const { table, price, given } = withOwnPrices(read, own);
  return {
    reading: {
      ...{ price, given, models: listed.models },
      ...{ queryColumn, skipBadRows, needsTexts: predictor !== "base-rate" },
      onProgress: ({ phase, done, total }) => send({ kind: "progress", phase, done, total }),
      onNote: (text) => send({ kind: "note", text }),
    },
    priceTable: table,
    ...{ own: own.length === 0 ? undefined : own, given },
  };
}

/** A text that an option of the command line takes, refused in its words. */
function argument<T>(option: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`option '${option}' argument '${text}' is invalid. ${error.message}`, error.details);
  }
}

function list(text: string): string {
  if (splitNames(text).length === 0) throw new InputError("expected names separated by commas.");
  return text;
}

function conditionsOf(texts: readonly string[]): Condition[] {
  return texts.map((text) => argument("--where <condition>", text, parseCondition));
}

/** Which rows are read, and what is read of them for the limits and groups of an answer. */
export interface Asked {
  where: Condition[];
  limits?: Limits;
  columns: string[];
}

/** `limits`: a text in YAML. `group`: a column. */
export async function askedOf(
  where: readonly string[],
  { limits: text, group }: { limits?: string; group?: string } = {},
): Promise<Asked> {
  const conditions = conditionsOf(where);
  const limits = await limitsOf(text);
  const columns = [
    ...(group === undefined ? [] : [group]),
    ...(limits === undefined ? [] : columnsOf(limits)),
  ];
  return { where: conditions, limits, columns };
}

/** Refuses settings that do not go together. */
export function checkVectors(options: Parameters<typeof vectorConflict>[0]): void {
  const conflict = vectorConflict(options);
  if (conflict !== undefined) throw new InputError(conflict);
}

/** Where the limits that the user typed stand among the files. */
export const LIMITS = "limits.yaml";

async function limitsOf(text: string | undefined): Promise<Limits | undefined> {
  if (text === undefined) return undefined;
  put(LIMITS, new Blob([text]));
  return readConstraints(LIMITS);
}

/** Reads labelled rows: with their score, and with a note on columns that may tell kinds of queries apart. */
export function readLabelled(path: string, options: DatasetOptions, settings: Settings): Promise<Dataset> {
  const { metric, scorer, scale, featureColumns, predictor, vectors } = settings;
  const parsed = scale === undefined ? undefined : argument("--scale <worst..best>", scale, parseScale);
  const asked = {
    ...options,
    score: (metric ?? scorer ?? scale) === undefined ? undefined : { metric, scorer, scale: parsed },
    suggestsColumns: featureColumns === undefined && predictor !== "base-rate",
  };
  return readVectorRows(path, asked, vectorChoice(settings), vectors);
}

/** The columns and vectors that predictions use. */
export function vectorChoice({ vectorColumns, vectorsAdd, featureColumns }: Settings): VectorChoice {
  return { vectorColumns, vectorsAdd, featureColumns: columnNames(featureColumns) };
}

function columnNames(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  return [...new Set(splitNames(argument("--feature-columns <names>", text, list)))];
}

/** How predictors are fitted. */
export function fittingOf({ predictor, seed, featureColumns }: Settings) {
  return { predictor, featureColumns: columnNames(featureColumns), seed, alpha: undefined, replicates: 0 };
}

export function partOf(percent: number | undefined): Part {
  return percent === undefined ? USUAL_PART : { share: percent / 100 };
}
