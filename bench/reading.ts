import { execFileSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { datasetRows, nativeTable, readDataset, writeOut } from "../src/index.js";
import { Random } from "../src/random.js";

/**
 * What it takes to read 1,000,000 × 24 numbers from CSV and Parquet, and 300,000 results of promptfoo from JSONL and one
 * JSON document: CPU time, wall time and peak memory of a fresh process each, beside udsv and papaparse on
 * the same CSV file. `node dist/bench/reading.js [rows]`. The peers put the numbers into the same Float32Array, and
 * every reader's sum is compared with ours.
 */
const MODELS = 12;
const self = fileURLToPath(import.meta.url);

interface PapaParse {
  NODE_STREAM_INPUT: unknown;
  parse(input: unknown, options: { fastMode: boolean; skipEmptyLines: boolean }): Duplex;
}

type Reader = (path: string, rows: number) => Promise<number>;

const readers: Record<string, Reader> = {
  optllm: async (path) => {
    const { cost, outcome } = await readDataset(path);
    return sum(cost) + sum(outcome);
  },
  udsv: async (path, rows) => {
    const { inferSchema, initParser } = await import("udsv");
    const matrix = new Float32Array(rows * MODELS * 2);
    let at = 0;
    let parser: ReturnType<typeof initParser> | undefined;
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 2 ** 20 })) {
      parser ??= initParser(inferSchema(chunk as string));
      parser.chunk(chunk as string, parser.stringArrs, (row: string[]) => {
        for (const cell of row) matrix[at++] = Number(cell);
      });
    }
    parser?.end();
    return sum(matrix);
  },
  papaparse: async (path, rows) => {
    // The package has no types.
    const name: string = "papaparse";
    const { default: Papa } = (await import(name)) as { default: PapaParse };
    const matrix = new Float32Array(rows * MODELS * 2);
    let at = 0;
    let isHeader = true;
    const stream = Papa.parse(Papa.NODE_STREAM_INPUT, { fastMode: true, skipEmptyLines: true });
    stream.on("data", (row: string[]) => {
      if (!isHeader) for (const cell of row) matrix[at++] = Number(cell);
      isHeader = false;
    });
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), stream);
    return sum(matrix);
  },
};

function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) total += values[i];
  return total;
}

/** Runs one reader in this process and prints what it took. */
async function child(reader: string, path: string, rows: number): Promise<void> {
  const before = process.cpuUsage();
  const start = performance.now();
  const total = await readers[reader](path, rows);
  const { user, system } = process.cpuUsage(before);
  const result = {
    total,
    wallMs: performance.now() - start,
    cpuMs: (user + system) / 1000,
    peakMiB: peakMiB(),
  };
  process.stdout.write(JSON.stringify(result));
}

/** `maxRSS` of a child begins with its parent's, the kernel's high-water mark does not. */
function peakMiB(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}

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

async function main(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "optllm-reading-"));
  try {
    const at = (name: string): string => join(folder, name);
    const write = (name: string, chunks: Iterable<string>): Promise<void> =>
      pipeline(Readable.from(chunks), createWriteStream(at(name)));
    await write("numbers.csv", numbers(rows));
    await writeOut(
      at("numbers.parquet"),
      datasetRows(nativeTable(await readDataset(at("numbers.csv"))), "parquet"),
    );
    const count = Math.ceil(rows * 0.3);
    await write("results.jsonl", results(count, false));
    await write("results.json", results(count, true));
    const cases: [reader: string, file: string][] = [
      ["optllm", "numbers.csv"],
      ["udsv", "numbers.csv"],
      ["papaparse", "numbers.csv"],
      ["optllm", "numbers.parquet"],
      ["optllm", "results.jsonl"],
      ["optllm", "results.json"],
    ];
    console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, ${rows} rows`);
    console.log(`the matrix itself: ${((rows * MODELS * 2 * 4) / 2 ** 20).toFixed(0)} MiB`);
    const expected = new Map<string, number>();
    for (const [reader, file] of cases) {
      const runs = Array.from({ length: 3 }, () => {
        const out = execFileSync(process.execPath, [self, "--child", reader, at(file), String(rows)], {
          encoding: "utf8",
        });
        return JSON.parse(out) as { total: number; wallMs: number; cpuMs: number; peakMiB: number };
      });
      for (const { total } of runs) {
        const ours = expected.get(file) ?? total;
        expected.set(file, ours);
        // Another order of adding up.
        if (Math.abs(total - ours) > 1e-6 * ours)
          throw new Error(`${reader} reads other numbers from ${file}`);
      }
      const best = runs.reduce((a, b) => (b.cpuMs < a.cpuMs ? b : a));
      console.log(
        [
          reader.padEnd(10),
          file.padEnd(16),
          `${(statSync(at(file)).size / 2 ** 20).toFixed(0)} MiB`.padStart(8),
          `CPU ${(best.cpuMs / 1000).toFixed(2)} s`,
          `wall ${(best.wallMs / 1000).toFixed(2)} s`,
          `peak ${best.peakMiB.toFixed(0)} MiB`,
        ].join("  "),
      );
    }
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
}

const [mode, reader, path, rows] = process.argv.slice(2);
if (mode === "--child") await child(reader, path, Number(rows));
else await main(Number(mode ?? 1_000_000));
