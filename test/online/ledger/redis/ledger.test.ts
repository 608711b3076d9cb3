import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../../src/errors.js";
import type { Account, Ledger } from "../../../../src/online/ledger/ledger.js";
import { openRedisLedger, type RedisLedgerOptions } from "../../../../src/online/ledger/redis/ledger.js";
import { createRouter, type Router } from "../../../../src/online/router.js";
import type { RouterOptions } from "../../../../src/online/options.js";
import { modelsOf, scoresOf } from "../../scores.js";
import { ledgerSuite } from "../suite.js";
import { describeRedis, RedisServer } from "./server.js";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const account = (limit: number, more: Partial<Account> = {}): Account => ({
  ...{ name: "policy:test", period: 0, limit },
  ...more,
});
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so. */
async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(10);
}

describeRedis("a ledger in Redis", () => {
  let server: RedisServer;
  let client: Redis;
  let prefixes = 0;
  const prefixOf = new Map<Ledger, string>();
  const opened = async (prefix: string, more: RedisLedgerOptions = {}): Promise<Ledger> => {
    const ledger = await openRedisLedger({ url: server.url, prefix, ...more });
    prefixOf.set(ledger, prefix);
    return ledger;
  };
  const fresh = (): string => `fresh${prefixes++}`;
  const readied = async (
    prefix: string,
    accounts: Account[],
    more: RedisLedgerOptions = {},
  ): Promise<Ledger> => {
    const ledger = await opened(prefix, more);
    await ledger.shared!.ready(accounts);
    return ledger;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.port, { maxRetriesPerRequest: null });
    client.on("error", () => undefined);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  ledgerSuite("in Redis", {
    open: () => opened(fresh()),
    reopen: async (ledger) => {
      await ledger.close();
      return opened(prefixOf.get(ledger)!);
    },
  });

  it("holds several budgets for all processes together, each of them", async () => {
    const prefix = fresh();
    const [wide, narrow] = [account(9_000, { name: "wide" }), account(5_000, { name: "narrow" })];
    const both = [await readied(prefix, [wide, narrow]), await readied(prefix, [wide, narrow])];
    const spent = { wide: 0, narrow: 0 };
    const isLeft = (): boolean =>
      [wide, narrow].some(({ name, limit }) => spent[name as "wide"] <= limit - 200);
    // How often a lease is used up before there is another one depends on the machine.
    for (let k = 0; k < 400 || (isLeft() && k < 10_000); k++) {
      const ledger = both[k % 2];
      const isNarrow = k % 3 > 0;
      const accounts = isNarrow ? [wide, narrow] : [wide];
      if (ledger.reserve(`${k}`, accounts, 100)) {
        ledger.settle(`${k}`, 60);
        for (const { name } of accounts) spent[name as "wide"] += 60;
      } else await Promise.all(both.map((one) => one.commit())).then(() => wait(5));
    }
    for (const { name, limit } of [wide, narrow]) {
      expect(spent[name as "wide"]).toBeLessThanOrEqual(limit);
      expect(spent[name as "wide"]).toBeGreaterThan(limit - 200);
    }
    await Promise.all(both.map((ledger) => ledger.close()));
    expect(await client.hget(`{${prefix}:narrow}:0:sums`, "spent")).toBe(`${spent.narrow}`);
  });

  it("gives its lease back when it is closed", async () => {
    const prefix = fresh();
    const one = account(1_000_000);
    const first = await readied(prefix, [one]);
    // More than it leases before it has seen a request.
    expect(first.reserve("a", [one], 400_000)).toBe(false);
    await eventually(() => first.reserve("a", [one], 400_000));
    expect(first.reserve("a", [one], 5)).toBe(false);
    await eventually(() => first.reserve("b", [one], 300_000));
    first.settle("b", 200_000);
    await first.close();
    expect(first.reserve("c", [one], 1)).toBe(false);
    const second = await readied(prefix, [one]);
    // What was still open counts as spent.
    expect(second.balance(one)).toEqual({ settled: 600_000, reserved: 0 });
    expect(second.room(one)).toBe(400_000);
    await second.close();
  });

  it("refuses once its lease is used up while Redis is away, and goes on when it is back", async () => {
    const one = account(100_000_000);
    const ledger = await readied(fresh(), [one]);
    for (let k = 0; k < 20; k++) {
      ledger.reserve(`first ${k}`, [one], 1_000);
      ledger.settle(`first ${k}`, 1_000);
      await wait(5);
    }
    await ledger.commit();
    await server.kill();
    const { settled } = ledger.balance(one);
    let spent = 0;
    for (let k = 0; ledger.reserve(`away ${k}`, [one], 1_000); k++) {
      ledger.settle(`away ${k}`, 1_000);
      spent += 1_000;
    }
    // About what it had spent within two seconds; of the budget it is a thousandth.
    expect(spent).toBeLessThanOrEqual(1_000_000);
    await wait(300);
    expect(ledger.reserve("still", [one], 1_000)).toBe(false);
    expect(ledger.reserve("free", [one], 0)).toBe(true);
    expect(ledger.shared!.agree(one, 7)).toBe(7);
    await server.start();
    await eventually(() => ledger.reserve("back", [one], 1_000));
    await ledger.commit();
    expect(ledger.balance(one).settled).toBe(settled + spent);
    await ledger.close();
  });

  it("notices a Redis that neither answers nor hangs up", async () => {
    const one = account(1_000_000);
    const ledger = await readied(fresh(), [one]);
    server.pause();
    await expect(ledger.commit().then(() => ledger.commit())).resolves.toBeUndefined();
    ledger.reserve("a", [one], 5);
    await expect(ledger.commit()).rejects.toThrow("does not answer: it may not know what was settled last");
    server.resume();
    await ledger.commit();
    await ledger.close();
  });

  it("has money of the next period before it begins, and lets old periods go", async () => {
    const prefix = fresh();
    // Near enough for money to be leased ahead, and far enough for a slow machine.
    const end = Date.now() + 9_500;
    const now = account(1_000_000, { period: end - 3_600_000, end });
    const next = account(1_000_000, { period: end, end: end + 3_600_000 });
    const ledger = await readied(prefix, [now], { keepDays: 1 });
    expect(ledger.reserve("a", [now], 100)).toBe(true);
    await eventually(() => ledger.reserve("b", [next], 100));
    expect(Date.now()).toBeLessThan(end);
    ledger.settle("a", 50);
    await ledger.close();
    for (const { period, end } of [now, next]) {
      const before = Date.now();
      const left = await client.pttl(`{${prefix}:policy:test}:${period}:parts`);
      const gone = end! + 86_400_000;
      expect(before + left).toBeLessThan(gone + 2_000);
      expect(Date.now() + left).toBeGreaterThan(gone - 2_000);
    }
  });

  it("works in a cluster, where each budget is in one place", async () => {
    const alone = await RedisServer.start("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
    const admin = new Redis(alone.port);
    await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await eventually(async () => String(await admin.call("CLUSTER", "INFO")).includes("cluster_state:ok"));
    const cluster = new Cluster([{ host: "127.0.0.1", port: alone.port }]);
    const accounts = ["policy:a", "key:b", "group:{c}"].map((name) => account(1_000, { name }));
    const ledger = await openRedisLedger({ client: cluster });
    await ledger.shared!.ready(accounts);
    expect(ledger.reserve("a", accounts, 10)).toBe(true);
    await ledger.close();
    expect(await cluster.hget("{optllm:key:b}:0:sums", "granted")).toBe("10");
    cluster.disconnect();
    admin.disconnect();
    await alone.stop();
  });

  it("refuses a Redis that forgets keys", async () => {
    const forgetful = await RedisServer.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
    await expect(openRedisLedger({ url: forgetful.url })).rejects.toThrow(
      /forgets keys when its memory is full \(maxmemory-policy allkeys-lru\).*noeviction/,
    );
    await forgetful.stop();
  });

  it("says what is in Redis where it cannot be read", async () => {
    const prefix = fresh();
    await client.set(`{${prefix}:policy:test}:0:sums`, "5");
    const ledger = await opened(prefix);
    await expect(ledger.shared!.ready([account(5)])).rejects.toThrow(/Redis at 127.0.0.1:\d+: .*WRONGTYPE/);
    expect(ledger.reserve("a", [account(5)], 1)).toBe(false);
    await expect(ledger.close()).rejects.toThrow("WRONGTYPE");
  });

  describe("under routers", () => {
    const routerOf = async (ledger: Ledger, options: Partial<RouterOptions> = {}): Promise<Router> => {
      const budget = { dollars: 1, period: "total", requests: 2_000 } as const;
      const router = createRouter({ scorer: scoresOf(), models: modelsOf(3), budget, ledger, ...options });
      await router.ready();
      return router;
    };

    it("refuses until there is a lease, then routes", async () => {
      const ledger = await opened(fresh());
      const budget = { dollars: 1, period: "day" } as const;
      const router = createRouter({ scorer: scoresOf(), models: modelsOf(3), budget, ledger });
      expect(router.route({ text: "1", maxTokens: 10 })).toMatchObject({
        status: "refused",
        cause: "budget",
      });
      await router.ready();
      expect(router.route({ text: "1", maxTokens: 10 }).status).toBe("routed");
      await ledger.close();
    });

    it("has one λ, and counts the requests of all", async () => {
      const prefix = fresh();
      const times = { lapseMs: 600 };
      const ledgers = [await opened(prefix, times), await opened(prefix, times)];
      const routers = [await routerOf(ledgers[0]), await routerOf(ledgers[1])];
      const lambdas = (): (number | undefined)[] => routers.map((router) => router.status()[0].lambda);
      for (let k = 0; k < 300; k++) {
        for (const router of routers) {
          const decision = router.route({ text: `${k}`, maxTokens: 300 });
          if (decision.status === "routed") router.settle(decision, { cost: decision.cost });
        }
        await wait(3);
      }
      await Promise.all(ledgers.map((ledger) => ledger.commit()));
      await Promise.all(ledgers.map((ledger) => ledger.commit()));
      for (const router of routers) router.route({ text: "1", maxTokens: 300 });
      const published = Number(await client.hget(`{${prefix}:policy:default}:pace`, "lambda"));
      expect(lambdas()).toContain(published);
      const [a, b] = lambdas();
      expect(Math.abs(a! / b! - 1)).toBeLessThan(0.2);
      // Those of the last moment are told with the next report.
      await eventually(() => {
        for (const router of routers) router.route({ text: "1", maxTokens: 300 });
        return routers.every((router) => router.status()[0].requestsSeen >= 600);
      });
      // Whoever is left leads.
      await ledgers[0].close();
      await eventually(() => {
        routers[1].route({ text: "2", maxTokens: 300 });
        return (
          undefined !== lambdas()[1] &&
          ledgers[1].shared!.agree(account(1, { name: "policy:default" }), 123) === 123
        );
      });
      await ledgers[1].close();
    });
  });
});

describe("a ledger in Redis is refused, without showing a password,", () => {
  it.each([
    [{}, "give url or client"],
    [{ url: "redis://a", client: {} }, "give url or client"],
    [{ url: "secret" }, "url is not an address such as redis://localhost:6379"],
    [{ url: "redis://:100%secret@host" }, "in a password, % is written %25"],
    [{ url: "redis:secret@host" }, "url is not an address such as redis://localhost:6379"],
    [{ url: "http://user:secret@host" }, "url begins with http:"],
    [
      { url: "redis://user:secret@127.0.0.1:1" },
      "Redis at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED",
    ],
    [{ url: "redis://a", prefix: "a{b" }, "prefix is a{b; expected 1 … 100 letters"],
    [{ url: "redis://a", leaseMs: 5 }, "leaseMs is 5"],
    [{ url: "redis://a", lapseMs: NaN }, "lapseMs is NaN"],
    [{ url: "redis://a", keepDays: 0 }, "keepDays is 0"],
    [{ url: "redis://a", leas: 5 }, "options has leas"],
    [{ client: { eval: 5 } }, "client has no function evalsha"],
    [undefined, "options is undefined"],
  ])("for %j", async (options, message) => {
    const refused = await openRedisLedger(options as never).catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(InputError);
    expect((refused as Error).message).toContain(message);
    expect((refused as Error).message).not.toContain("secret");
  });

  it("where ioredis is not installed", () => {
    const folder = mkdtempSync(join(tmpdir(), "optllm-alone-"));
    cpSync(join(root, "dist/src"), join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const program = `import { openRedisLedger } from "./src/entries/redis.js";
      await openRedisLedger({ url: "redis://127.0.0.1" }).catch((error) => console.log(error.message));`;
    const { stdout } = spawnSync("node", ["--input-type=module", "-e", program], {
      cwd: folder,
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true });
    expect(stdout).toBe("a Redis ledger needs the package ioredis: npm install ioredis\n");
  });
});
