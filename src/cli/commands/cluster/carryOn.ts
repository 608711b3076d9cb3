import { Option, type Command } from "commander";
import { onThreads, type Dispatcher } from "../../../cluster/dispatch.js";
import { finishRun, type Manifest } from "../../../cluster/plan.js";
import { onQueue } from "../../../cluster/queue/dispatch.js";
import { wrap } from "../../../report/terminal/table.js";
import { certificateOf, infeasibleSentence } from "../../../report/words.js";
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
/** No plan under the limits was found, and no proof that there is none. */
const EXIT_NOT_FOUND = 4;

export function queueOption(): Option {
  return new Option(
    "--queue <url>",
    "server that workers take tasks from: redis://host:6379 or postgres://user@host/database",
  ).env("OPTLLM_QUEUE");
}

export function withCarrying(command: Command): Command {
  return withCommon(command.addOption(queueOption()).addOption(threadsOption()));
}

/** Makes a run ready, once the queue answers, carries it on to its end, and prints what it came to. */
export async function carryOn(
  folder: string,
  makeReady: () => Promise<unknown>,
  options: CarryOptions,
  io: Io,
  setExitCode: (code: number) => void,
): Promise<void> {
  const dispatcher = await dispatcherOf(options);
  let manifest: Manifest;
  try {
    await makeReady();
    manifest = await showing(io, options, async (progress) => {
      const finished = await finishRun(folder, dispatcher, {
        signal: io.signal,
        onProgress: progress.update,
        onNote: (text) => note(progress, text),
        threads: options.threads,
      });
      finished.notes.forEach((text) => note(progress, text));
      return finished;
    }).catch((error: unknown) => {
      if (io.signal.aborted)
        io.err(`what is done stays; \`optllm cluster resume ${oneLine(folder)}\` goes on with it\n`);
      throw error;
    });
  } finally {
    await dispatcher.close();
  }
  const { status } = manifest;
  if (status !== "chosen") setExitCode(status === "infeasible" ? EXIT_INFEASIBLE : EXIT_NOT_FOUND);
  io.out(options.json ? `${JSON.stringify(manifest)}\n` : described(folder, manifest));
}

function dispatcherOf({ queue, threads }: CarryOptions): Promise<Dispatcher> {
  return queue === undefined ? Promise.resolve(onThreads(threads)) : onQueue(queue);
}

function described(folder: string, manifest: Manifest): string {
  const { target, queries, certificate, closest, parts, sentences } = manifest;
  if (certificate === undefined)
    return (sentences ?? [infeasibleSentence(target, closest!)]).map(wrap).join("");
  const { totalCost, expectedAccuracy, shares } = certificate;
  const taken = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .map(([model, share]) => `${oneLine(model)} ${percent(share)}`);
  return (
    wrap(
      `The ${count(queries)} queries are answered for ${dollars(totalCost)} with an expected accuracy of ${percent(expectedAccuracy)}: ${taken.join(", ")}.`,
    ) +
    (sentences ?? []).map(wrap).join("") +
    wrap(certificateOf(certificate, target, undefined, sentences !== undefined)) +
    `\nallocation written to ${oneLine(folder)}/allocation in ${count(parts.length)} ${parts.length === 1 ? "part" : "parts"}\n`
  );
}
