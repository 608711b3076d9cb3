// One reader in a process of its own. Nothing is loaded but what it needs, so that its peak memory is its own.
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Reads a file of plain numbers; the sums of its columns, in their order. */
type Read = (path: string, rows: number, columns: number) => number[] | Promise<number[]>;

export interface Measured {
  sums: number[];
  wallMs: number;
  cpuMs: number;
  peakMiB: number;
}

/** Where `npm install @duckdb/node-api` was run, if it was not run here. */
const DUCKDB_FOLDER = process.env.OPTLLM_DUCKDB;

interface PapaParse {
  NODE_STREAM_INPUT: unknown;
  parse(input: unknown, options: { fastMode: boolean; skipEmptyLines: boolean }): Duplex;
}

interface DuckDb {
  DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{ stream(sql: string): Promise<{ fetchChunk(): Promise<DuckDbChunk | null> }> }>;
    }>;
  };
}

interface DuckDbChunk {
  rowCount: number;
  /** `items` is private in the declarations: it spares DuckDB a call for each number. */
  getColumnVector(column: number): { items: Float32Array };
}

/** Each loads its package, which is not timed, and gives what is timed. */
const readers: Record<string, () => Promise<Read>> = {
  node: () => Promise.resolve(() => []),
  "optllm, no file": async () => {
    await import("../src/index.js");
    return () => [];
  },
  optllm: async () => {
    const { readDataset } = await import("../src/index.js");
    return async (path) => {
      const { outcome, cost, models } = await readDataset(path);
      const [scores, costs] = [outcome, cost].map((matrix) => sumsOf(matrix, models.length));
      return scores.flatMap((score, m) => [score, costs[m]]);
    };
  },
  udsv: async () => {
    const { inferSchema, initParser } = await import("udsv");
    return async (path, rows, columns) => {
      const matrix = new Float32Array(rows * columns);
      let at = 0;
      let parser: ReturnType<typeof initParser> | undefined;
      for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 2 ** 20 })) {
        parser ??= initParser(inferSchema(chunk as string));
        parser.chunk(chunk as string, parser.stringArrs, (row: string[]) => {
          for (const cell of row) matrix[at++] = Number(cell);
        });
      }
      parser?.end();
      return sumsOf(matrix, columns);
    };
  },
  papaparse: async () => {
    // The package has no types.
    const name: string = "papaparse";
    const { default: Papa } = (await import(name)) as { default: PapaParse };
    return async (path, rows, columns) => {
      const matrix = new Float32Array(rows * columns);
      let at = 0;
      let isHeader = true;
      const stream = Papa.parse(Papa.NODE_STREAM_INPUT, { fastMode: true, skipEmptyLines: true });
      stream.on("data", (row: string[]) => {
        if (!isHeader) for (const cell of row) matrix[at++] = Number(cell);
        isHeader = false;
      });
      await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), stream);
      return sumsOf(matrix, columns);
    };
  },
  duckdb: async () => {
    const { DuckDBInstance } = (await import(duckDb()!)) as DuckDb;
    return async (path, rows, columns) => {
      const matrix = new Float32Array(rows * columns);
      const connection = await (await DuckDBInstance.create(":memory:")).connect();
      const from = `${path.endsWith(".csv") ? "read_csv" : "read_parquet"}('${path.replaceAll("'", "''")}')`;
      const result = await connection.stream(`SELECT COLUMNS(*)::FLOAT FROM ${from}`);
      let row = 0;
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
        for (let c = 0; c < columns; c++) {
          const { items } = chunk.getColumnVector(c);
          for (let i = 0; i < chunk.rowCount; i++) matrix[(row + i) * columns + c] = items[i];
        }
        row += chunk.rowCount;
      }
      return sumsOf(matrix, columns);
    };
  },
  hyparquet: async () => {
    const { parquetMetadataAsync, parquetRead } = await import("hyparquet");
    const { compressors } = await import("hyparquet-compressors");
    return async (path, rows, columns) => {
      const matrix = new Float32Array(rows * columns);
      const handle = await open(path);
      const { size } = await handle.stat();
      const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
        const bytes = new Uint8Array(end - start);
        await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer;
      };
      const file = { byteLength: size, slice };
      const metadata = await parquetMetadataAsync(file);
      const names = metadata.schema.slice(1).map(({ name }) => name);
      let from = 0;
      for (const { num_rows } of metadata.row_groups) {
        const [rowStart, rowEnd] = [from, from + Number(num_rows)];
        const onChunk = (chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }) => {
          const c = names.indexOf(chunk.columnName);
          for (let i = 0; i < chunk.columnData.length; i++)
            matrix[(chunk.rowStart + i) * columns + c] = chunk.columnData[i] as number;
        };
        await parquetRead({ file, metadata, rowStart, rowEnd, compressors, onChunk });
        from = rowEnd;
      }
      await handle.close();
      return sumsOf(matrix, columns);
    };
  },
};

/** The file of DuckDB's package; undefined where it is not installed. */
export function duckDb(): string | undefined {
  const require = createRequire(DUCKDB_FOLDER ? resolve(DUCKDB_FOLDER, "package.json") : import.meta.url);
  try {
    return pathToFileURL(require.resolve("@duckdb/node-api")).href;
  } catch {
    return undefined;
  }
}

function sumsOf(matrix: Float32Array | Float64Array, columns: number): number[] {
  const sums = new Array<number>(columns).fill(0);
  for (let at = 0, c = 0; at < matrix.length; at++, c = c + 1 === columns ? 0 : c + 1)
    if (Number.isFinite(matrix[at])) sums[c] += matrix[at];
  return sums;
}

/** `maxRSS` of a child begins with its parent's, the kernel's high-water mark does not. */
function peakMiB(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}

async function measure(reader: string, path: string, rows: number, columns: number): Promise<Measured> {
  const read = await readers[reader]();
  const before = process.cpuUsage();
  const start = performance.now();
  const sums = await read(path, rows, columns);
  const { user, system } = process.cpuUsage(before);
  return { sums, wallMs: performance.now() - start, cpuMs: (user + system) / 1000, peakMiB: peakMiB() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [reader, path, rows, columns] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await measure(reader, path, Number(rows), Number(columns))));
}
