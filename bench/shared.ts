// What a budget in Redis takes, with a redis-server of its own; see README.md.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { Account, Ledger } from "../src/online/ledger/ledger.js";
import { memoryLedger } from "../src/online/ledger/memory.js";
import { openRedisLedger } from "../src/online/ledger/redis/ledger.js";

const PORT = 7_391;
const SECONDS = 10;
const folder = mkdtempSync(join(tmpdir(), "optllm-shared-"));
const server = spawn("redis-server", [
  "--port",
  `${PORT}`,
  "--dir",
  folder,
  "--save",
  "",
  "--appendonly",
  "yes",
]);
const client = new Redis(PORT, { retryStrategy: () => 20, maxRetriesPerRequest: null });
client.on("error", () => undefined);
await client.ping();
const url = `redis://127.0.0.1:${PORT}`;
const account: Account = { name: "policy:bench", period: 0, limit: 1e12 };

/** CPU microseconds of a reservation and its settlement: the least of some runs. */
async function microseconds(ledger: Ledger): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < 15; run++) {
    const start = process.cpuUsage();
    for (let k = 0; k < 20_000; k++) {
      ledger.reserve(`${run} ${k}`, [account], 1_000);
      ledger.settle(`${run} ${k}`, 400);
    }
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 20_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return least;
}

/** Scripts that Redis has run. */
async function trips(): Promise<number> {
  const stats = String(await client.info("commandstats"));
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

const open = async (prefix: string): Promise<Ledger> => {
  const ledger = await openRedisLedger({ url, prefix });
  await ledger.shared!.ready([account]);
  return ledger;
};

try {
  console.log("reserve and settle, CPU µs");
  console.log(`  ${(await microseconds(memoryLedger())).toFixed(2)}  in memory`);
  const one = await open("one");
  console.log(`  ${(await microseconds(one)).toFixed(2)}  in Redis`);
  await one.close();

  const two = [await open("two"), await open("two")];
  const before = await trips();
  let refused = 0;
  let sent = 0;
  const end = performance.now() + SECONDS * 1_000;
  const start = performance.now();
  while (performance.now() < end) {
    for (; sent < (performance.now() - start) / 2; sent++) {
      const [ledger, id] = [two[sent % 2], `${sent}`];
      if (ledger.reserve(id, [account], 1_000)) setTimeout(() => ledger.settle(id, 400), 500);
      else refused++;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const each = ((await trips()) - before) / SECONDS;
  console.log(`two processes, ${Math.round(sent / SECONDS)} requests a second in all, answers after 0.5 s`);
  console.log(`  ${each.toFixed(1)} reports a second; ${refused} of ${sent} refused for want of a lease`);
  await Promise.all(two.map((ledger) => ledger.close()));
} finally {
  client.disconnect();
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
