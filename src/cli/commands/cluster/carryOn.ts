import { Option, type Command } from "commander";
import { onThreads, type Dispatcher } from "../../../cluster/dispatch.js";
import { finishRun, type Manifest } from "../../../cluster/plan.js";
import { onQueue } from "../../../cluster/queue/dispatch.js";
import { count, dollars, percent } from "../../../text/amounts.js";
import { oneLine } from "../../../text/shown.js";
import type { Io } from "../../io.js";
import { threadsOption, withCommon, type CommonOptions } from "../../options/common.js";
import { note } from "../../options/fitting.js";
import { showing } from "../../running.js";

/** Options of commands that carry a run on. */
export interface CarryOptions extends CommonOptions {
  queue?: string;
  threads?: number;
}

const EXIT_INFEASIBLE = 3;

export function queueOption(): Option {
  return new Option(
    "--queue <url>",
    "server that workers take tasks from: redis://host:6379 or postgres://user@host/database",
  ).env("OPTLLM_QUEUE");
}

export function withCarrying(command: Command): Command {
  return withCommon(command.addOption(queueOption()).addOption(threadsOption()));
}

/** Carries a run on to its end, and prints what it came to. */
export async function carryOn(
  folder: string,
  options: CarryOptions,
  io: Io,
  setExitCode: (code: number) => void,
): Promise<void> {
  const manifest = await showing(io, options, async (progress) => {
    const dispatcher = await dispatcherOf(options);
    try {
      const finished = await finishRun(folder, dispatcher, {
        signal: io.signal,
        onProgress: progress.update,
      });
      finished.notes.forEach((text) => note(progress, text));
      return finished;
    } finally {
      await dispatcher.close();
    }
  });
  if (manifest.status === "infeasible") setExitCode(EXIT_INFEASIBLE);
  io.out(options.json ? `${JSON.stringify(manifest)}\n` : described(folder, manifest));
}

function dispatcherOf({ queue, threads }: CarryOptions): Promise<Dispatcher> {
  return queue === undefined ? Promise.resolve(onThreads(threads)) : onQueue(queue);
}

function described(folder: string, { queries, certificate, closest, parts }: Manifest): string {
  if (certificate === undefined) {
    const { totalCost, expectedAccuracy } = closest!;
    return `No allocation of the ${count(queries)} queries meets the target; the closest costs ${dollars(totalCost)} and reaches ${percent(expectedAccuracy)}.\n`;
  }
  const { totalCost, expectedAccuracy, gap, costGap, optimal, shares } = certificate;
  const far = optimal
    ? "Proven: no allocation meets the target better."
    : `At most ${percent(gap)} of accuracy or ${dollars(costGap)} away from the optimum.`;
  const taken = Object.entries(shares).filter(([, share]) => share > 0);
  return (
    `The ${count(queries)} queries are answered for ${dollars(totalCost)} with an expected accuracy of ${percent(expectedAccuracy)}.\n` +
    `${far}\n${taken.map(([model, share]) => `${oneLine(model)} ${percent(share)}`).join(", ")}\n` +
    `${count(parts.length)} parts of the allocation in ${oneLine(folder)}/allocation\n`
  );
}
