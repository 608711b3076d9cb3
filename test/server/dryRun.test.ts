import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readDecisions } from "../../src/online/log/reader.js";
import { createServer, type Addresses, type Server } from "../../src/server/server.js";
import { run } from "../cli/run.js";
import { fails } from "./mockUpstream.js";
import { COST, HELLO, KEY, running, until, UPSTREAM_KEY } from "./running.js";

const f = await running("dry-run");
const { mock } = f;
const outcomes: typeof f.outcomes = [];
/** Its decisions: small, the cheapest, while the budget has room. */
const config = {
  ...f.config,
  policies: { best: { lambda: 1e6, budget: { dollars: 0.0012, period: "month", isPaced: false } } },
  state: { kind: "file", path: join(f.folder, "state") },
  log: { path: join(f.folder, "dry.jsonl") },
} as const;

async function dry(): Promise<{ server: Server } & Addresses> {
  const server = await createServer(config, {
    env: { UPSTREAM_KEY },
    dryRun: "medium",
    onRequest: (outcome) => outcomes.push(outcome),
  });
  return { server, ...(await server.listen()) };
}
const { server, url } = await dry();
const ask = (body: object, path = "/v1/chat/completions"): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
interface Budget {
  spent: number;
  reserved: number;
}
async function budget(): Promise<Budget> {
  const headers = { authorization: `Bearer ${KEY}` };
  const status = (await (await fetch(`${url}/policies/best`, { headers })).json()) as { budgets: Budget[] };
  return status.budgets[0];
}

it("decides, and passes every request to one model, also what no model could answer", async () => {
  const image = { type: "image_url", image_url: { url: "data:," } };
  for (const body of [
    HELLO,
    { ...HELLO, model: "large" },
    { ...HELLO, model: "gpt-of-another-time" },
    { ...HELLO, model: "policy/nobody's" },
    { ...HELLO, max_tokens: undefined, reasoning_effort: "high" },
    { ...HELLO, max_tokens: undefined, messages: [{ role: "user", content: [image] }] },
    { ...HELLO, stream: true },
  ]) {
    const answer = await ask(body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-optllm-model")).toBe("medium");
    await answer.text();
    expect(mock.seen.at(-1)!.body).toMatchObject({ model: "medium-2026" });
    for (const field of ["max_tokens", "max_completion_tokens"])
      if (body.max_tokens === undefined) expect(mock.seen.at(-1)!.body).not.toHaveProperty(field);
  }
  await until(() => outcomes.length === 7, "the end of the stream");
  const would = outcomes.map((outcome) => outcome.would);
  expect(would).toEqual(["small", "large", "small", "small", "none", "small", "small"]);
  expect(outcomes[0]).toMatchObject({ model: "medium", cost: COST.medium, policy: "best" });
});

it("lets budgets pay the decisions as predicted, and refuses nothing when they are used up", async () => {
  const before = await budget();
  expect(before.spent).toBeGreaterThan(0);
  let last: Response | undefined;
  await until(async () => {
    last = await ask({ ...HELLO, max_tokens: 50 });
    await last.text();
    return last.status !== 200 || last.headers.get("x-optllm-would") === "none";
  }, "the end of the budget");
  expect(last!.status).toBe(200);
  expect(last!.headers.get("x-optllm-model")).toBe("medium");
  const { spent, reserved } = await budget();
  expect(spent).toBeGreaterThan(before.spent);
  expect(spent).toBeLessThanOrEqual(0.0012);
  expect(reserved).toBe(0);
});

it("leaves repeating to the client, takes judgements, and decides as usual for /v1/route", async () => {
  const { length } = mock.seen;
  mock.next.push(fails(500));
  const failed = await ask(HELLO);
  expect([failed.status, failed.headers.get("x-should-retry")]).toEqual([502, null]);
  expect(mock.seen).toHaveLength(length + 1);
  const answer = await ask(HELLO);
  const decisionId = answer.headers.get("x-optllm-decision");
  const judged = await ask({ decisionId, score: 1 }, "/v1/feedback");
  expect(await judged.json()).toMatchObject({ isCounted: true });
  expect((await ask({ ...HELLO, model: "large" }, "/v1/route")).status).toBe(429);
});

it("logs its decisions, keeps no money, and is told by the command", async () => {
  await server.close();
  const lines = readFileSync(config.log.path, "utf8").trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { type: string; model?: string; cost?: number });
  const decisions = records.filter(({ type }) => type === "decision");
  expect(new Set(decisions.map(({ model }) => model))).toEqual(new Set(["small", "large"]));
  expect(records.filter(({ type }) => type === "refusal").length).toBeGreaterThan(0);
  // Nobody has paid for them.
  expect(records.filter(({ type }) => type === "settlement")).toEqual([]);
  expect(() => readFileSync(config.state.path)).toThrow(/ENOENT/);
  await expect(createServer(config, { env: { UPSTREAM_KEY }, dryRun: "nobody" })).rejects.toThrow(
    "the dry run passes everything to nobody, which is not one of the models",
  );
});

it("pays and logs what was paid where the decision was for the model that answers, estimated costs otherwise", async () => {
  const path = join(f.folder, "paid.jsonl");
  const budget = { dollars: 1, period: "month", isPaced: false } as const;
  const policies = { best: { lambda: 0, budget } };
  const paid = await createServer(
    { ...config, policies, log: { path } },
    { env: { UPSTREAM_KEY }, dryRun: "large" },
  );
  const { url: at } = await paid.listen();
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const spent = async (): Promise<number> => {
    const status = (await (await fetch(`${at}/policies/best`, { headers })).json()) as { budgets: Budget[] };
    expect(status.budgets[0].reserved).toBe(0);
    return status.budgets[0].spent;
  };
  const send = async (body: object): Promise<string | null> => {
    const answer = await fetch(`${at}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    await answer.text();
    return answer.headers.get("x-optllm-would");
  };
  expect(await send(HELLO)).toBe("large");
  expect(await spent()).toBeCloseTo(COST.large, 6);
  expect(await send({ ...HELLO, model: "small" })).toBe("small");
  mock.next.push(fails(500));
  await send(HELLO);
  expect(await spent()).toBeGreaterThan(COST.large);
  await paid.close();
  const { requests, unmatched } = await readDecisions(path);
  expect(unmatched).toBe(0);
  expect(requests.map(({ spent: dollars }) => dollars)).toEqual([COST.large, NaN, NaN]);
});

it("is named by --check", async () => {
  const path = join(f.folder, "serve.json");
  const { one, two } = f.config.upstreams;
  const upstreams = { one: { ...one, keyEnv: undefined }, two: { ...two, keyEnv: undefined } };
  writeFileSync(path, JSON.stringify({ ...f.config, upstreams }));
  const checked = await run("serve", "--check", "--dry-run", "medium", path);
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.out).toContain("would pass every request to medium\n");
  const wrong = await run("serve", "--check", "--dry-run", "nobody", path);
  expect(wrong.code).toBe(2);
});
