import type { Command } from "commander";
import { startWorker, type TaskEvent } from "../../../cluster/queue/worker.js";
import { isCountedInBytes } from "../../../cluster/tasks.js";
import { count } from "../../../text/amounts.js";
import { messageLine, oneLine } from "../../../text/shown.js";
import type { Io } from "../../io.js";
import { threadsOption } from "../../options/common.js";
import { wholeNumber } from "../../parse.js";
import { queueOption } from "./carryOn.js";

interface Options {
  queue?: string;
  threads?: number;
  lock?: number;
  json?: boolean;
}

export function addWorker(cluster: Command, io: Io): void {
  const command = cluster
    .command("worker")
    .description("take tasks of all runs of a queue until it is stopped; start as many as you like")
    .addOption(queueOption())
    .addOption(threadsOption())
    .option(
      "--lock <seconds>",
      "give a task to another worker when this one has not been heard of for this long",
      wholeNumber(1, 3600),
      30,
    )
    .option("--json", "print each task as a line of JSON")
    .addHelpText(
      "after",
      "\nSIGTERM lets tasks under way end." +
        "\n\nExample:\n  $ optllm cluster worker --queue redis://localhost:6379 --threads 2",
    )
    .action((options: Options) => {
      if (options.queue === undefined) command.error("error: give --queue, or set OPTLLM_QUEUE");
      return run(options, io);
    });
}

async function run({ queue, threads, lock = 30, json }: Options, io: Io): Promise<void> {
  const worker = await startWorker({
    queue: queue!,
    threads,
    lockSeconds: lock,
    onTask: (event) => io.out(json ? `${JSON.stringify({ time: now(), ...event })}\n` : lineOf(event)),
    onNote: (text) => io.err(`note: ${messageLine(text)}\n`),
  });
  io.err(
    `taking tasks from ${worker.place} on ${worker.threads} ${worker.threads === 1 ? "thread" : "threads"}\n`,
  );
  const stopped = new Promise<undefined>((resolve) => {
    if (io.signal.aborted) resolve(undefined);
    io.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const misplaced = await Promise.race([stopped, worker.misplaced]);
  io.err("ending: no more tasks are taken\n");
  await worker.close();
  if (misplaced !== undefined) throw misplaced;
}

function now(): string {
  return new Date().toISOString();
}

function lineOf({ run, step, part, outcome, rows, seconds, error }: TaskEvent): string {
  const what = isCountedInBytes(step) ? `${count(rows)} bytes` : `${count(rows)} rows`;
  const took = outcome === "started" ? "" : ` in ${seconds.toFixed(2)} s`;
  const why = error === undefined ? "" : `: ${messageLine(error)}`;
  return `${now()} ${oneLine(run)} ${step} ${part} ${outcome}, ${what}${took}${why}\n`;
}
