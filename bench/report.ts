// What a run leaves behind: rows, where they were measured, and how they are printed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";
import { packageFile } from "../src/package.js";

export interface Row {
  /** What is computed. */
  scenario: string;
  /** By whom. */
  solver: string;
  queries: number;
  models: number;
  seed: number;
  threads: number;
  status: "measured" | "timeout" | "failed" | "wrong" | "disagrees" | "skipped";
  note?: string;
  /** Milliseconds, in the order in which they were measured. */
  samples: number[];
  min?: number;
  median?: number;
  p95?: number;
  /** SHA-256 over the answer's bytes, 16 digits: equal digests, equal answers. */
  digest?: string;
  /** Points of a front. */
  points?: number;
  /** Normalised hypervolume of a front, by its own ends: 1 is the ideal. */
  hypervolume?: number;
  /** bound − accuracy of a choice. */
  gap?: number;
}

export function summarise(samples: readonly number[]): Pick<Row, "min" | "median" | "p95"> {
  if (samples.length === 0) return {};
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    min: sorted[0],
    median: sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    p95: sorted[Math.ceil(0.95 * sorted.length) - 1],
  };
}

export function digestOf(...arrays: (Float64Array | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex").slice(0, 16);
}

/** Where and on what a run was measured. */
export function environment() {
  const git = (...args: string[]): string => {
    try {
      return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return "unknown";
    }
  };
  const commit = git("rev-parse", "--short=12", "HEAD");
  return {
    date: new Date().toISOString(),
    machine: `${platform()} ${arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    loadAverage: Number(loadavg()[0].toFixed(2)),
    node: process.version,
    gitCommit: git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}, changed`,
    wasmSha256: createHash("sha256")
      .update(readFileSync(packageFile("build/release/solve.wasm")))
      .digest("hex"),
  };
}

const HEADER = ["queries", "threads", "solver", "median ms", "min", "p95", "runs", "ns a query", "answer"];

/** Rows under a heading each scenario, by size; what each means is said above the table. */
export function tableOf(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  return scenarios
    .map((scenario) => {
      const own = rows.filter((row) => row.scenario === scenario).sort((a, b) => a.queries - b.queries);
      const cells = [HEADER, HEADER.map(() => "---"), ...own.map(cellsOf)];
      const widths = HEADER.map((_, c) => Math.max(...cells.map((row) => row[c].length)));
      const isText = (c: number): boolean => c === 2 || c === HEADER.length - 1;
      const lines = cells.map((row, r) => {
        const pad = (cell: string, c: number): string => {
          if (r === 1) return isText(c) ? "-".repeat(widths[c]) : `${"-".repeat(widths[c] - 1)}:`;
          return isText(c) ? cell.padEnd(widths[c]) : cell.padStart(widths[c]);
        };
        return `| ${row.map(pad).join(" | ")} |\n`;
      });
      return `\n${scenario}\n\n${lines.join("")}`;
    })
    .join("");
}

function cellsOf(row: Row): string[] {
  const { queries, threads, solver, median, min, p95, samples, note, status } = row;
  const ms = (value: number | undefined): string =>
    value === undefined ? "-" : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
  return [
    queries.toLocaleString("en"),
    String(threads),
    solver,
    ms(median),
    ms(min),
    ms(p95),
    samples.length === 0 ? "-" : String(samples.length),
    median === undefined
      ? "-"
      : ((1e6 * median) / queries).toLocaleString("en", { maximumFractionDigits: 0 }),
    status === "measured" ? qualityOf(row) : `${status}${note === undefined ? "" : `: ${note}`}`,
  ];
}

function qualityOf({ points, hypervolume, gap, digest }: Row): string {
  const parts: string[] = [];
  if (points !== undefined) parts.push(`${points.toLocaleString("en")} points`);
  if (hypervolume !== undefined) parts.push(`hypervolume ${hypervolume.toFixed(6)}`);
  if (gap !== undefined)
    parts.push(`gap ${gap === 0 ? "0" : Math.abs(gap) < 1e-9 ? "below 1e-9" : gap.toExponential(1)}`);
  return parts.length > 0 ? parts.join(", ") : `digest ${digest}`;
}
