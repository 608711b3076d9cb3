import { join } from "node:path";
import { InputError } from "../errors.js";
import type { Chosen } from "../solve/choice.js";
import { choose } from "../solve/choose.js";
import { solveFront, type Front } from "../solve/front.js";
import type { SolveInput } from "../solve/input.js";
import { reportPage } from "../report/html/page.js";
import { writePolicy } from "../online/writePolicy.js";
import { fileDigest } from "../text/digest.js";
import { oneLine } from "../text/shown.js";
import { frontRows } from "../write/front.js";
import { writeOut } from "../write/file.js";
import { unlessCancelled } from "./cancelled.js";
import type { Dispatcher, DispatchOptions } from "./dispatch.js";
import { ProgressFile } from "./progress.js";
import { notesOf, reportOf, type ChosenPlan } from "./report.js";
import { chooseLimited, limitsOfRun } from "./limits.js";
import { failedSentences, limitSentences } from "../report/limits/sentences.js";
import { limitsJson } from "../report/solveSummary.js";
import { isSpread } from "../solve/pass.js";
import type { Piece } from "./pieces/piece.js";
import { mayBeCut, piecesOf } from "./pieces/split.js";
import { checkDigest, checkInput, pricesOf, readJson, readRun, writeJson, type Run } from "./run.js";
import { allocationPath, type Emitted } from "./steps/emit.js";
import { sourceOf } from "./source.js";
import { readRows, shardsOf, tableOf, type Table } from "./table.js";
import { outputOf, type Task } from "./tasks.js";

/** What a run came to, as `manifest.json` keeps it. */
export interface Manifest {
  status: "chosen" | "infeasible" | "notFound";
  version: string;
  target: Run["target"];
  queries: number;
  models: string[];
  /** Of the allocation: what it costs, what it reaches, and the bounds that no other can pass. JSON has no ∞: λ is null. */
  certificate?: Omit<Chosen, "status" | "allocation" | "lambda"> & { lambda: number | null };
  /** Where the target cannot be met: the closest allocation. */
  closest?: { totalCost: number; expectedAccuracy: number };
  /** With limits: what they do to the plan, in words, and how the plan, or the closest one, stands to each. JSON has no ∞: null. */
  sentences?: string[];
  limits?: ReturnType<typeof limitsJson>["limits"];
  front: { points: number; resolution: string; file: string; sha256?: string };
  predictor?: { path: string; sha256?: string };
  /** What was read, in the order of the rows. `bytes`: the part of a file that was cut, which the digest is of. */
  inputs: { path: string; bytes?: { from: number; to: number }; rows: number; sha256?: string }[];
  /** The allocation, one part for each of the inputs. */
  parts: Emitted[];
  notes: string[];
}

const FEW_OPTIONS = 1 << 18;

/**
 * Carries a run on to its end: whatever is done already is taken from its files. The allocation, its totals, λ and bounds
 * are those of one machine, byte for byte, for any dispatcher and any size of shards.
 *
 * @throws InputError naming the piece or shard that fails, and where the run is cancelled; everything that is done stays.
 */
export async function finishRun(
  folder: string,
  dispatcher: Dispatcher,
  given: DispatchOptions = {},
): Promise<Manifest> {
  const run = await readRun(folder);
  const done = await readJson<Manifest | undefined>(join(folder, "manifest.json"), () => undefined);
  if (done !== undefined) return done;
  return unlessCancelled(folder, given.signal, (signal) =>
    carryOut(folder, run, dispatcher, { ...given, signal }),
  );
}

