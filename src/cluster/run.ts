import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { InputError } from "../errors.js";
import { version } from "../package.js";
import { readSaved } from "../plan/savedPredictor.js";
import { keptModels } from "../plan/whatIf.js";
import type { Predictor } from "../predict/predictor.js";
import { savePredictor } from "../predict/saved.js";
import { filesBelow } from "../rows/folder/filesBelow.js";
import { partsOf } from "../rows/folder/parts.js";
import { fileDigest } from "../text/digest.js";
import { readPrices, type PriceTable } from "../prices/table.js";
import { readError, writeError } from "../text/fileError.js";
import { oneLine, shown } from "../text/shown.js";
import { servedModels } from "../write/batches/exportBatches.js";
import { writeOut } from "../write/file.js";
import { checkFolder } from "../write/folder.js";
import { checkOutputs } from "../write/outputs.js";
import { checkOptions, type PART_FORMATS, type RunOptions } from "./options.js";
import { exists } from "./files.js";
import { defaultPieceBytes } from "./sizes.js";

/** A file as it was when the run was planned. */
export interface PlannedFile {
  path: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/** A file of input. */
export interface InputFile extends PlannedFile {
  /** Only of matrices. */
  probability?: PlannedFile;
  /** Columns that the names of its folders give to all of its rows, with their values. */
  constants?: [column: string, value: string][];
}

/** A run as `run.json` keeps it: paths are absolute, and every worker sees them. */
export interface Run extends Omit<RunOptions, "inputs" | "fit"> {
  format: (typeof PART_FORMATS)[number];
  pieceBytes: number;
  /** Version of the package that planned it. */
  version: string;
  files: InputFile[];
  /** SHA-256 of the predictor's file and of the price file, where there are such. */
  digests: { predictor?: string; prices?: string };
}

/**
 * Makes a run's folder, which must be new or empty.
 *
 * @throws InputError for wrong options, inputs that are not there, and a folder that cannot be made.
 */
export async function createRun(
  folder: string,
  { inputs, fit, onNote, ...options }: RunOptions,
): Promise<Run> {
  const { predictorFile, prices, policyOut } = options;
  if (await exists(join(folder, "run.json"))) throw isTaken(folder);
  await checkFolder(folder);
  for (const input of inputs)
    if (resolve(folder).startsWith(resolve(input) + sep))
      throw new InputError(
        `${oneLine(folder)} is inside the input ${oneLine(input)}, and a later run would read its files as rows; give another folder`,
        { path: folder },
      );
  const files = await filesOf(inputs, onNote);
  const { pieceBytes = defaultPieceBytes(files), format = "jsonl" } = options;
  const areMatrices = files.every(({ probability }) => probability !== undefined);
  if (!areMatrices && files.some(({ probability }) => probability !== undefined))
    throw new InputError("some inputs are matrices (.cost.npy) and some are rows; give one kind", {});
  checkOptions({ ...options, fit }, areMatrices);
  await checkOutputs([policyOut], [...files.map(({ path }) => path), predictorFile, prices]);
  const fitted = await fit?.();
  const read = areMatrices || fitted ? undefined : await readSaved(predictorFile!);
  const predictor = fitted ?? read?.predictor;
  if (predictor !== undefined) checkServed(options, predictor);
  const priced = prices && (await fileDigest(prices));
  const saved = fitted && join(folder, "predictor.optllm");
  const absolute = Object.entries({ predictorFile: saved ?? predictorFile, prices, policyOut }).flatMap(
    ([name, path]) => (path === undefined ? [] : [[name, resolve(path)] as const]),
  );
  await claim(folder);
  try {
    if (saved !== undefined) await writeOut(saved, [savePredictor(fitted!)]);
    const digests = { predictor: saved ? await fileDigest(saved) : read?.digest, prices: priced };
    const run: Run = {
      ...options,
      ...Object.fromEntries(absolute),
      ...{ format, pieceBytes, version, files, digests },
    };
    await writeJson(join(folder, "run.json"), run);
    return run;
  } catch (error) {
    await unclaim(folder);
    throw error;
  }
}

/** Makes a folder, which only one of two plans at the same time can. */
async function claim(folder: string): Promise<void> {
  try {
    // Not recursive: that names a wrong reason on a read-only disk.
    if (!(await exists(folder))) await mkdir(folder);
    await mkdir(join(folder, "pieces"));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? isTaken(folder) : writeError(error, folder);
  }
}

/** Empties a folder that holds no run yet: neither a plan nor `resume` would take it as it is. */
async function unclaim(folder: string): Promise<void> {
  for (const made of ["pieces", "predictor.optllm"])
    await rm(join(folder, made), { recursive: true, force: true });
}

function isTaken(folder: string): InputError {
  return new InputError(
    `${oneLine(folder)} holds a run already; \`optllm cluster resume\` goes on with it, or give another name`,
    { path: folder },
  );
}

/** Refuses a model that may be planned and that the target of the batch files does not serve. */
function checkServed(
  { export: target, batchFiles, models, changes }: Omit<RunOptions, "inputs">,
  predictor: Predictor,
): void {
  if (target === undefined) return;
  servedModels(target, keptModels(predictor.models, { ...changes, models }), new Map(batchFiles?.sentAs));
}

/** The files of the inputs, those below a folder in the order of their paths. */
async function filesOf(inputs: readonly string[], onNote: RunOptions["onNote"]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const input of inputs) {
    const path = resolve(input);
    if (!(await statOf(path)).isDirectory()) {
      found.push(await inputFile(path));
      continue;
    }
    const all = await filesBelow(path, onNote);
    const costs = all.filter((name) => name.endsWith(COST));
    for (const name of costs) found.push(await inputFile(join(path, name)));
    if (costs.length > 0) continue;
    for (const part of partsOf(path, all)) {
      const file = await inputFile(part.path);
      found.push(part.constants.size === 0 ? file : { ...file, constants: [...part.constants] });
    }
  }
  if (found.length === 0) throw new InputError("no inputs: give files or folders of rows", {});
  return found;
}

