import { MAX_MODELS } from "../../assembly/layout.js";
import { InputError } from "../errors.js";
import { FORMS } from "./cost/costShape.js";
import { MAX_FEATURE_COLUMNS } from "./features/columnCells.js";
import { BUCKETS } from "./features/ngrams.js";
import { METHODS, type MethodKind } from "./methods/method.js";
import { methodOf } from "./methods/methods.js";
import { areModerate, areWithin } from "./methods/ranges.js";
import type { PredictorState } from "./state.js";
import { MAX_VECTOR_COLUMNS } from "./vectors.js";
import { SURFACE_FEATURES } from "./features/surface.js";

/**
 * Checks that a state read from a file is usable: every index stored in one array lies inside the array it refers to, and
 * every number is in its range, so that predictions are probabilities. A hostile file causes an error, never an invalid
 * memory access, an endless loop or a number that is none. Throws InputError. O(values).
 */
export function checkState(state: unknown): asserts state is PredictorState {
  const { added, vectorColumns } = record(state);
  const parts = [state, ...(added === undefined ? [] : list(added, "added models", isUndivided))];
  const names = parts.flatMap(checkPart);
  if (names.length > MAX_MODELS || new Set(names).size !== names.length) throw wrong("models");
  if (parts.some((part) => record(part).vectorColumns !== vectorColumns)) throw wrong("vectors");
  const beside = parts.map((part) => record(part).vectorsBeside).filter((columns) => columns !== undefined);
  if (new Set(beside).size > 1) throw wrong("vectors");
}

function isUndivided(part: unknown): boolean {
  return record(part).added === undefined;
}

/** Checks what was fitted at one time; returns the names of its models. */
function checkPart(state: unknown): unknown[] {
  const {
    models,
    members,
    calibration,
    bootstrap,
    labels,
    labelledRows,
    unbeaten,
    notes,
    candidates,
    costs,
  } = record(state);
  const names = list(models, "models", (name) => typeof name === "string");
  if (names.length < 1) throw wrong("models");
  if (list(labels, "labels", isNumber).length !== names.length) throw wrong("labels");
  if (labelledRows !== undefined && !isCount(labelledRows)) throw wrong("labelledRows");
  if (unbeaten !== undefined) {
    const { model, isMatched } = record(unbeaten);
    if (!isCount(model) || model >= names.length || typeof isMatched !== "boolean") throw wrong("unbeaten");
  }
  list(notes, "notes", (note) => typeof note === "string");
  list(
    candidates,
    "candidates",
    (c) => isKind(record(c).kind) && isSetting(record(c).setting) && isNumber(record(c).logLoss),
  );
  const looks = checkFeatures(state);
  if (costs !== undefined) checkCosts(costs, names);
  const checkLearned = learnedCheck({ models: names.length, ...looks });
  const checked = list(members, "members", (member) => {
    const { kind, setting, learned } = record(member);
    checkLearned(kind, learned);
    return isSetting(setting);
  });
  if (checked.length === 0 || (checked.length > 1 && calibration === undefined)) throw wrong("members");
  if (calibration !== undefined) checkCalibration(calibration, checked.length, names.length);
  if (bootstrap !== undefined) checkBootstrap(bootstrap, checked.length, checkLearned);
  return names;
}

/** The features that the members can use. */
interface Looks {
  /** Columns of the dense and of the sparse features. */
  dimensions: number;
  columns: number;
  /** Whether features of queries can be made. */
  hasFeatures: boolean;
  /** Whether there are feature columns. */
  hasColumns: boolean;
  /** Columns of the vectors beside the texts; undefined: there are none. */
  beside: number | undefined;
}

function checkFeatures(state: unknown): Looks {
  const { featuriser, vectorColumns, vectorsBeside, featureColumns } = record(state);
  const hasColumns = featureColumns !== undefined;
  if (hasColumns) checkFeatureColumns(featureColumns);
  if (vectorsBeside !== undefined && (!isWidth(vectorsBeside) || vectorColumns !== undefined))
    throw wrong("vectors");
  const given = { hasColumns, beside: vectorsBeside };
  if (vectorColumns === undefined) {
    const hasFeatures = featuriser !== undefined;
    return {
      dimensions: hasFeatures ? checkFeaturiser(featuriser) : 0,
      columns: BUCKETS,
      hasFeatures,
      ...given,
    };
  }
  if (!isWidth(vectorColumns)) throw wrong("vectors");
  if (featuriser !== undefined) throw wrong("featuriser");
  return { dimensions: vectorColumns, columns: vectorColumns, hasFeatures: true, ...given };
}

function isWidth(columns: unknown): columns is number {
  return isCount(columns) && columns >= 1 && columns <= MAX_VECTOR_COLUMNS;
}

function checkFeatureColumns(columns: unknown): void {
  const { names, edges } = record(columns);
  const known = list(names, "feature columns", (name) => typeof name === "string");
  const areEdges = (one: unknown): boolean =>
    one instanceof Float64Array && areModerate(one) && one.every((x, k) => k === 0 || x > one[k - 1]);
  if (known.length === 0 || known.length > MAX_FEATURE_COLUMNS || new Set(known).size !== known.length)
    throw wrong("feature columns");
  if (list(edges, "feature columns", areEdges).length !== known.length) throw wrong("feature columns");
}

/** What is wrong where a member needs features that the state does not have. */
const MISSING = {
  sparse: "featuriser",
  dense: "featuriser",
  columns: "feature columns",
  vectors: "vectors",
} as const;

type LearnedCheck = (kind: unknown, learned: unknown) => void;

