import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Join, type LoggedRequest } from "./join.js";
import { partsOf, type Part } from "./parts.js";
import { recordsOf, type ReadLogOptions } from "./records.js";

/** A decision log as it was read. */
export interface LoggedDecisions {
  /** In the order of their decisions; an attempt after a failed one belongs to its request. */
  requests: LoggedRequest[];
  /** Files read, oldest first. */
  files: string[];
  /** Requests that no model could answer. */
  refused: number;
  /** Settlements, judgements and further attempts whose decision is in no file. */
  unmatched: number;
  /** Last lines that were cut, as a crash leaves them. */
  cut: number;
}

/**
 * Reads a decision log: a file, and before it those that were put aside from it (FILE.1, FILE.2, … or FILE.1.parquet, …).
 * A last line that was cut is left out and counted. About 1 KB of memory a decision.
 *
 * @throws InputError naming file and line: no decision log, a damaged line, a decision that is there twice.
 */
export async function readDecisions(path: string, options: ReadLogOptions = {}): Promise<LoggedDecisions> {
  const join = new Join();
  const files: string[] = [];
  let cut = 0;
  for (let last = 0; ;) {
    const part = partAfter(path, last);
    const file = fileOf(part) ?? path;
    const records = recordsOf(file, options);
    try {
      let failure: unknown;
      let next = await records.next().catch((error: unknown) => void (failure = error));
      // The log may be written meanwhile: put aside, made Parquet, or its oldest part removed. Then look again.
      if (fileOf(partAfter(path, last)) !== fileOf(part)) continue;
      if (next === undefined) throw failure;
      for (; !next.done; next = await records.next())
        for (const { record, line } of next.value) join.add(record, file, line);
      files.push(file);
      if (next.value) cut++;
    } finally {
      await records.return(false);
    }
    if (part === undefined) break;
    last = part.number;
  }
  const { requests, refused, unmatched } = join;
  return { requests, files, refused, unmatched, cut };
}

/** The oldest part with a higher number. */
function partAfter(path: string, number: number): Part | undefined {
  if (path === "-" || !existsSync(dirname(path))) return undefined;
  return partsOf(path).find((part) => part.number > number);
}

/** Of two files of a part, Parquet, which is whole. */
function fileOf(part: Part | undefined): string | undefined {
  return part?.files.at(-1);
}
