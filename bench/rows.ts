// Times a call, and collects the rows of the report.
import type { Scenario } from "./scenarios/scenario.js";
import { summarise, type Row } from "./report.js";
import { MODELS, repeat, SEED } from "./settings.js";

const WARM_UP_MS = 300;
const LONG_MS = 3_000;
/** Most runs of a call that takes seconds. */
const LONG_RUNS = 3;

/** All rows so far. */
export const rows: Row[] = [];

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Warms up for a while, then runs `repeat` times. */
export async function timed<T>(run: () => Promise<T>): Promise<{ samples: number[]; result: T }> {
  const warm = performance.now();
  let result: T;
  do result = await run();
  while (performance.now() - warm < WARM_UP_MS);
  const most = performance.now() - warm > LONG_MS ? Math.min(LONG_RUNS, repeat) : repeat;
  const samples: number[] = [];
  while (samples.length < most) {
    const start = performance.now();
    result = await run();
    samples.push(performance.now() - start);
  }
  return { samples, result };
}

/** Adds a row to the report, and prints it in one line. */
export function addRow(
  { key, title }: Scenario,
  row: Omit<Row, "scenario" | "models" | "seed" | "min" | "median" | "p95">,
): void {
  const full: Row = { ...row, scenario: title, models: MODELS, seed: SEED, ...summarise(row.samples) };
  rows.push(full);
  const time = full.median === undefined ? (full.note ?? "") : `${full.median.toFixed(2)} ms`;
  note(`${key}, ${row.queries} queries, ${row.threads} thread(s), ${row.solver}: ${row.status} ${time}`);
}
