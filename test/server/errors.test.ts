import { request as httpRequest } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { completion, fails, json, silent } from "./mockUpstream.js";
import { COST, HELLO, KEY, running, sha256, UPSTREAM_KEY, until } from "./running.js";

const f = await running("errors", (config) => ({
  ...config,
  keys: [
    ...config.keys!,
    { name: "slow", sha256: sha256("slow-key"), policies: ["best"], requestsPerMinute: 2 },
    {
      name: "poor",
      sha256: sha256("poor-key"),
      policies: ["best"],
      budget: { dollars: 0.0001, period: "day", isPaced: false },
    },
    { name: "few", sha256: sha256("few-key"), policies: ["other", "best"], models: ["small"] },
  ],
  policies: { ...config.policies, other: { lambda: 0, models: ["small", "medium"], maxTokens: 77 } },
  models: { ...config.models, words: { upstream: "one", serves: "embeddings", price: { input: 0.02 } } },
  limits: { bodyBytes: 10_000, jsonDepth: 12 },
}));
const { mock } = f;

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}
const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
async function errorOf(
  answer: Response | Promise<Response>,
): Promise<ErrorBody["error"] & { status: number }> {
  const response = await answer;
  const body = (await response.json()) as ErrorBody;
  expect(Object.keys(body)).toEqual(["error"]);
  expect(Object.keys(body.error).sort()).toEqual(["code", "message", "param", "type"]);
  return { status: response.status, ...body.error };
}
const ask = (body: unknown, key = KEY) => f.post("/v1/chat/completions", body, as(key));

it("charges for embeddings whose answer breaks off", async () => {
  const { spent } = await f.money();
  mock.next.push((response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 1_000 });
    response.write('{"object":', () => response.destroy());
  });
  const answer = await f.post("/v1/embeddings", { model: "words", input: "good morning ".repeat(200) });
  expect(answer.status).toBe(502);
  expect((await f.outcomeOf(answer)).isEstimated).toBe(true);
  expect((await f.money()).spent).toBeGreaterThan(spent);
});

it("charges as predicted for a request that was sent and whose connection broke before an answer", async () => {
  mock.next.push((response) => void response.destroy());
  const answer = await ask(HELLO);
  expect(answer.status).toBe(200);
  const outcome = await f.outcomeOf(answer);
  expect(outcome).toMatchObject({ attempts: 2, isEstimated: true });
  expect(outcome.cost).toBeGreaterThan(Number(answer.headers.get("x-optllm-cost")));
});