async function carryOut(
  folder: string,
  run: Run,
  dispatcher: Dispatcher,
  given: DispatchOptions,
): Promise<Manifest> {
  const progress = new ProgressFile(folder, given.onProgress);
  const options = { ...given, onProgress: progress.update };
  await dispatcher.run(splitTasks(folder, run), options);
  const pieces = await piecesOf(folder, run);
  // Before they are read, pieces count by their bytes.
  const readings = pieces.map((piece): Task => ({ step: "predict", folder, piece, rows: piece.bytes }));
  await dispatcher.run(readings, options);
  const table = await tableOf(folder, run, pieces);
  const input = await inputOf(folder, run, table, dispatcher, options);
  const front = await solveFront(input, options);
  const frontFile = await writeFront(folder, front);
  const within = Math.max(...table.pieces.map((piece) => piece.within ?? 0));
  const limits = limitsOfRun(run, table);
  const { constraints } = limits;
  const choice =
    constraints.length > 0
      ? await chooseLimited(run, table, limits, !isSpread(input), options)
      : await choose(front, run.target, { ...options, within });
  const notes = [...notesOf(table), ...limits.notes];
  const plan: ChosenPlan = { run, table, front, choice, constraints, notes };
  if (choice.status === "chosen") {
    await writePolicyOf(plan, choice);
    await writeOut(allocationPath(folder), [choice.allocation]);
    await dispatcher.run(emitTasks(folder, pieces, table), options);
  }
  const report = await reportOf(plan, options);
  await writeOut(join(folder, "report.html"), [await reportPage(report)]);
  const written = choice.status === "chosen" ? emitTasks(folder, pieces, table) : [];
  const parts = await Promise.all(written.map(emittedBy));
  // Each pass has read them.
  for (const file of run.files) if (file.probability !== undefined) await checkInput(file);
  const manifest = await manifestOf(folder, plan, parts, frontFile);
  await progress.settled();
  await writeJson(join(folder, "manifest.json"), manifest);
  return manifest;
}

function splitTasks(folder: string, run: Run): Task[] {
  return run.files.flatMap((input, file): Task[] =>
    mayBeCut(run, input) ? [{ step: "split", folder, file, rows: input.bytes }] : [],
  );
}

function emitTasks(folder: string, pieces: readonly Piece[], table: Table): Task[] {
  return pieces.map((piece, k) => ({ step: "emit", folder, piece, rows: table.pieces[k].rows }));
}

async function inputOf(
  folder: string,
  { shardRows, fewOptions = FEW_OPTIONS }: Run,
  table: Table,
  dispatcher: Dispatcher,
  options: DispatchOptions,
): Promise<SolveInput> {
  if (table.rows * table.models.length <= fewOptions) return readRows(table, { from: 0, to: table.rows });
  return sourceOf(folder, table, shardsOf(table, shardRows), dispatcher, options);
}

async function writePolicyOf({ run, table, constraints }: ChosenPlan, choice: Chosen): Promise<void> {
  const { policyOut, predictorFile = "", digests, target } = run;
  if (policyOut === undefined) return;
  checkDigest(predictorFile, digests.predictor, await fileDigest(predictorFile));
  const made = { constraints, target, predictorFile, prices: await pricesOf(run) };
  await writePolicy(policyOut, { models: table.models, choice, ...made });
}

/** The front in full, without shares: its points are few where there are many queries. */
async function writeFront(folder: string, { totalCost, expectedAccuracy, lambda }: Front): Promise<string> {
  const none = { models: [], shares: new Float64Array(0) };
  const rows = frontRows({ ...none, cost: totalCost, accuracy: expectedAccuracy, lambda }, "csv");
  await writeOut(join(folder, "front.csv"), rows);
  return "front.csv";
}

async function manifestOf(
  folder: string,
  { run, table, front, choice, constraints, notes }: ChosenPlan,
  parts: Emitted[],
  file: string,
): Promise<Manifest> {
  const { version, target, predictorFile, digests } = run;
  const { models, pieces } = table;
  const isLimited = "limits" in choice;
  return {
    status: choice.status,
    ...{ version, target, queries: front.queries, models },
    ...(choice.status === "chosen" ? { certificate: certificateOf(choice) } : { closest: choice.closest }),
    ...(isLimited && {
      sentences:
        choice.status === "chosen"
          ? limitSentences({ constraints }, choice, target)
          : failedSentences({ choice, constraints }, target),
      ...limitsJson(choice),
    }),
    front: {
      points: front.totalCost.length,
      resolution: front.resolution,
      file,
      sha256: await fileDigest(join(folder, file)),
    },
    ...(predictorFile !== undefined && { predictor: { path: predictorFile, sha256: digests.predictor } }),
    inputs: pieces.map(({ path, bytes, rows, digest }) => ({ path, bytes, rows, sha256: digest })),
    parts,
    notes: [...notes],
  };
}

function certificateOf(choice: Chosen): Manifest["certificate"] {
  const { totalCost, expectedAccuracy, bound, gap, costBound, costGap, optimal, lambda, shares } = choice;
  const certificate = { totalCost, expectedAccuracy, bound, gap, costBound, costGap, optimal, shares };
  return { ...certificate, lambda: Number.isFinite(lambda) ? lambda : null };
}

function emittedBy(task: Task): Promise<Emitted> {
  return readJson<Emitted>(outputOf(task), () => {
    throw new InputError(`${oneLine(outputOf(task))} is missing`, {});
  });
}
