import { open } from "node:fs/promises";
import { join } from "node:path";
import { simulate, simulateProblem } from "../../src/simulate/simulate.js";
import type { SimulatedRow } from "../../src/simulate/simulate.js";
import { datasetRows } from "../../src/write/dataset.js";
import { npyBytes } from "../../src/write/probabilities.js";
import { writeOut } from "../../src/write/file.js";

const SAMPLE = 300;

/** Writes simulated texts as one file of JSON Lines or as some, and a labelled sample. Rows are made as they are written. */
export async function writeTexts(
  folder: string,
  { queries, models, files }: { queries: number; models: number; files: number },
): Promise<{ work: string; sample: string }> {
  const workload = simulate({ queries: queries + SAMPLE, models, seed: 1 });
  const rows = workload.rows();
  const next = function* (count: number): Generator<SimulatedRow> {
    for (let k = 0; k < count; k++) yield rows.next().value as SimulatedRow;
  };
  const [work, sample] = [join(folder, "work"), join(folder, "sample.jsonl")];
  await writeOut(sample, datasetRows({ models: workload.models, rows: next(SAMPLE) }, "jsonl"));
  for (let file = 0; file < files; file++) {
    const [from, to] = [file, file + 1].map((k) => Math.round((queries * k) / files));
    const part = datasetRows({ models: workload.models, rows: next(to - from) }, "jsonl", { scores: false });
    await writeOut(join(work, `${String(file).padStart(5, "0")}.jsonl`), part);
  }
  return { work, sample };
}

/** Writes simulated matrices, a pair of files for each part; every part has a seed of its own. Returns the costs' paths. */
export async function writeMatrices(
  folder: string,
  { queries, models, partRows }: { queries: number; models: number; partRows: number },
  onPart: (done: number) => void,
): Promise<string[]> {
  const paths: string[] = [];
  for (let from = 0; from < queries; from += partRows) {
    const rows = Math.min(partRows, queries - from);
    const problem = simulateProblem({ queries: rows, models, seed: paths.length + 1 });
    const name = join(folder, `part-${String(paths.length).padStart(5, "0")}`);
    for (const [file, matrix] of [
      ["cost", problem.cost],
      ["probability", problem.successProbability],
    ] as const) {
      const handle = await open(`${name}.${file}.npy`, "w");
      for (const bytes of npyBytes(matrix, rows, models)) await handle.write(bytes);
      await handle.close();
    }
    paths.push(`${name}.cost.npy`);
    onPart(from + rows);
  }
  return paths;
}
