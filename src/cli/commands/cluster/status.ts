import { resolve } from "node:path";
import type { Command } from "commander";
import type { StepProgress } from "../../../cluster/progress.js";
import { metricsOf } from "../../../cluster/metrics.js";
import { statusOf, type RunStatus } from "../../../cluster/status.js";
import { isCountedInBytes } from "../../../cluster/tasks.js";
import { table } from "../../../report/terminal/table.js";
import { count, dollars, percent } from "../../../text/amounts.js";
import { oneLine } from "../../../text/shown.js";
import type { Io } from "../../io.js";
import { withCommon, type CommonOptions } from "../../options/common.js";
import { timeLeft } from "../../progress.js";
import { queueOption } from "./carryOn.js";

interface Options extends CommonOptions {
  metrics?: boolean;
  queue?: string;
}

export function addStatus(cluster: Command, io: Io): void {
  withCommon(
    cluster
      .command("status")
      .description("where a run stands: what is done of each step, how fast, and how long it may take")
      .argument("<run>", "folder of the run")
      .option("--metrics", "print metrics for Prometheus; with --queue also those of the queue")
      .addOption(queueOption()),
  )
    .addHelpText("after", "\nExample:\n  $ optllm cluster status run1")
    .action(async (run: string, { json, metrics, queue }: Options) => {
      const folder = resolve(run);
      const status = await statusOf(folder);
      if (metrics === true) io.out(await metricsOf(folder, status, queue));
      else io.out(json ? `${JSON.stringify(status)}\n` : described(run, status));
    });
}

function described(run: string, { state, steps, manifest, run: { files } }: RunStatus): string {
  const head = `${oneLine(run)} is ${state}: ${count(files.length)} ${files.length === 1 ? "input" : "inputs"}\n`;
  const rows = table([["step", "done", "rows a second", ""], ...steps.map(rowOf)]);
  const certificate = manifest?.certificate;
  const end =
    certificate === undefined
      ? ""
      : `${dollars(certificate.totalCost)} for an expected accuracy of ${percent(certificate.expectedAccuracy)}\n`;
  return `${head}${steps.length === 0 ? "" : rows}${end}`;
}

function rowOf({ step, done, total, seconds }: StepProgress): string[] {
  const pace = isCountedInBytes(step) || seconds === 0 ? "" : count(Math.round(done / seconds));
  return [
    step,
    total === 0 ? "" : percent(done / total),
    pace,
    timeLeft(1000 * seconds, done, total).slice(2),
  ];
}