/** Makes a check that refuses a fit which its method cannot score with. */
function learnedCheck({
  hasFeatures,
  hasColumns,
  beside,
  ...shape
}: Looks & { models: number }): LearnedCheck {
  /** The columns of the sparse rows of each kind; undefined: there are no such rows. */
  const rows = {
    sparse: hasFeatures ? shape.columns : undefined,
    dense: hasFeatures ? shape.columns : undefined,
    columns: hasColumns ? BUCKETS : undefined,
    vectors: beside,
    nothing: shape.columns,
  };
  return (kind, learned) => {
    if (!isKind(kind)) throw wrong("members");
    const method = methodOf(kind);
    const columns = rows[method.needs];
    if (columns === undefined) throw wrong(MISSING[method.needs as keyof typeof MISSING]);
    let fits = false;
    try {
      fits = method.check(learned, { ...shape, columns });
    } catch {
      // A field that is missing or of another type.
    }
    if (!fits) throw wrong(kind);
  };
}

function checkCalibration(calibration: unknown, members: number, models: number): void {
  const { weight, anchor, intercept, slope } = record(calibration);
  checkNumbers(weight, members, "calibration");
  for (const part of [anchor, intercept, slope]) checkNumbers(part, models, "calibration");
}

function checkBootstrap(bootstrap: unknown, members: number, checkLearned: LearnedCheck): void {
  const { members: bags, weight, alpha } = record(bootstrap);
  const replicates = list(weight, "bootstrap", isNumber).length;
  if (replicates === 0 || !isNumber(alpha)) throw wrong("bootstrap");
  const kinds = list(bags, "bootstrap", (bag) => {
    const { kind, learned } = record(bag);
    return list(learned, "bootstrap", (one) => (checkLearned(kind, one), true)).length === replicates;
  });
  if (kinds.length !== members) throw wrong("bootstrap");
}

/** Returns the number of columns of its dense features. */
function checkFeaturiser(featuriser: unknown): number {
  const { scale, projection, surface } = record(featuriser);
  const { mean, deviation } = record(surface);
  for (const part of [mean, deviation]) checkNumbers(part, SURFACE_FEATURES.length, "featuriser");
  const { bucket: known, value, rest } = record(scale);
  if (!isBucketList(known) || floats(value, "scale").length !== known.length) throw wrong("scale");
  if (!isNumber(rest) || !areModerate([rest])) throw wrong("scale");
  const { bucket, columns, byte, factor, step } = record(projection);
  if (!isCount(columns) || columns % 4 !== 0 || columns > 512) throw wrong("projection");
  if (!isBucketList(bucket) || !isNumber(step) || !areModerate([step])) throw wrong("projection");
  if (!(byte instanceof Int8Array) || byte.length !== bucket.length * columns) throw wrong("projection");
  if (!(factor instanceof Uint8Array) || factor.length !== bucket.length) throw wrong("projection");
  return columns + SURFACE_FEATURES.length;
}

function isBucketList(list: unknown): list is Int32Array {
  return list instanceof Int32Array && list.length <= BUCKETS && areWithin(list, 0, BUCKETS);
}

/** Costs are known for some of the part's models, each once. */
function checkCosts(costs: unknown, known: unknown[]): void {
  const { models, fits, featuriser, isCounted } = record(costs);
  const names = list(models, "costs", (name) => known.includes(name));
  if (new Set(names).size !== names.length || isCounted !== false) throw wrong("costs");
  const columns = featuriser === undefined ? 0 : checkFeaturiser(featuriser);
  const isPart = (part: unknown): boolean => {
    const { price, shape } = record(part);
    const { constant, slope, correction } = record(shape);
    return isAmount(price) && isAmount(constant) && isAmount(slope) && isCorrection(correction, columns);
  };
  const checked = list(fits, "costs", (fit) => {
    const { parts, rate, least, form, of, rows, error } = record(fit);
    if (list(parts, "costs", isPart).length === 0 || !isAmount(rate) || !isAmount(least)) return false;
    const errors = error === undefined ? undefined : record(error);
    return (
      FORMS.some(({ name }) => name === form) &&
      (of === "cost" || of === "tokens") &&
      isCount(rows) &&
      (errors === undefined || (isAmount(errors.total) && isAmount(errors.perRow)))
    );
  });
  if (checked.length !== names.length) throw wrong("costs");
}

function isCorrection(correction: unknown, columns: number): boolean {
  if (correction === undefined) return true;
  const { intercept, coefficient, least, most } = record(correction);
  const isWhole =
    coefficient instanceof Float64Array &&
    coefficient.length === columns &&
    columns > 0 &&
    areModerate(coefficient);
  return isWhole && [intercept, least, most].every(isNumber);
}

function wrong(what: string): InputError {
  return new InputError(`the saved predictor is inconsistent: its ${what} cannot be used`);
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw wrong("state");
  return value as Record<string, unknown>;
}

function list(value: unknown, what: string, accepts: (item: unknown) => boolean): unknown[] {
  if (!Array.isArray(value) || !value.every(accepts)) throw wrong(what);
  return value;
}

/** One number for each of so many things. */
function checkNumbers(value: unknown, length: number, what: string): void {
  if (!(value instanceof Float64Array) || value.length !== length || !areModerate(value)) throw wrong(what);
}

function floats(value: unknown, what: string): Float32Array {
  if (!(value instanceof Float32Array) || !areModerate(value)) throw wrong(what);
  return value;
}

function isKind(value: unknown): value is MethodKind {
  return (METHODS as readonly unknown[]).includes(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isAmount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSetting(value: unknown): boolean {
  return Object.entries(record(value)).every(([name, number]) => /^\w+$/.test(name) && isNumber(number));
}
