import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What the name of a part that has become Parquet ends in. */
export const PARQUET = ".parquet";

/** A part that a decision log was put aside in. */
export interface Part {
  number: number;
  /** One name, or two where a crash came between writing it as Parquet and removing its lines: then Parquet is last. */
  files: string[];
}

/** The parts of a log, FILE.1, FILE.2, … or FILE.1.parquet, …, oldest first. */
export function partsOf(path: string): Part[] {
  const name = basename(path);
  const parts = new Map<number, string[]>();
  for (const file of readdirSync(dirname(path)).sort()) {
    const number =
      file.startsWith(`${name}.`) && /^([1-9]\d{0,8})(\.parquet)?$/.exec(file.slice(name.length + 1));
    if (!number) continue;
    const files = parts.get(Number(number[1])) ?? [];
    parts.set(Number(number[1]), [...files, join(dirname(path), file)]);
  }
  return [...parts].map(([number, files]) => ({ number, files })).sort((a, b) => a.number - b.number);
}

/** Removes the oldest parts beyond so many. */
export function prune(path: string, kept: number): void {
  const parts = partsOf(path);
  for (const { files } of parts.slice(0, Math.max(0, parts.length - kept)))
    for (const file of files) rmSync(file, { force: true });
}
