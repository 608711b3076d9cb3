import { InputError } from "../errors.js";
import { policyConflict } from "../online/writePolicy.js";
import { batchChoiceOf, type BatchChoice } from "../plan/batchArms.js";
import type { Limits } from "../plan/limits/read.js";
import type { Changes } from "../plan/whatIf.js";
import type { Predictor } from "../predict/predictor.js";
import type { NewRates } from "../prices/ownPrices.js";
import type { Condition } from "../rows/where.js";
import { checkTarget, type Target } from "../solve/target.js";
import type { BatchTarget } from "../write/batches/exportBatches.js";
import type { ExportOptions } from "../write/targets/options.js";

/** Formats of the allocation's parts. */
export const PART_FORMATS = ["jsonl", "csv", "parquet"] as const;

/** What a run computes. */
export interface RunOptions {
  /**
   * Files or folders of rows, in their order; or `NAME.cost.npy` files, each beside its `NAME.probability.npy`: queries ×
   * models, costs in dollars.
   */
  inputs: readonly string[];
  /** Which allocation is chosen. */
  target: Target;
  /** A predictor that `optllm fit` wrote; rows need it, or `fit`. */
  predictorFile?: string;
  /**
   * Fits the predictor in place of `predictorFile`, once all other options are checked. It is saved in the run's folder, as
   * predictor.optllm.
   */
  fit?: () => Promise<Predictor>;
  /** Called for what is not read of a folder. */
  onNote?: (text: string) => void;
  /** The only models that take part. With `.npy` files: the names of their columns, needed. */
  models?: readonly string[];
  /** Predicts every blank cost, not only those of models without any. Default false. */
  predictCost?: boolean;
  /** The column of the texts; default as `readDataset` finds it. */
  queryColumn?: string;
  /** Leaves out and counts rows that cannot be read, up to 5 % of all; default: the run fails. */
  skipBadRows?: boolean;
  /** Only rows that meet all of these. */
  where?: readonly Condition[];
  /** Columns whose names begin with this text hold the rows' vectors, for a predictor that was fitted to vectors. */
  vectorColumns?: string;
  /** A price file that overrides the built-in prices. */
  prices?: string;
  /** Prices of single models, in place of any other and of recorded costs: pairs of model and dollars per million tokens. */
  price?: readonly (readonly [string, NewRates])[];
  /** Changes to costs and models, made after predicting. */
  changes?: Pick<Changes, "scaleCost" | "without" | "only">;
  /** Models that may answer in a batch as well, or that all requests go to batches. */
  batch?: RunBatch;
  /**
   * Bytes above which a file of JSON Lines, CSV or Parquet (unpacked) is cut into parts of about as many, each the work of one
   * job; default: 1/32 of all inputs, 32 to 128 MiB. Never changes a result.
   */
  pieceBytes?: number;
  /**
   * Rows of a shard when solving, rounded up to whole shards of the solver; default: 1/16 of all rows, 2,000,000 at most.
   * Never changes a result.
   */
  shardRows?: number;
  /** Format of the allocation's parts; default `jsonl`. */
  format?: (typeof PART_FORMATS)[number];
  /** Also writes batch files for each input file, and plans at batch prices. */
  export?: BatchTarget;
  /** How they are written. */
  batchFiles?: RunBatchFiles;
  /** With `export`: plans at live prices. Default false. */
  livePrices?: boolean;
  /** Limits that the choice keeps besides its target. */
  limits?: Limits;
  /** A file to write the policy to by which a service decides single requests as this plan does. */
  policyOut?: string;
  /**
   * @internal A problem of up to so many options is solved by the process that plans, with the proof that one machine would
   * try; default 262,144.
   */
  fewOptions?: number;
  /** How the report says that it was made; default `optllm cluster plan`. */
  command?: string;
}

/** As `BatchChoice`, in JSON: pairs of model and the fraction of its cost that a batch charges; null: from the price table. */
export interface RunBatch extends Pick<BatchChoice, "every" | "deadlineColumn"> {
  models?: readonly (readonly [string, number | null])[];
}

/** As `ExportOptions`, in JSON: `sentAs` has pairs of model and name. */
export interface RunBatchFiles extends Pick<ExportOptions, "maxTokens" | "limits"> {
  sentAs?: readonly (readonly [string, string])[];
}

/** What batches may answer. */
export function batchOf({
  batch,
  ...options
}: Pick<RunOptions, "batch" | "export" | "livePrices">): BatchChoice | undefined {
  const models = new Map((batch?.models ?? []).map(([model, part]) => [model, part ?? undefined]));
  return batchChoiceOf(batch && { ...batch, models }, options);
}

/** Refuses options that do not go together. Throws `InputError`. */
export function checkOptions(options: Omit<RunOptions, "inputs">, areMatrices: boolean): void {
  const { target, shardRows = 1, pieceBytes = 1, predictorFile, fit } = options;
  checkTarget(target);
  for (const [field, value] of Object.entries({ shardRows, pieceBytes }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InputError(`${field} is ${value}; expected a whole number ≥ 1`, { field });
  if (areMatrices) checkMatrixOptions(options);
  else if ((predictorFile === undefined) === (fit === undefined))
    throw new InputError(
      "rows need one predictor: give --predictor-file, as `optllm fit` writes it, or --labels to fit one",
      { field: "predictorFile" },
    );
  checkBatchOptions(options);
  checkPolicy(options);
}

function checkBatchOptions(options: Omit<RunOptions, "inputs">): void {
  const { export: target, where = [], batch, batchFiles, livePrices } = options;
  if (target !== undefined && where.length > 0)
    throw new InputError("--export reads the whole work again: give no --where", { field: "where" });
  if (livePrices && (target === undefined || batch !== undefined))
    throw new InputError("--live-prices needs --export, without --batch", { field: "livePrices" });
  if (batchFiles !== undefined && target === undefined)
    throw new InputError("options of batch files need --export", { field: "batchFiles" });
}

function checkPolicy(options: Omit<RunOptions, "inputs">): void {
  if (options.policyOut === undefined) return;
  const { price, changes } = options;
  const conflict = policyConflict({ batch: batchOf(options), price, scaleCost: changes?.scaleCost });
  if (conflict !== undefined) throw new InputError(conflict, { field: "policyOut" });
}

function checkMatrixOptions(options: Omit<RunOptions, "inputs">): void {
  const { models, predictorFile, fit, export: target, changes, where = [], vectorColumns } = options;
  const { price, batch, policyOut, limits } = options;
  if (limits?.specs.some(({ group, measure }) => group !== undefined || measure === "tokens"))
    throw new InputError("matrices have no groups and no tokens to limit; give rows", { field: "limits" });
  if (models === undefined || models.length === 0)
    throw new InputError("matrices need the names of their columns: give --models", { field: "models" });
  const others = [predictorFile, fit, target, changes, vectorColumns, where[0], price, batch, policyOut];
  if (others.some((option) => option !== undefined))
    throw new InputError(
      "matrices are solved as they are: no predictor, conditions, vectors, prices, changes, batches or policy",
      {},
    );
}
