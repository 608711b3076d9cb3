import { createServer as createTcp } from "node:net";
import { request } from "node:http";
import { expect, it } from "vitest";
import { createServer } from "../../../src/server/server.js";
import { chunk, cuts, DONE, fails, ROLE, STOP, streams, USAGE_CHUNK } from "../mockUpstream.js";
import { COST, HELLO, KEY, running, UPSTREAM_KEY } from "../running.js";

const f = await running("metrics", (config) => ({
  ...config,
  admin: { port: 0 },
  models: { ...config.models, words: { upstream: "one", serves: "embeddings", price: { input: 0.5 } } },
  policies: {
    ...config.policies,
    paced: { budget: { dollars: 10, period: "month", requests: 100 }, maxTokens: 50 },
  },
  keys: [{ ...config.keys![0], policies: ["best", "paced"] }],
}));
const { mock } = f;
const scrape = async (): Promise<string> => {
  const answer = await fetch(`${f.adminUrl}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
};

/** The value of a series, with these labels among its own. */
async function valueOf(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = (await scrape())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const found = lines.filter((line) => wanted.every((label) => line.includes(label)));
  expect(found.length, `${name} ${wanted.join()}: ${lines.join("\n")}`).toBeLessThan(2);
  return found.length === 0 ? undefined : Number(found[0].slice(found[0].lastIndexOf(" ") + 1));
}

const ask = async (body: object = HELLO): Promise<Response> => {
  const answer = await f.post("/v1/chat/completions", body);
  await answer.text().catch(() => undefined);
  return answer;
};

it("counts tokens, dollars, attempts and requests by names of OpenTelemetry's conventions", async () => {
  await f.outcomeOf(await ask());
  const place = {
    gen_ai_operation_name: "chat",
    gen_ai_provider_name: "openai",
    gen_ai_request_model: "large",
  };
  expect(await valueOf("gen_ai_client_token_usage_sum", { ...place, gen_ai_token_type: "input" })).toBe(12);
  expect(await valueOf("gen_ai_client_token_usage_sum", { ...place, gen_ai_token_type: "output" })).toBe(3);
  expect(await valueOf("gen_ai_client_operation_duration_seconds_count", { ...place, error_type: "" })).toBe(
    1,
  );
  expect(await valueOf("gen_ai_server_request_duration_seconds_count", { optllm_policy: "best" })).toBe(1);
  expect(await valueOf("optllm_cost_dollars_total", { model: "large" })).toBeCloseTo(COST.large, 12);
  expect(await valueOf("optllm_requests_total", { api: "chat", key: "web", status: "200" })).toBe(1);
  expect(await valueOf("optllm_decision_duration_seconds_count", { policy: "best" })).toBe(1);
  expect(await valueOf("optllm_http_responses_total", { route: "/v1/chat/completions", status: "200" })).toBe(
    1,
  );
  expect(await valueOf("gen_ai_client_operation_time_to_first_chunk_seconds_count", place)).toBeUndefined();
});

it("counts the time to the first part of a stream", async () => {
  mock.next.push(streams(ROLE, chunk({ content: "a" }), STOP, USAGE_CHUNK, DONE));
  await f.outcomeOf(await ask({ ...HELLO, stream: true }));
  expect(
    await valueOf("gen_ai_client_operation_time_to_first_chunk_seconds_count", {
      gen_ai_request_model: "large",
    }),
  ).toBe(1);
});

it("shows how budgets stand: spent, held, planned, pace, λ and forecast", async () => {
  await f.outcomeOf(await ask({ ...HELLO, model: "policy/paced" }));
  const { budgets } = (await (await f.get("/policies/paced")).json()) as {
    budgets: Record<string, number>[];
  };
  const place = { policy: "paced", budget: "policy:paced" };
  const [standing] = budgets;
  for (const [name, field] of [
    ["limit_dollars", "budget"],
    ["spent_dollars", "spent"],
    ["reserved_dollars", "reserved"],
    ["lambda", "lambda"],
  ])
    expect(await valueOf(`optllm_budget_${name}`, place), name).toBe(standing[field]);
  expect(standing.budget).toBe(10);
  expect(standing.spent).toBeGreaterThan(0);
  // One of about a hundred requests has come.
  const planned = (await valueOf("optllm_budget_planned_dollars", place))!;
  expect(planned).toBeGreaterThan(0);
  expect(await valueOf("optllm_budget_pace_ratio", place)).toBeCloseTo(standing.spent / planned, 2);
  expect(await valueOf("optllm_budget_forecast_dollars", place)).toBeGreaterThan(standing.spent);
  // Nothing paces this one.
  expect(await valueOf("optllm_budget_lambda", { policy: "best", budget: "policy:best" })).toBe(0);
});

it("counts fallbacks and failures, and shows which models get no requests", async () => {
  mock.next.push(fails(500), cuts(ROLE, chunk({ content: "x" })));
  await f.outcomeOf(await ask());
  expect(await valueOf("optllm_fallbacks_total", { policy: "best", model: "medium" })).toBe(1);
  expect(
    await valueOf("gen_ai_client_operation_duration_seconds_count", {
      gen_ai_request_model: "large",
      error_type: "failed",
    }),
  ).toBe(1);
  mock.next.length = 0;
  expect(await valueOf("optllm_model_failing", { policy: "best", model: "large" })).toBe(0);
  mock.next.push(...Array.from({ length: 5 }, () => fails(500)));
  for (let k = 0; k < 5; k++) await f.outcomeOf(await ask({ ...HELLO, model: "large" }));
  mock.next.length = 0;
  expect(await valueOf("optllm_model_failing", { policy: "best", model: "large" })).toBe(1);
  expect(await valueOf("optllm_model_failing", { policy: "best", model: "small" })).toBe(0);
  expect(await valueOf("optllm_upstream_closed", { upstream: "two" })).toBe(0);
  mock.next.push(fails(503, {}, { "retry-after": "30" }));
  await f.outcomeOf(await ask({ ...HELLO, model: "small" }));
  expect(await valueOf("optllm_upstream_closed", { upstream: "two" })).toBe(1);
});

it("raises an alarm of drift", async () => {
  const place = { policy: "best", kind: "calibration", model: "medium" };
  expect(await valueOf("optllm_drift_alarm", place)).toBe(0);
  for (let k = 0; k < 80; k++) {
    const answer = await ask({ ...HELLO, model: "medium" });
    const decisionId = answer.headers.get("x-optllm-decision");
    expect((await f.post("/v1/feedback", { decisionId, score: 0 })).status).toBe(200);
  }
  expect(await valueOf("optllm_drift_alarm", place)).toBe(1);
});

it("has no label from a client: paths, models, statuses and ids leave no trace", async () => {
  await ask({ ...HELLO, model: "invented-model" });
  await f.get("/v1/invented-path?x=invented-query");
  await f.post("/v1/chat/completions", HELLO, { headers: { authorization: "Bearer invented-key" } });
  await f.post("/v1/chat/completions", HELLO, {
    headers: { "x-request-id": "invented-id", "x-optllm-session": "invented-session" },
  });
  mock.next.push(fails(418, { error: { message: "invented-error", code: "invented-code" } }));
  await ask({ ...HELLO, model: "medium" });
  await f.post("/v1/embeddings", { model: "words", input: "invented text" });
  const text = await scrape();
  expect(text).not.toContain("invented");
  expect(text).not.toContain(KEY);
  expect(text).not.toContain(UPSTREAM_KEY);
  expect(await valueOf("optllm_http_responses_total", { route: "unknown" })).toBe(1);
  expect(await valueOf("optllm_requests_total", { api: "chat", status: "4xx" })).toBe(1);
});

it("answers only to names of this machine, and changes nothing", async () => {
  const { port } = new URL(f.adminUrl);
  const statusAs = (host: string): Promise<number | undefined> =>
    new Promise((resolve) =>
      request({ port, path: "/metrics", headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end(),
    );
  expect(await statusAs(`localhost:${port}`)).toBe(200);
  expect(await statusAs("evil.example")).toBe(403);
  expect((await fetch(`${f.adminUrl}/metrics`, { method: "POST" })).status).toBe(404);
  // The port for clients does not have it.
  expect((await f.get("/metrics")).status).toBe(404);
});

it("is not there without the admin port; a port that is taken is named", async () => {
  const taken = createTcp();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const server = await createServer({ ...f.config, admin: { port } }, { env: { UPSTREAM_KEY } });
  await expect(server.listen()).rejects.toThrow(`admin: 127.0.0.1:${port} cannot be used (EADDRINUSE)`);
  await server.close();
  taken.close();
  const without = await createServer({ ...f.config, admin: false }, { env: { UPSTREAM_KEY } });
  expect(await without.listen()).toHaveProperty("adminUrl", undefined);
  await without.close();
});