describe("8. errors have OpenAI's shape", () => {
  it.each([
    ["no JSON", "{", { status: 400, code: "invalid_json" }],
    ["a list", "[]", { status: 400, code: "invalid_json" }],
    [
      "no messages",
      { model: "auto" },
      { status: 400, param: "messages", code: "missing_required_parameter" },
    ],
    [
      "a message that is a text",
      { ...HELLO, messages: ["hello"] },
      { status: 400, param: "messages[0]", code: "invalid_type" },
    ],
    [
      "a wrong limit",
      { ...HELLO, max_tokens: -1 },
      { status: 400, param: "max_tokens", code: "invalid_value" },
    ],
    ["a wrong n", { ...HELLO, n: 1e9 }, { status: 400, param: "n" }],
    ["no model", { messages: HELLO.messages }, { status: 400, param: "model" }],
    ["an unknown model", { ...HELLO, model: "gpt-9" }, { status: 404, code: "model_not_found" }],
    ["an unknown policy", { ...HELLO, model: "policy/x" }, { status: 404, code: "model_not_found" }],
    ["a name of the prototype", { ...HELLO, model: "constructor" }, { status: 404, code: "model_not_found" }],
    ["another's policy", { ...HELLO, model: "policy/other" }, { status: 403, code: "policy_not_allowed" }],
    ["a model for embeddings", { ...HELLO, model: "words" }, { status: 404, code: "model_not_found" }],
    [
      "more than any context",
      { ...HELLO, max_tokens: 1e8, model: "large" },
      { status: 400, code: "context_length_exceeded" },
    ],
    [
      "what no model can",
      { ...HELLO, reasoning_effort: "high" },
      { status: 400, code: "unsupported_parameter" },
    ],
    [
      "too many bytes",
      JSON.stringify({ ...HELLO, x: "y".repeat(10_000) }),
      { status: 413, code: "body_too_large" },
    ],
    ["too much depth", `{"x":${"[".repeat(13)}${"]".repeat(13)}}`, { status: 400, code: "json_too_deep" }],
    [
      "a poisoned body",
      '{"__proto__": {"model": "auto"}, "messages": [{"role":"user","content":"x"}]}',
      { status: 400, param: "model" },
    ],
  ])("for %s", async (_, body, expected) => {
    const { length } = mock.seen;
    expect(await errorOf(ask(body))).toMatchObject(expected);
    expect(mock.seen).toHaveLength(length);
  });

  it("for a wrong key, a missing key, another content type and an unknown address", async () => {
    expect(await errorOf(ask(HELLO, "wrong"))).toMatchObject({
      status: 401,
      code: "invalid_api_key",
      type: "authentication_error",
    });
    expect(await errorOf(fetch(`${f.url}/v1/models`))).toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
    const text = { headers: { "content-type": "text/plain" } };
    expect(await errorOf(f.post("/v1/chat/completions", "hello", text))).toMatchObject({ status: 415 });
    expect(await errorOf(f.get("/v1/nothing"))).toMatchObject({ status: 404, code: "not_found" });
  });

  it("for a key that is over its rate: 429 with the time to wait", async () => {
    const statuses: number[] = [];
    for (let k = 0; k < 3; k++) statuses.push((await ask(HELLO, "slow-key")).status);
    expect(statuses).toEqual([200, 200, 429]);
    const answer = await ask(HELLO, "slow-key");
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(30);
    expect(await errorOf(answer)).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
  });

  it("for a budget without room: 429 insufficient_quota that names it and is not to be retried", async () => {
    const answer = await ask({ ...HELLO, max_tokens: 90_000 }, "poor-key");
    expect(answer.headers.get("x-should-retry")).toBe("false");
    const error = await errorOf(answer);
    expect(error).toMatchObject({ status: 429, code: "insufficient_quota", type: "insufficient_quota" });
    expect(error.message).toMatch(/budget key:poor has no room .*renewed at 20/);
  });

  it("for a request that the upstream refuses: its own error, cleaned, and no other model", async () => {
    const { length } = mock.seen;
    const refused = {
      message: `bad ${UPSTREAM_KEY} \u001b[31m`,
      type: "invalid_request_error",
      param: "tools",
      code: "bad_tool",
      extra: 1,
    };
    mock.next.push(fails(400, { error: refused }));
    const error = await errorOf(ask(HELLO));
    expect(error).toEqual({
      status: 400,
      message: "bad [hidden] \\u001b[31m",
      type: "invalid_request_error",
      param: "tools",
      code: "bad_tool",
    });
    expect(mock.seen).toHaveLength(length + 1);
  });

  it("for attempts that are exhausted: three, and the client is told not to begin anew", async () => {
    const { length } = mock.seen;
    mock.next.push(fails(500), fails(503), fails(500));
    const answer = await ask(HELLO);
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(await errorOf(answer)).toMatchObject({
      status: 502,
      code: "upstream_error",
      type: "server_error",
    });
    expect(
      mock.seen
        .slice(length)
        .map(({ body }) => body.model)
        .sort(),
    ).toEqual(["large-2026", "medium-2026", "small-2026"]);
    expect((await f.money()).reserved).toBe(0);
  });

  it("for a model that was named: no other answers, and the client may ask again", async () => {
    const { length } = mock.seen;
    await until(async () => (await ask({ ...HELLO, model: "small" })).status === 200, "the pause to end");
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    mock.next.push(fails(429, { error: {} }, { "retry-after": "1" }));
    const answer = await ask({ ...HELLO, model: "small" });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("x-should-retry")).toBeNull();
    expect(mock.seen.length - length).toBe(2);
    // The upstream is left alone for a second.
    vi.setSystemTime(Date.now() + 999);
    const paused = await ask({ ...HELLO, model: "small" });
    expect(paused.headers.get("retry-after")).toBe("1");
    expect(await errorOf(paused)).toMatchObject({ status: 503, code: "upstream_unavailable" });
    vi.setSystemTime(Date.now() + 1);
    expect((await ask({ ...HELLO, model: "small" })).status).toBe(200);
  });

  it("14. for a deadline that is over: 504, with the cost settled", async () => {
    const short = await running("deadline", (config) => ({ ...config, limits: { deadlineSeconds: 0.5 } }));
    short.mock.usually = silent;
    const answer = await short.post("/v1/chat/completions", HELLO);
    expect(await errorOf(answer)).toMatchObject({ status: 504, code: "deadline_exceeded" });
    expect((await short.outcomeOf(answer)).cost).toBeGreaterThan(0);
    expect((await short.money()).reserved).toBe(0);
  });
});

describe("9. an upstream that refuses our key", () => {
  it.each([401, 403])(
    "with %s becomes 502, and no key is in any header, body, note or record",
    async (status) => {
      const refusal = {
        error: { message: `Incorrect API key provided: ${UPSTREAM_KEY}`, code: "invalid_api_key" },
      };
      mock.next.push(fails(status, refusal, { "x-key": UPSTREAM_KEY }));
      const answer = await ask({ ...HELLO, model: "large" });
      expect(answer.status).toBe(502);
      const all = JSON.stringify([await answer.text(), [...answer.headers], f.outcomes, f.notes]);
      expect(all).toContain("refuses the server's credentials");
      for (const secret of [UPSTREAM_KEY, KEY, "Incorrect API key"]) expect(all).not.toContain(secret);
    },
  );
});

