import { InputError, OptllmError } from "../../../errors.js";
import { oneLine, shown } from "../../../text/shown.js";
import { IN_PASSWORDS, serverAddress } from "./address.js";
import { SCRIPT, SCRIPT_SHA } from "./report.js";

/** What a ledger uses of a client of ioredis, `Redis` or `Cluster`. */
export interface RedisClient {
  /** Runs a script that Redis knows by its SHA-1. */
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>;
  /** Runs a script. */
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  /** The clock of Redis: seconds and microseconds. */
  time(): Promise<unknown>;
  /** A section of what Redis says of itself. */
  info(section: string): Promise<unknown>;
}

/** A client and how to end it. */
export interface Connection {
  client: RedisClient;
  /** Where it is, without user and password. */
  place: string;
  end(): void;
}

/** Milliseconds: the longest wait for an answer, and between two attempts to connect. */
const ANSWER_MS = 2_000;
const LONGEST_RETRY_MS = 1_000;

/**
 * Connects to an address such as `redis://localhost:6379`; once connected, it connects again for ever.
 *
 * @throws InputError if the address is none, ioredis is not installed, or nobody answers.
 */
export async function connect(url: unknown): Promise<Connection> {
  const place = placeOf(url);
  const { Redis } = await ioredis();
  const client = new Redis(url as string, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
    retryStrategy: (times) => Math.min(LONGEST_RETRY_MS, 20 * 2 ** Math.min(times, 10)),
  });
  let reason = "no answer";
  // Without a listener, ioredis prints.
  client.on("error", (error: Error) => (reason = error.message || reason));
  try {
    await client.connect();
  } catch {
    client.disconnect();
    throw new InputError(
      `Redis at ${place} cannot be reached: ${oneLine(reason)}; start it, or correct the address`,
      { field: "url" },
    );
  }
  return { client: client as RedisClient, place, end: () => client.disconnect() };
}

async function ioredis(): Promise<Pick<typeof import("ioredis"), "Redis">> {
  try {
    return await import("ioredis");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError("a Redis ledger needs the package ioredis: npm install ioredis");
  }
}

/** The address may hold a password, so no error shows all of it. */
function placeOf(url: unknown): string {
  const expected = "an address such as redis://localhost:6379";
  const parsed = serverAddress(url);
  if (parsed === undefined) throw new InputError(`url is not ${expected}; ${IN_PASSWORDS}`, { field: "url" });
  if (!["redis:", "rediss:"].includes(parsed.protocol))
    throw new InputError(`url begins with ${shown(parsed.protocol)}; expected ${expected}`, { field: "url" });
  return oneLine(parsed.host);
}

/**
 * The clock of Redis, milliseconds since 1970.
 *
 * @throws InputError if Redis is set to forget keys when its memory is full: money would be forgotten too.
 */
export async function greet({ client, place }: Connection): Promise<number> {
  const policy = await evictionOf(client);
  if (policy !== undefined && policy !== "noeviction") {
    throw new InputError(
      `Redis at ${place} forgets keys when its memory is full (maxmemory-policy ${shown(policy)}), and with them what was spent; set maxmemory-policy to noeviction`,
      { field: "url" },
    );
  }
  const [seconds, micros] = ((await client.time()) as unknown[]).map(Number);
  return seconds * 1000 + micros / 1000;
}

/** How Redis makes room; undefined if it never has to, or may not be asked. */
async function evictionOf(client: RedisClient): Promise<string | undefined> {
  let info: string;
  try {
    info = String(await client.info("memory"));
  } catch {
    return undefined;
  }
  const most = /^maxmemory:(\d+)/m.exec(info)?.[1];
  return most === "0" ? undefined : /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
}

/** Runs the script of reports. */
export async function send({ client }: Connection, keys: string[], report: string): Promise<unknown> {
  const args = [...keys, report];
  try {
    return await client.evalsha(SCRIPT_SHA, keys.length, ...args);
  } catch (error) {
    if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
    return client.eval(SCRIPT, keys.length, ...args);
  }
}

/** The longest wait for Redis as a whole, milliseconds. */
const PATIENCE_MS = 5_000;

/** The result of some work with Redis, or an error with its consequence if it takes longer than five seconds. */
export async function inTime<T>({ place }: Connection, work: Promise<T>, consequence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new InputError(`Redis at ${place} does not answer: ${consequence}`, { place })),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong with Redis, in one line. */
export function redisError(error: unknown, place: string): OptllmError {
  if (error instanceof OptllmError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new InputError(`Redis at ${place}: ${oneLine(why)}`, { place });
}
