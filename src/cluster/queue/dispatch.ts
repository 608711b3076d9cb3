import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../errors.js";
import { largestFirst, missing, reportRows, type Dispatcher } from "../dispatch.js";
import { idOf, outputOf, partLabel, stepName, type Task } from "../tasks.js";
import { oneLine } from "../../text/shown.js";
import { untilAborted } from "../../pool/pool.js";
import { checkPlace } from "../run.js";
import { connectQueue, type QueueServer } from "./connect.js";
import { reasonIn } from "./misplaced.js";

/** Milliseconds between two looks at the outputs: a small part of the time that a step takes so far, less where few are missing. */
const SHORTEST_LOOK = 20;
const LONGEST_LOOK = 500;
const LOOK_SHARE = 0.02;
const LOOK_PER_TASK = 10;
/** Milliseconds after which what is missing is sent again: a queue ignores jobs that it has, and may have lost some. */
const SEND_AGAIN = 5_000;
/** Attempts at a task whose worker fails for another reason than its input. */
const ATTEMPTS = 3;
const MOST_FAILED = 10_000;
/** Workers that may say of a task that they do not see its run or inputs, before it fails. */
const MOST_MISPLACED = 3;
/** Milliseconds for which a server may be away. */
const PATIENCE_MS = 600_000;

/** Tasks as jobs of a queue, which workers on any machine take. Their outputs say what is done, whatever the queue says. */
export async function onQueue(url: string): Promise<Dispatcher> {
  const server = await connectQueue(url);
  const queue = server.queue();
  return {
    run: (tasks, options) => runOn(queue, tasks, options),
    close: async () => {
      await queue.close().catch(() => undefined);
      await server.close();
    },
  };
}

type TaskQueue = ReturnType<QueueServer["queue"]>;

async function runOn(
  queue: TaskQueue,
  tasks: readonly Task[],
  { signal, onProgress, onNote }: Parameters<Dispatcher["run"]>[1],
): Promise<void> {
  let left = await missing(tasks);
  reportRows(tasks, left, onProgress);
  if (left.length === 0) return;
  const ask = patient(signal);
  await untilAborted(forget(queue, left), signal);
  const failed = new Map<string, string>();
  const judge = judging(left[0].folder, onNote);
  const began = performance.now();
  let sent = -Infinity;
  let leftThen = 0;
  while (left.length > failed.size) {
    const now = performance.now();
    if (now - sent > SEND_AGAIN && (await ask(() => send(queue, left)))) {
      if (left.length === leftThen) await ask(() => noteIdle(queue, onNote));
      [sent, leftThen] = [now, left.length];
    }
    const look = Math.min(LONGEST_LOOK, LOOK_SHARE * (now - began), LOOK_PER_TASK * left.length);
    signal?.throwIfAborted();
    await untilAborted(sleep(Math.max(SHORTEST_LOOK, look)), signal);
    const before = left.length;
    left = await missing(left);
    if (left.length < before) reportRows(tasks, left, onProgress);
    await ask(() => noteFailed(queue, left, failed, judge));
  }
  if (left.length > 0) throw failure(left, failed);
}

/** Asks a queue; false where its server is away: it is asked again at the next look. Throws once it is away for long. */
function patient(signal: AbortSignal | undefined): (ask: () => Promise<void>) => Promise<boolean> {
  let away: number | undefined;
  return async (ask) => {
    try {
      await untilAborted(ask(), signal);
      away = undefined;
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      away ??= performance.now();
      if (performance.now() - away < PATIENCE_MS) return false;
      const why = oneLine(error instanceof Error ? error.message : String(error));
      throw new InputError(
        `the queue is away: ${why}; what is done stays, and \`optllm cluster resume\` goes on`,
        {},
      );
    }
  };
}

/** Says that tasks wait, if no worker has one in hand. */
async function noteIdle(queue: TaskQueue, onNote?: (text: string) => void): Promise<void> {
  if ((await queue.getActiveCount()) === 0)
    onNote?.("no worker takes tasks; start one: `optllm cluster worker --queue URL`, on the same server");
}

async function send(queue: TaskQueue, tasks: readonly Task[]): Promise<void> {
  await queue.addBulk(
    largestFirst(tasks).map((task) => ({
      name: stepName(task),
      data: task,
      opts: {
        jobId: idOf(task),
        attempts: ATTEMPTS,
        backoff: { type: "exponential", delay: 500 },
        removeOnComplete: true,
      },
    })),
  );
}

/** Removes jobs that failed in an earlier attempt at the run, so that they can be sent again. */
async function forget(queue: TaskQueue, tasks: readonly Task[]): Promise<void> {
  const ids = new Set(tasks.map(idOf));
  for (const job of await queue.getFailed(0, MOST_FAILED)) if (ids.has(job.id ?? "")) await job.remove();
}

async function noteFailed(
  queue: TaskQueue,
  tasks: readonly Task[],
  failed: Map<string, string>,
  judge: Judge,
): Promise<void> {
  if ((await queue.getFailedCount()) === 0) return;
  const ids = new Set(tasks.map(idOf));
  for (const job of await queue.getFailed(0, MOST_FAILED)) {
    const { id = "", failedReason } = job;
    if (!ids.has(id) || failed.has(id)) continue;
    if (await judge(id, failedReason)) await job.retry("failed");
    else failed.set(id, reasonIn(failedReason) ?? failedReason);
  }
}

/** Whether a failed task is given to another worker. */
type Judge = (id: string, reason: string) => Promise<boolean>;

/** It is where its worker does not see a run, or inputs, that this process sees as they were planned. */
function judging(folder: string, onNote?: (text: string) => void): Judge {
  const misplaced = new Map<string, number>();
  const said = new Set<string>();
  return async (id, text) => {
    const reason = reasonIn(text);
    const times = 1 + (misplaced.get(id) ?? 0);
    misplaced.set(id, times);
    if (reason === undefined || times >= MOST_MISPLACED) return false;
    const isHere = await checkPlace(folder).then(
      () => true,
      () => false,
    );
    if (isHere && !said.has(reason))
      onNote?.(`a worker ends, and its task is given to another: ${oneLine(reason)}`);
    said.add(reason);
    return isHere;
  };
}

function failure(tasks: readonly Task[], failed: ReadonlyMap<string, string>): InputError {
  const [first] = tasks;
  const which = tasks.map(partLabel);
  const unit = first.step === "pass" || first.step === "count" ? "shard" : "piece";
  const shown = which.slice(0, 10).join(", ") + (which.length > 10 ? ", …" : "");
  return new InputError(
    `step ${stepName(first)} failed for ${unit} ${shown}: ${oneLine(failed.get(idOf(first)) ?? "")}; ` +
      "the others are done, and `optllm cluster resume` does what is missing",
    { step: stepName(first), [`${unit}s`]: which, outputs: tasks.map(outputOf) },
  );
}
