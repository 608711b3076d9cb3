import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { RedisServer } from "./server.js";

const SPENDER = fileURLToPath(new URL("spender.mjs", import.meta.url));
const HOUR = 3_600_000;
const STEP_MS = 20;
/** Micro-dollars that a request of the spender costs at most. */
const LARGEST = 1_000;

/** What goes wrong, and when: milliseconds after both processes have begun to spend. */
export interface Faults {
  /** The first process is killed. */
  killAt?: number;
  /** The first process, which leads, stands still for some time, and does not know it. */
  pause?: { at: number; back: number };
  /** Redis is killed, or paused, and is back after some time. */
  redis?: { how: "kill" | "pause"; at: number; back: number };
  /** Milliseconds by which the clock of the second process is ahead. */
  clock?: number;
  /** An hour ends at this time by the first process's clock. */
  hourEndsAt?: number;
  dollars?: number;
  seed?: number;
}

/** Of one period, in micro-dollars. */
export interface Outcome {
  spent: number;
  budget: number;
  /** What the killed process had leased and not reported as settled. */
  leased: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Two processes spend a budget by the hour while things go wrong, until nothing is left; the periods in their order. */
export async function spendWith(faults: Faults): Promise<Outcome[]> {
  const { killAt, pause, redis, clock = 0, hourEndsAt, dollars = 1, seed = 1 } = faults;
  const server = await RedisServer.start();
  const hour = Date.now() - (Date.now() % HOUR);
  const spenders = [0, clock].map((ahead, k) =>
    spenderOf(server.url, { dollars, clock: hour + ahead - (hourEndsAt ?? HOUR / 2), seed: seed + k }),
  );
  try {
    await Promise.all(spenders.map(({ ready }) => ready));
    const events: [number, () => unknown][] = [];
    if (killAt !== undefined) events.push([killAt, () => spenders[0].child.kill("SIGKILL")]);
    if (pause !== undefined) {
      events.push([pause.at, () => spenders[0].child.kill("SIGSTOP")]);
      events.push([pause.back, () => spenders[0].child.kill("SIGCONT")]);
    }
    if (redis?.how === "kill")
      events.push([redis.at, () => server.kill()], [redis.back, () => server.start()]);
    if (redis?.how === "pause")
      events.push([redis.at, () => server.pause()], [redis.back, () => server.resume()]);
    events.sort(([a], [b]) => a - b);
    let time = 0;
    for (const [at, happen] of events) {
      await wait(at - time);
      time = at;
      await happen();
    }
    if (hourEndsAt !== undefined) await wait(Math.max(0, hourEndsAt + clock + 500 - time));
    // A process that was cut off tries again within a second.
    const quietMs = redis === undefined ? 1_000 : 2_500;
    const client = new Redis(server.port, { maxRetriesPerRequest: null });
    client.on("error", () => undefined);
    await Promise.all(spenders.map(({ wall }) => wall(quietMs, () => client.set("probe", "1"))));
    client.disconnect();
    for (const { child } of spenders) child.kill("SIGTERM");
    await Promise.all(spenders.map(({ ended }) => ended));
    return await outcomes(server, spenders, Math.floor(dollars * 1e6));
  } finally {
    for (const { child } of spenders) child.kill("SIGKILL");
    await server.stop();
  }
}

type Spender = ReturnType<typeof spenderOf>;

function spenderOf(url: string, options: { dollars: number; clock: number; seed: number }) {
  const argument = JSON.stringify({ url, prefix: "faults", ...options });
  const child: ChildProcess = spawn("node", [SPENDER, argument], { stdio: ["ignore", "pipe", "inherit"] });
  const spent = new Map<number, number>();
  let rest = "";
  const counts = { spent: 0, refused: 0 };
  child.stdout!.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [kind, end, cost] = line.split(" ");
      counts[kind === "r" ? "refused" : "spent"]++;
      if (kind === "d") spent.set(Number(end), (spent.get(Number(end)) ?? 0) + Number(cost));
    }
  });
  const ended = once(child, "close");
  /**
   * Resolves when nothing could be spent for some time from now on, or the process is gone. The time counts in steps, in
   * each of which Redis has answered and the process was refused: neither just has no processor.
   */
  const wall = async (quietMs: number, probe: () => Promise<unknown>): Promise<void> => {
    for (let steps = 0; steps < quietMs / STEP_MS;) {
      const { spent, refused } = counts;
      await wait(STEP_MS);
      await probe();
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (counts.spent > spent) steps = 0;
      else if (counts.refused > refused) steps++;
    }
  };
  return { child, spent, ended, wall, ready: once(child.stdout!, "data") };
}

async function outcomes(server: RedisServer, spenders: Spender[], budget: number): Promise<Outcome[]> {
  const client = new Redis(server.port);
  const ends = [...new Set(spenders.flatMap(({ spent }) => [...spent.keys()]))].sort((a, b) => a - b);
  const all: Outcome[] = [];
  for (const end of ends) {
    const spent = spenders.reduce((sum, one) => sum + (one.spent.get(end) ?? 0), 0);
    const account = `{faults:policy:default}:${end - HOUR}`;
    const rows = await client.hvals(`${account}:parts`);
    const leased = rows
      .map((row) => row.split(" ").map(Number))
      .reduce((sum, [, settled, ceiling]) => sum + ceiling - settled, 0);
    all.push({ spent, budget, leased });
  }
  client.disconnect();
  return all;
}

/**
 * Never over; in the last period, which alone is spent until nothing is left, under by no more than the leases of the
 * killed process, and less than one request of each of the two.
 */
export function checkOutcomes(outcomes: Outcome[], about: string): void {
  for (const { spent, budget } of outcomes) expect(spent, about).toBeLessThanOrEqual(budget);
  const last = outcomes.at(-1);
  if (last !== undefined)
    expect(last.budget - last.spent, about).toBeLessThanOrEqual(last.leased + 2 * LARGEST);
}
