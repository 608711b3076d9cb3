import { stat } from "node:fs/promises";
import { Join, type LoggedRequest } from "./join.js";
import { PARQUET, partFiles } from "./parts.js";
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
  const parts = path !== "-" && (await isThere(path)) ? partFiles(path) : [];
  const join = new Join();
  const files: string[] = [];
  let cut = 0;
  for (const part of [...parts, path]) {
    // The log may be written meanwhile: a part that was JSON lines may have become Parquet.
    const file = part === path || (await isThere(part)) ? part : `${part}${PARQUET}`;
    files.push(file);
    if (await readInto(join, file, options)) cut++;
  }
  const { requests, refused, unmatched } = join;
  return { requests, files, refused, unmatched, cut };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads one file. True if its last line was cut. */
async function readInto(join: Join, file: string, options: ReadLogOptions): Promise<boolean> {
  const records = recordsOf(file, options);
  try {
    for (;;) {
      const next = await records.next();
      if (next.done) return next.value;
      for (const { record, line } of next.value) join.add(record, file, line);
    }
  } finally {
    await records.return(false);
  }
}