describe("10. headers", () => {
  it("that are hop-by-hop, the client's key, cookies, host and ours do not reach the upstream; few come back", async () => {
    mock.next.push((response, { body }) =>
      json(response, completion(body.model), 200, {
        "set-cookie": "a=b",
        "x-upstream": "1",
        "openai-processing-ms": "7",
        connection: "x-drop",
      }),
    );
    const sent = {
      cookie: "c=d",
      "x-optllm-session": "s",
      te: "trailers",
      "proxy-authorization": "p",
      "x-forwarded-for": "1.2.3.4",
      "user-agent": "me/1",
    };
    const { status, headers } = await new Promise<{ status?: number; headers: object }>((resolve, reject) => {
      const body = JSON.stringify({ ...HELLO, model: "large" });
      const outgoing = httpRequest(
        `${f.url}/v1/chat/completions`,
        {
          method: "POST",
          headers: { ...sent, authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode, headers: answer.headers });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
    expect(status).toBe(200);
    const got = mock.seen.at(-1)!.headers;
    expect(Object.keys(got).sort()).toEqual([
      "accept-encoding",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "user-agent",
      "x-request-id",
    ]);
    expect(got).toMatchObject({ authorization: `Bearer ${UPSTREAM_KEY}`, "user-agent": "me/1" });
    expect(got.host).not.toBe(new URL(f.url).host);
    expect(headers).not.toHaveProperty("set-cookie");
    expect(headers).not.toHaveProperty("x-upstream");
    expect(headers).toMatchObject({ "openai-processing-ms": "7" });
  });
});

describe("11. model", () => {
  it.each([
    ["auto", KEY, "large", "best"],
    ["policy/best", KEY, "large", "best"],
    ["small", KEY, "small", "best"],
    ["auto", "few-key", "small", "other"],
    ["policy/best", "few-key", "small", "best"],
  ])("%s of %s is answered by %s, and the answer tells which", async (model, key, chosen, policy) => {
    await until(async () => (await ask({ ...HELLO, model: "small" })).status === 200, "the pause to end");
    const answer = await f.post(
      "/v1/chat/completions",
      { ...HELLO, model },
      { headers: { ...as(key).headers, "x-request-id": "mine-1" } },
    );
    const { headers } = answer;
    expect(((await answer.json()) as { model: string }).model).toBe(`${chosen}-2026`);
    expect(headers.get("x-optllm-model")).toBe(chosen);
    expect(headers.get("x-optllm-policy")).toBe(policy);
    expect(headers.get("x-optllm-decision")).toMatch(/^[\w-]+$/);
    expect(Number(headers.get("x-optllm-cost"))).toBeCloseTo(COST[chosen as keyof typeof COST], 12);
    expect(headers.get("x-request-id")).toBe("mine-1");
  });

  it("gets a request id where the client gives none, or one that is no id", async () => {
    const { headers } = await f.post("/v1/chat/completions", HELLO, {
      headers: { "x-request-id": "a b<script>" },
    });
    expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

it("12. /v1/models lists what the key may use", async () => {
  const list = async (key: string): Promise<string[]> => {
    const { data } = (await (await f.get("/v1/models", as(key).headers)).json()) as {
      data: { id: string }[];
    };
    return data.map(({ id }) => id);
  };
  expect(await list(KEY)).toEqual(["auto", "policy/best", "small", "medium", "large", "words"]);
  expect(await list("few-key")).toEqual(["auto", "policy/other", "policy/best", "small"]);
});

describe("13. the limit of an answer", () => {
  const bodyFor = async (body: object, key = KEY): Promise<Record<string, unknown>> => {
    expect((await ask({ ...HELLO, max_tokens: undefined, ...body }, key)).status).toBe(200);
    return mock.seen.at(-1)!.body;
  };

  it("has the name that the upstream knows", async () => {
    for (const field of ["max_tokens", "max_completion_tokens"]) {
      const mapped = await bodyFor({ model: "medium", [field]: 40 });
      expect(mapped).toMatchObject({ max_tokens: 40 });
      expect(mapped).not.toHaveProperty("max_completion_tokens");
      expect(await bodyFor({ model: "large", [field]: 40 })).toMatchObject({ [field]: 40 });
    }
  });

  it("is the policy's where a request sets none", async () => {
    expect(await bodyFor({}, "few-key")).toMatchObject({ max_completion_tokens: 77 });
    expect(await bodyFor({ max_tokens: 5 }, "few-key")).toMatchObject({ max_tokens: 5 });
  });

  it("and an effort of reasoning keep out models that cannot serve them", async () => {
    expect((await bodyFor({ max_tokens: 99_990 })).model).not.toBe("large-2026");
    expect(await bodyFor({ reasoning_effort: "none" })).toMatchObject({ reasoning_effort: "none" });
  });
});
