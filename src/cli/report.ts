import type { Command } from "commander";
import { fileDigest } from "../text/digest.js";
import { reportPage } from "../report/html/page.js";
import { shellLine, type Origin } from "../report/origin.js";
import type { ReportData } from "../report/data.js";
import { writeOut } from "../write/file.js";
import type { Io } from "./io.js";

export interface ReportOptions {
  report?: string;
}

export function withReport(command: Command): Command {
  return command.option("--report <file>", "also write an HTML report with charts and tables to this file");
}

/** Where the figures of a run come from: its command line, and the digests of its inputs. */
export async function originOf(
  argv: readonly string[],
  paths: readonly string[],
  io: Io,
  program = ["optllm"],
): Promise<Origin> {
  return {
    command: shellLine([...program, ...argv]),
    inputs: await Promise.all(
      paths.map(async (path) => ({ name: path, sha256: await fileDigest(path, { signal: io.signal }) })),
    ),
  };
}

export async function writeReport(path: string, data: ReportData, io: Io): Promise<void> {
  await writeOut(path, [await reportPage(data)], { signal: io.signal });
}

/** The typed command line without its target and outputs, ending in `--budget`. */
export function budgetCommand(argv: readonly string[]): string {
  const kept: string[] = [];
  for (let k = 0; k < argv.length; k++) {
    if (/^(--(knee|match-best|json|quiet)|-q)$/.test(argv[k])) continue;
    if (/^--(budget|accuracy|output|report|front)=/.test(argv[k])) continue;
    if (/^(--(budget|accuracy|output|report|front)|-o)$/.test(argv[k])) k++;
    else kept.push(argv[k]);
  }
  return `${shellLine(["optllm", ...kept])} -o allocation.jsonl --budget`;
}