const COST = ".cost.npy";

/** A file of input as it is now. */
export async function inputFile(path: string): Promise<InputFile> {
  const file = await fileNow(path);
  if (!path.endsWith(COST)) return file;
  return { ...file, probability: await fileNow(`${path.slice(0, -COST.length)}.probability.npy`) };
}

async function fileNow(path: string): Promise<PlannedFile> {
  const { size: bytes, mtimeMs: modified } = await statOf(path);
  return { path, bytes, modified };
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw readError(error, path);
  }
}

/** Refuses an input that is not the file that was planned. */
export async function checkInput(file: InputFile): Promise<void> {
  const changed = await changedOf(file);
  if (changed !== undefined) throw hasChanged(changed);
}

/** The path of what is not as it was planned of an input; undefined: it is the same. */
export async function changedOf(file: InputFile): Promise<string | undefined> {
  for (const planned of [file, file.probability]) {
    if (planned === undefined) continue;
    const { bytes, modified } = await fileNow(planned.path);
    if (bytes !== planned.bytes || modified !== planned.modified) return planned.path;
  }
  return undefined;
}

/** Refuses a predictor, or a price file, that is not the one that was planned with. */
export function checkDigest(path: string, planned: string | undefined, now: string | undefined): void {
  if (now !== planned) throw hasChanged(path);
}

/** Refuses a run that cannot be carried on from here: its folder, an input or another file of it is not what was planned. */
export async function checkPlace(folder: string): Promise<void> {
  const run = await readRun(folder);
  const { files, predictorFile, digests } = run;
  for (const file of files) await checkInput(file);
  if (predictorFile !== undefined)
    checkDigest(predictorFile, digests.predictor, await fileDigest(predictorFile));
  await pricesOf(run);
}

/** The prices of a run. Throws `InputError` for a price file that is not the one that was planned with. */
export async function pricesOf({ prices, digests }: Run): Promise<PriceTable> {
  if (prices !== undefined) checkDigest(prices, digests.prices, await fileDigest(prices));
  return readPrices(prices);
}

function hasChanged(path: string): InputError {
  return new InputError(`${oneLine(path)} has changed since the run was planned; plan it again`, { path });
}

/** Reads a run's options. Throws `InputError` for a folder without a run, and for a run of another version. */
export async function readRun(folder: string): Promise<Run> {
  const run = await readJson<Run>(join(folder, "run.json"), () => {
    throw new InputError(
      `${oneLine(folder)} holds no run; expected a folder that \`optllm cluster plan\` made, at the same path on all machines`,
      {
        folder,
      },
    );
  });
  if (run.version === version && Array.isArray(run.files)) return run;
  throw new InputError(
    `the run in ${oneLine(folder)} was planned by optllm ${shown(run.version)}, this is ${version}; use one version everywhere, or plan it again`,
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
