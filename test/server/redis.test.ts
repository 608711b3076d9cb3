import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { createServer } from "../../src/server/server.js";
import { testFolder } from "../cli/run.js";
import { describeRedis, isRedisHere, RedisServer } from "../online/ledger/redis/server.js";
import { startMock } from "./mockUpstream.js";
import { baseConfig, COST, HELLO, KEY, UPSTREAM_KEY, writePredictor } from "./running.js";

const redis = isRedisHere ? await RedisServer.start() : undefined;
const mock = await startMock();
const { folder } = testFolder("server-redis");
await writePredictor(join(folder, "base.optllm"));
const env = { UPSTREAM_KEY, REDIS_URL: redis?.url };
afterAll(async () => {
  await mock.close();
  await redis?.stop();
});

/** Room for about 40 answers of large: 50 tokens are reserved, 3 come. */
const DOLLARS = 40 * COST.large + (50 * 12) / 1e6;
const config = {
  ...baseConfig(join(folder, "base.optllm"), mock.baseUrl),
  state: { kind: "redis", urlEnv: "REDIS_URL", prefix: "test" },
  policies: {
    best: { lambda: 0, models: ["large"], budget: { dollars: DOLLARS, period: "month", isPaced: false } },
  },
} as const;

async function start() {
  const server = await createServer(
    { ...config, policies: { best: { ...config.policies.best, models: ["large"] } } },
    { env },
  );
  return { server, ...(await server.listen()) };
}
const ask = (url: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(HELLO),
  });

describeRedis("state of kind redis", () => {
  it("lets two servers share a budget, which is never exceeded, and keeps it after both", async () => {
    const servers = [await start(), await start()];
    const statuses: number[] = [];
    const count = (status: number): number => statuses.filter((one) => one === status).length;
    // More than the budget has room for, until both refuse for good; at first they may wait for money from Redis.
    while (count(200) <= 10 || statuses.slice(-40).some((status) => status === 200)) {
      const answers = await Promise.all([...servers, ...servers].map(({ url }) => ask(url)));
      statuses.push(...answers.map(({ status }) => status));
      for (const answer of answers) await answer.arrayBuffer();
    }
    const answered = count(200);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(mock.seen).toHaveLength(answered);
    expect(answered * COST.large).toBeLessThanOrEqual(DOLLARS);
    for (const { server } of servers) await server.close();
    const after = await start();
    const headers = { authorization: `Bearer ${KEY}` };
    const status = (await (await fetch(`${after.url}/policies/best`, { headers })).json()) as {
      budgets: { spent: number; reserved: number }[];
    };
    expect(status.budgets[0].spent).toBeCloseTo(answered * COST.large, 6);
    expect(status.budgets[0].reserved).toBe(0);
    await after.server.close();
  });

  it("is refused at the start without its address, or without Redis; the address is not shown", async () => {
    await expect(createServer(config as never, { env: { UPSTREAM_KEY } })).rejects.toThrow(
      "state.urlEnv: the environment has no REDIS_URL",
    );
    const away = { UPSTREAM_KEY, REDIS_URL: "redis://user:secret@127.0.0.1:1" };
    const error = await createServer(config as never, { env: away }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("cannot be reached");
    expect((error as Error).message).not.toContain("secret");
  });
});
