import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { version } from "../package.js";
import type { Changes } from "../plan/whatIf.js";
import { partsOf } from "../rows/folder/parts.js";
import type { Condition } from "../rows/where.js";
import { checkTarget, type Target } from "../solve/target.js";
import { readError } from "../text/fileError.js";
import { oneLine, shown } from "../text/shown.js";
import type { BatchTarget } from "../write/batches/exportBatches.js";
import { writeOut } from "../write/file.js";
import { checkFolder } from "../write/folder.js";

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
  /** A predictor that `optllm fit` wrote; needed for rows. */
  predictorFile?: string;
  /** The only models that take part. With `.npy` files: the names of their columns, needed. */
  models?: readonly string[];
  /** Predicts every blank cost, not only those of models without any. Default false. */
  predictCost?: boolean;
  /** The column of the texts; default as `readDataset` finds it. */
  queryColumn?: string;
  /** Only rows that meet all of these. */
  where?: readonly Condition[];
  /** Columns whose names begin with this text hold the rows' vectors, for a predictor that was fitted to vectors. */
  vectorColumns?: string;
  /** A price file that overrides the built-in prices. */
  prices?: string;
  /** Changes to costs and models, made after predicting. */
  changes?: Pick<Changes, "scaleCost" | "without" | "only">;
  /**
   * Bytes above which a file of JSON Lines, CSV or Parquet (unpacked) is cut into parts of about as many, each the work of one
   * job; default 128 MiB. Never changes a result.
   */
  pieceBytes?: number;
  /** Rows of a shard when solving, rounded up to whole shards of the solver; default 2,000,000. Never changes a result. */
  shardRows?: number;
  /** Format of the allocation's parts; default `jsonl`. */
  format?: (typeof PART_FORMATS)[number];
  /** Also writes batch files for each input file, and plans at batch prices. */
  export?: BatchTarget;
  /**
   * @internal A problem of up to so many options is solved by the process that plans, with the proof that one machine would
   * try; default 262,144.
   */
  fewOptions?: number;
  /** How the report says that it was made; default `optllm cluster plan`. */
  command?: string;
}

/** A file of input as it was when the run was planned. */
export interface InputFile {
  path: string;
  /** Only of matrices. */
  probability?: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/** A run as `run.json` keeps it: paths are absolute, and every worker sees them. */
export interface Run extends Omit<RunOptions, "inputs"> {
  format: (typeof PART_FORMATS)[number];
  shardRows: number;
  pieceBytes: number;
  /** Version of the package that planned it. */
  version: string;
  files: InputFile[];
}

const SHARD_ROWS = 2_000_000;
const PIECE_BYTES = 128 * 2 ** 20;

/**
 * Makes a run's folder, which must be new or empty.
 *
 * @throws InputError for wrong options, inputs that are not there, and a folder that cannot be made.
 */
export async function createRun(folder: string, { inputs, ...options }: RunOptions): Promise<Run> {
  checkTarget(options.target);
  const { shardRows = SHARD_ROWS, pieceBytes = PIECE_BYTES } = options;
  const { format = "jsonl", predictorFile, prices } = options;
  for (const [field, value] of Object.entries({ shardRows, pieceBytes }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InputError(`${field} is ${value}; expected a whole number ≥ 1`, { field });
  await checkFolder(folder);
  const files = await filesOf(inputs);
  const areMatrices = files.every(({ probability }) => probability !== undefined);
  if (!areMatrices && files.some(({ probability }) => probability !== undefined))
    throw new InputError("some inputs are matrices (.cost.npy) and some are rows; give one kind", {});
  if (areMatrices) checkMatrixOptions(options);
  else if (predictorFile === undefined)
    throw new InputError("rows need a saved predictor: give --predictor-file, as `optllm fit` writes it", {
      field: "predictorFile",
    });
  if (options.export !== undefined && (options.where ?? []).length > 0)
    throw new InputError("--export reads the whole work again: give no --where", { field: "where" });
  const run: Run = {
    ...options,
    ...(predictorFile !== undefined && { predictorFile: resolve(predictorFile) }),
    ...(prices !== undefined && { prices: resolve(prices) }),
    ...{ format, shardRows, pieceBytes, version, files },
  };
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, "run.json"), run);
  return run;
}

function checkMatrixOptions(options: Omit<RunOptions, "inputs">): void {
  const { models, predictorFile, export: target, changes, where = [], vectorColumns } = options;
  if (models === undefined || models.length === 0)
    throw new InputError("matrices need the names of their columns: give --models", { field: "models" });
  const others = [predictorFile, target, changes, vectorColumns, where[0]];
  if (others.some((option) => option !== undefined))
    throw new InputError(
      "matrices are solved as they are: no predictor, conditions, vectors, changes or batch files",
      {},
    );
}

/** The files of the inputs, those of a folder in the order of their names. */
async function filesOf(inputs: readonly string[]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const input of inputs) {
    const path = resolve(input);
    if (!(await statOf(path)).isDirectory()) {
      found.push(await inputFile(path));
      continue;
    }
    const names = (await readdir(path)).sort();
    const costs = names.filter((name) => name.endsWith(COST));
    const files =
      costs.length > 0
        ? costs.map((name) => join(path, name))
        : partsOf(path, names).map((part) => part.path);
    for (const file of files) found.push(await inputFile(file));
  }
  if (found.length === 0) throw new InputError("no inputs: give files or folders of rows", {});
  return found;
}

const COST = ".cost.npy";

/** A file of input as it is now. */
export async function inputFile(path: string): Promise<InputFile> {
  const { size: bytes, mtimeMs: modified } = await statOf(path);
  if (!path.endsWith(COST)) return { path, bytes, modified };
  const probability = `${path.slice(0, -COST.length)}.probability.npy`;
  await statOf(probability);
  return { path, probability, bytes, modified };
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw readError(error, path);
  }
}

/** Refuses an input that is not the file that was planned. */
export async function checkInput({ path, bytes, modified }: InputFile): Promise<void> {
  const { size, mtimeMs } = await statOf(path);
  if (size === bytes && mtimeMs === modified) return;
  throw new InputError(`${oneLine(path)} has changed since the run was planned; plan it again`, { path });
}

/** Reads a run's options. Throws `InputError` for a folder without a run, and for a run of another version. */
export async function readRun(folder: string): Promise<Run> {
  const run = await readJson<Run>(join(folder, "run.json"), () => {
    throw new InputError(
      `${oneLine(folder)} holds no run; expected a folder that \`optllm cluster plan\` made`,
      {
        folder,
      },
    );
  });
  if (run.version === version && Array.isArray(run.files)) return run;
  throw new InputError(
    `the run in ${oneLine(folder)} was planned by optllm ${shown(run.version)}, this is ${version}; plan it again`,
    { folder },
  );
}

/** A JSON file; `missing` answers where there is none. */
export async function readJson<T>(path: string, missing: () => T): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing();
    throw readError(error, path);
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new InputError(`${oneLine(path)} is not JSON; it is damaged`, { path });
  }
}

export async function writeJson(path: string, value: object): Promise<void> {
  await writeOut(path, [`${JSON.stringify(value, undefined, 2)}\n`]);
}
