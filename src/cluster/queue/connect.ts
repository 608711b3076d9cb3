import type { Queue, Worker, WorkerOptions } from "bullmq";
import { InputError } from "../../errors.js";
import { IN_PASSWORDS, serverAddress } from "../../online/ledger/redis/address.js";
import { oneLine, shown } from "../../text/shown.js";
import type { Task } from "../tasks.js";

/** The queue that all runs of a server share. */
const NAME = "optllm";

type TaskQueue = Queue<Task, unknown, string>;
type TaskWorker = Worker<Task, unknown, string>;

/** How a worker takes jobs. */
export type TakingOptions = Pick<
  WorkerOptions,
  "concurrency" | "lockDuration" | "stalledInterval" | "maxStalledCount" | "metrics"
>;

/** A server of queues: Redis or PostgreSQL. */
export interface QueueServer {
  /** Host and port, without user and password. */
  place: string;
  queue(): TaskQueue;
  worker(run: (task: Task) => Promise<unknown>, options: TakingOptions): TaskWorker;
  /** Ends the connections that were made here. */
  close(): Promise<void>;
}

/**
 * Connects to `redis://…`, `rediss://…` or `postgres://…`.
 *
 * @throws InputError for another address, a package that is not installed, and a server that does not answer.
 */
export async function connectQueue(url: string): Promise<QueueServer> {
  // The address may hold a password, so no error shows all of it.
  const address = serverAddress(url);
  if (address === undefined)
    throw new InputError(`the queue's address is not one such as ${EXPECTED}; ${IN_PASSWORDS}`, {
      field: "queue",
    });
  const { protocol, host } = address;
  const place = oneLine(host);
  if (["redis:", "rediss:"].includes(protocol)) return redis(url, place);
  if (["postgres:", "postgresql:"].includes(protocol)) return postgres(url, place);
  throw new InputError(`the queue's address begins with ${shown(protocol)}; expected ${EXPECTED}`, {
    field: "queue",
  });
}

const EXPECTED = "redis://host:6379 or postgres://user@host/database";

/** Milliseconds: the longest wait for a server when connecting, and between two attempts later. */
const ANSWER_MS = 30_000;
const LONGEST_RETRY_MS = 1_000;

async function redis(url: string, place: string): Promise<QueueServer> {
  const { Queue, Worker } = await peer(() => import("bullmq"), "bullmq ioredis");
  const { Redis } = await peer(() => import("ioredis"), "bullmq ioredis");
  const clients: InstanceType<typeof Redis>[] = [];
  /** What went wrong last: an attempt to connect itself only says that the connection is closed. */
  let why: Error | undefined;
  const client = (): InstanceType<typeof Redis> => {
    const made = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(LONGEST_RETRY_MS, 20 * 2 ** Math.min(times, 10)),
    });
    // Without a listener, ioredis prints.
    made.on("error", (error) => (why = error));
    clients.push(made);
    return made;
  };
  const first = client();
  // The first attempt may fail at once; later ones are repeated for ever.
  const connected = first.connect().catch((error: unknown) => {
    throw why ?? error;
  });
  await answering(connected, `Redis at ${place}`).catch((error: unknown) => {
    first.disconnect();
    throw error;
  });
  return {
    place,
    queue: () => quiet(new Queue(NAME, { connection: first })) as TaskQueue,
    worker: (run, options) =>
      quiet(
        new Worker(NAME, (job) => run(job.data as Task), { ...options, connection: client() }),
      ) as TaskWorker,
    close: () => {
      clients.forEach((one) => one.disconnect());
      return Promise.resolve();
    },
  };
}

async function postgres(url: string, place: string): Promise<QueueServer> {
  const { createPostgresBackend, withBackend } = await peer(() => import("bullmq"), "bullmq pg");
  await peer(() => import("pg"), "bullmq pg");
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // Each connection brings the schema `bullmq` up to date; a lock of the server lets one of them do it.
  // The driver gives up after `answering` has said why; without a limit of its own, its attempt would keep the process alive.
  const connection = { connectionString: url, migrate: true, connectionTimeoutMillis: ANSWER_MS + 5_000 };
  const queue = quiet(new Queue(NAME, { connection }));
  await answering(queue.waitUntilReady(), `PostgreSQL at ${place}`).catch(async (error: unknown) => {
    await queue.close().catch(() => undefined);
    throw error;
  });
  return {
    place,
    queue: () => queue as unknown as TaskQueue,
    worker: (run, options) =>
      quiet(
        new Worker(NAME, (job) => run(job.data as Task), { ...options, connection }),
      ) as unknown as TaskWorker,
    close: () => queue.close(),
  };
}

/** With a listener for errors: without one they end the process. Connections are made again by the library. */
function quiet<T extends { on(event: "error", listener: () => void): unknown }>(emitter: T): T {
  emitter.on("error", () => undefined);
  return emitter;
}

async function peer<T>(load: () => Promise<T>, install: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError(`a queue needs packages that are not installed: npm install ${install}`, {
      packages: install,
    });
  }
}

async function answering(answer: Promise<unknown>, server: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  });
  try {
    await Promise.race([answer, late]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `${server} cannot be reached: ${oneLine(why).replace(/\.$/, "")}; start it, or correct the address`,
      {
        field: "queue",
      },
    );
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}
