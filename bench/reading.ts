import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { datasetRows, nativeTable } from "../src/write/dataset.js";
import { parquetBytes } from "../src/write/parquet.js";
import { readDataset } from "../src/rows/dataset.js";
import { writeOut, type Chunks } from "../src/write/file.js";
import type { Dataset } from "../src/types.js";
import { Random } from "../src/random.js";
import { duckDb, type Measured } from "./readers.js";

/**
 * What it takes to read 1,000,000 × 24 numbers from CSV and from Parquet, beside udsv, papaparse, hyparquet and, where it
 * is installed, DuckDB, and 300,000 results of promptfoo from JSONL and one JSON document: wall time, CPU time and peak
 * memory, each run a process of its own. `node dist/bench/reading.js [rows]`. The peers put the numbers into one
 * Float32Array; the sums of every column must be ours before a figure is kept.
 *
 * DuckDB is no dependency: `npm install --no-save --no-package-lock @duckdb/node-api`, here or in any folder that
 * OPTLLM_DUCKDB then names.
 */
const MODELS = 12;
const COLUMNS = 2 * MODELS;
const RUNS = 3;
const readers = fileURLToPath(new URL("readers.js", import.meta.url));

function* numbers(rows: number): Generator<string> {
  const random = new Random(1);
  const names = Array.from({ length: MODELS }, (_, m) => [`m${m}__score`, `m${m}__cost`]);
  yield `${names.flat().join(",")}\n`;
  for (let from = 0; from < rows; from += 1000) {
    let text = "";
    for (let q = from; q < Math.min(rows, from + 1000); q++) {
      const cells: string[] = [];
      for (let m = 0; m < MODELS; m++)
        cells.push(random.uniform().toFixed(6), (random.uniform() * 0.01).toPrecision(7));
      text += `${cells.join(",")}\n`;
    }
    yield text;
  }
}

function* results(count: number, isDocument: boolean): Generator<string> {
  const filler = "lorem ipsum dolor sit amet ".repeat(40);
  if (isDocument) yield '{"evalId":"e","results":{"version":3,"results":[';
  for (let i = 0; i < count; i++) {
    const testIdx = Math.floor(i / 3);
    const promptIdx = i % 3;
    const question = `Question ${testIdx}: ${filler.slice(0, 200 + (testIdx % 100))}`;
    const row = {
      cost: 0.001 * (promptIdx + 1),
      failureReason: 0,
      gradingResult: { pass: true, score: 1, reason: filler.slice(0, 300) },
      prompt: { raw: `Answer: ${question}` },
      promptIdx,
      provider: { id: `provider-${promptIdx}` },
      response: { output: filler.slice(0, 400), cached: false },
      score: (testIdx * promptIdx) % 2,
      success: true,
      testCase: { vars: { question } },
      testIdx,
      tokenUsage: { prompt: 100, completion: 20, total: 120 },
      vars: { question },
    };
    yield isDocument ? (i > 0 ? "," : "") + JSON.stringify(row) : `${JSON.stringify(row)}\n`;
  }
  if (isDocument) yield "]}}";
}

/** The numbers alone, as the CSV file has them. */
function* numberGroups({ ids, cost, outcome }: Dataset): Generator<Float32Array[]> {
  for (let from = 0; from < ids.length; from += 65_536) {
    const length = Math.min(65_536, ids.length - from);
    yield Array.from({ length: COLUMNS }, (_, c) => {
      const matrix = c % 2 === 0 ? outcome : cost;
      return Float32Array.from({ length }, (_, i) => matrix[(from + i) * MODELS + (c >> 1)]);
    });
  }
}

async function writeFiles(folder: string, rows: number): Promise<void> {
  const write = (name: string, chunks: Chunks): Promise<void> =>
    pipeline(Readable.from(chunks), createWriteStream(join(folder, name)));
  await write("numbers.csv", numbers(rows));
  const dataset = await readDataset(join(folder, "numbers.csv"));
  const columns = dataset.models.flatMap((model) =>
    ["score", "cost"].map((kind) => ({ name: `${model}__${kind}`, type: "FLOAT" as const })),
  );
  await write("numbers.parquet", parquetBytes(columns, numberGroups(dataset)));
  await writeOut(join(folder, "rows.parquet"), datasetRows(nativeTable(dataset), "parquet"));
  const count = Math.ceil(rows * 0.3);
  await write("results.jsonl", results(count, false));
  await write("results.json", results(count, true));
}

function run(reader: string, path: string, rows: number): Measured {
  const out = execFileSync(process.execPath, [readers, reader, path, String(rows), String(COLUMNS)], {
    encoding: "utf8",
  });
  return JSON.parse(out) as Measured;
}

/** Least and most of the runs, as one where they are the same. */
function span(values: number[], digits: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return least === most ? least : `${least} – ${most}`;
}

function check(reader: string, file: string, sums: number[], expected: number[]): void {
  const wrong = expected.findIndex((sum, c) => sum !== sums[c]);
  if (wrong >= 0 || sums.length !== expected.length)
    throw new Error(`${reader} reads other numbers from column ${wrong + 1} of ${file}`);
}

async function main(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "optllm-reading-"));
  try {
    await writeFiles(folder, rows);
    const peers = duckDb() === undefined ? [] : ["duckdb"];
    const cases: [file: string, readers: string[]][] = [
      ["", ["node", "optllm, no file"]],
      ["numbers.csv", ["optllm", "udsv", "papaparse", ...peers]],
      ["numbers.parquet", ["optllm", "hyparquet", ...peers]],
      ["rows.parquet", ["optllm"]],
      ["results.jsonl", ["optllm"]],
      ["results.json", ["optllm"]],
    ];
    const matrix = (rows * COLUMNS * 4) / 2 ** 20;
    console.log(
      `${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, ${rows} × ${COLUMNS} numbers`,
    );
    console.log(`the matrix itself: ${matrix.toFixed(0)} MiB; least – most of ${RUNS} runs each`);
    for (const [file, names] of cases) {
      const path = join(folder, file);
      const size = file === "" ? "" : `${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`;
      let expected: number[] | undefined;
      for (const reader of names) {
        const runs = Array.from({ length: RUNS }, () => run(reader, path, rows));
        expected ??= runs[0].sums;
        for (const { sums } of runs) check(reader, file, sums, expected);
        const wall = span(
          runs.map(({ wallMs }) => wallMs / 1000),
          2,
        );
        const cpu = span(
          runs.map(({ cpuMs }) => cpuMs / 1000),
          2,
        );
        const peak = span(
          runs.map(({ peakMiB }) => peakMiB),
          0,
        );
        console.log(
          [
            reader.padEnd(15),
            file.padEnd(15),
            size.padStart(7),
            `wall ${wall} s`.padEnd(18),
            `CPU ${cpu} s`.padEnd(17),
            `peak ${peak} MiB`,
          ].join("  "),
        );
      }
    }
    if (peers.length === 0)
      console.log(
        "DuckDB is not installed: npm install --no-save --no-package-lock @duckdb/node-api@1.5.6-r.1 (here, or in a folder that OPTLLM_DUCKDB names)",
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(Number(process.argv[2] ?? 1_000_000));
