import { setTimeout as wait } from "node:timers/promises";
import { Agent, request } from "undici";
import { Random } from "../../src/random.js";
import type { Load } from "./buffered.js";
import { HEADERS } from "./target.js";

const CONNECTIONS = 50;

/**
 * Sends these bodies in turn, one by one at random moments with this mean rate, as independent clients do. (autocannon sends
 * what is due in a second at its beginning, so that requests wait for each other.) Times count from the moment at which a
 * request was due.
 */
export async function paced(
  url: string,
  bodies: readonly string[],
  seconds: number,
  rate: number,
  headers: Record<string, string> = HEADERS,
): Promise<Load> {
  const random = new Random(1);
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const times: number[] = [];
  let failed = 0;
  const send = async (due: number, body: string): Promise<void> => {
    try {
      const answer = await request(url, { method: "POST", headers, body, dispatcher });
      await answer.body.text();
      if (answer.statusCode !== 200) failed++;
      times.push(performance.now() - due);
    } catch {
      failed++;
    }
  };
  const start = performance.now();
  const sent: Promise<void>[] = [];
  for (
    let due = start;
    due < start + 1000 * seconds;
    due += (-1000 * Math.log(1 - random.uniform())) / rate
  ) {
    while (performance.now() < due) {
      const left = due - performance.now();
      // A timer ends up to a millisecond late.
      await (left > 2 ? wait(left - 2) : new Promise((resolve) => setImmediate(resolve)));
    }
    sent.push(send(due, bodies[sent.length % bodies.length]));
  }
  await Promise.all(sent);
  await dispatcher.close();
  return {
    requests: sent.length,
    seconds: (performance.now() - start) / 1000,
    times: Float64Array.from(times).sort(),
    failed,
  };
}
