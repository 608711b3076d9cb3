import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../src/random.js";
import type { Load } from "./buffered.js";
import { HEADERS } from "./target.js";
import { requestBytes, Wire } from "./wire.js";

/**
 * Sends these bodies in turn, one by one at random moments with this mean rate, as independent clients do. (autocannon sends
 * what is due in a second at its beginning, so that requests wait for each other.) Each has a connection to itself. Times
 * count from the sending, which is up to a millisecond after the moment: waiting more exactly would take the core from the
 * upstream.
 */
export async function paced(
  url: string,
  bodies: readonly string[],
  seconds: number,
  rate: number,
  headers: Record<string, string> = HEADERS,
): Promise<Load> {
  const random = new Random(1);
  const requests = bodies.map((body) => requestBytes(url, headers, body));
  const free: Wire[] = [];
  const wires: Wire[] = [];
  const times: number[] = [];
  let failed = 0;
  const send = async (request: Buffer): Promise<void> => {
    let wire = free.pop();
    if (wire === undefined) wires.push((wire = new Wire(new URL(url))));
    const began = performance.now();
    const status = await wire.send(request);
    times.push(performance.now() - began);
    if (status !== 200) failed++;
    free.push(wire);
  };
  const start = performance.now();
  const sent: Promise<void>[] = [];
  for (let due = start; due < start + 1000 * seconds;) {
    for (; due <= performance.now(); due += (-1000 * Math.log(1 - random.uniform())) / rate)
      sent.push(send(requests[sent.length % requests.length]));
    await wait(1);
  }
  await Promise.all(sent);
  const took = (performance.now() - start) / 1000;
  for (const wire of wires) wire.close();
  return { requests: sent.length, seconds: took, times: Float64Array.from(times).sort(), failed };
}
