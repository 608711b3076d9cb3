import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readDecisions } from "../../src/online/log/reader.js";
import { createServer } from "../../src/server/server.js";
import { run } from "../cli/run.js";
import { chunk, cuts, fails, json, ROLE } from "./mockUpstream.js";
import { COST, HELLO, KEY, running, sha256, until, UPSTREAM_KEY } from "./running.js";

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
);
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
afterAll(() => {
  trace.disable();
  propagation.disable();
});

const f = await running("observed", (config) => ({
  ...config,
  admin: { port: 0 },
  upstreams: { ...config.upstreams, two: { ...config.upstreams.two, passTrace: true } },
  policies: { ...config.policies, drawn: { lambda: 10, explore: 0.5 } },
  keys: [{ name: "web", sha256: sha256(KEY), policies: ["best", "drawn"] }],
  log: { path: join(config.predictor, "../decisions.jsonl"), maxBytes: 4_096 },
}));
const { mock } = f;
const logPath = f.config.log!.path;
const ask = async (body: object = HELLO, headers: Record<string, string> = {}): Promise<Response> => {
  const answer = await f.post("/v1/chat/completions", body, { headers });
  await answer.text().catch(() => undefined);
  await f.outcomeOf(answer);
  return answer;
};
beforeEach(() => {
  mock.next.length = 0;
  exporter.reset();
});

describe("the log of decisions", () => {
  it("is rotated, and read by replay, which finds every request with its dollars and its score", async () => {
    const ids: string[] = [];
    for (let k = 0; k < 60; k++) {
      const answer = await ask({ ...HELLO, model: "policy/drawn" });
      ids.push(answer.headers.get("x-optllm-decision")!);
    }
    await f.post("/v1/feedback", { decisionId: ids[0], score: 1 });
    mock.next.push(fails(500));
    await ask();
    let log = await readDecisions(logPath);
    const isWhole = async (): Promise<boolean> => {
      log = await readDecisions(logPath);
      return log.requests[60]?.spent > 0 && log.requests[0].score === 1;
    };
    await until(isWhole, "the records");
    expect(readdirSync(f.folder)).toContain("decisions.jsonl.1");
    expect(log).toMatchObject({ unmatched: 0, cut: 0 });
    expect(log.requests).toHaveLength(61);
    expect(log.requests.slice(0, 60).map(({ id }) => id)).toEqual(ids);
    expect(log.requests[0].score).toBe(1);
    // The failed attempt cost nothing, the next one its answer.
    expect(log.requests[60].spent).toBeCloseTo(COST.medium, 12);
    const { code, out } = await run("replay", logPath, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ log: { unmatched: 0 }, logged: { requests: 61 } });
  });

  it("has no text unless it is asked for, and is written by one server at a time", async () => {
    expect(readFileSync(logPath, "utf8")).not.toContain("good morning");
    await expect(createServer(f.config, { env: { UPSTREAM_KEY } })).rejects.toThrow(/decisions\.jsonl/);
    const path = join(f.folder, "texts.jsonl");
    const config = { ...f.config, admin: false as const, log: { path, texts: true } };
    const server = await createServer(config, { env: { UPSTREAM_KEY } });
    const { url } = await server.listen();
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    await fetch(`${url}/v1/route`, { method: "POST", headers, body: JSON.stringify(HELLO) });
    await server.close();
    expect((await readDecisions(path)).requests).toMatchObject([{ text: "Translate: good morning" }]);
  });

  it("becomes Parquet where that is wanted, which replay reads", async () => {
    const path = join(f.folder, "as-parquet.jsonl");
    const log = { path, format: "parquet" as const, maxBytes: 4_096 };
    const server = await createServer({ ...f.config, admin: false, log }, { env: { UPSTREAM_KEY } });
    const { url } = await server.listen();
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const body = JSON.stringify({ ...HELLO, model: "policy/drawn" });
    // The log is written each 100 ms, and put aside between two writings.
    for (let k = 0; k < 60; k++) {
      const answer = await fetch(`${url}/v1/route`, { method: "POST", headers, body });
      expect(answer.status).toBe(200);
      if (k % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await server.close();
    const files = readdirSync(f.folder).filter((file) => file.startsWith("as-parquet"));
    expect(files.sort().slice(0, 2)).toEqual(["as-parquet.jsonl", "as-parquet.jsonl.1.parquet"]);
    expect(files.every((file) => /\.jsonl(\.\d+\.parquet)?$/.test(file))).toBe(true);
    const { code, out } = await run("replay", path, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ log: { files: files.length }, logged: { requests: 60 } });
  });
});

describe("spans", () => {
  const spans = (kind: SpanKind): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => span.kind === kind);

  it("are one for the request and one for each attempt, and continue the client's trace", async () => {
    mock.next.push(fails(500));
    await ask(HELLO, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
    const [request] = spans(SpanKind.SERVER);
    const [failed, answered] = spans(SpanKind.CLIENT);
    expect(request.name).toBe("POST /v1/chat/completions");
    expect(request.spanContext().traceId).toBe("a".repeat(32));
    expect(request.parentSpanContext?.spanId).toBe("b".repeat(16));
    expect(request.attributes).toMatchObject({
      "http.response.status_code": 200,
      "optllm.attempts": 2,
      "optllm.model": "medium",
      "optllm.cost": COST.medium,
    });
    expect(failed).toMatchObject({ name: "chat large-2026", status: { code: SpanStatusCode.ERROR } });
    expect(failed.attributes).toMatchObject({ "error.type": "failed" });
    expect(answered.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "medium-2026",
      "gen_ai.request.max_tokens": 50,
      "gen_ai.usage.input_tokens": 12,
      "gen_ai.usage.output_tokens": 3,
      "server.address": "127.0.0.1",
      "optllm.policy": "best",
      "optllm.reason": "fallback",
    });
    for (const span of [failed, answered]) {
      expect(span.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    }
  });

  it("say that a stream broke off", async () => {
    mock.next.push(cuts(ROLE, chunk({ content: "x" })));
    await ask({ ...HELLO, stream: true });
    const [request] = spans(SpanKind.SERVER);
    expect(request.status.code).toBe(SpanStatusCode.ERROR);
    expect(request.attributes["http.response.status_code"]).toBe(200);
  });

  it("are known to an upstream only where it is configured so", async () => {
    await ask({ ...HELLO, model: "large" }, { traceparent: `00-${"c".repeat(32)}-${"d".repeat(16)}-01` });
    expect(mock.seen.at(-1)!.headers).not.toHaveProperty("traceparent");
    exporter.reset();
    await ask({ ...HELLO, model: "small" }, { traceparent: `00-${"c".repeat(32)}-${"d".repeat(16)}-01` });
    const { spanId } = spans(SpanKind.CLIENT)[0].spanContext();
    expect(mock.seen.at(-1)!.headers.traceparent).toBe(`00-${"c".repeat(32)}-${spanId}-01`);
  });
});

it("shows no key of either side, and no text, in any body, log, span, metric or outcome", async () => {
  const shown: string[] = [];
  const send = async (path: string, body: unknown, headers?: Record<string, string>): Promise<void> => {
    const answer = await f.post(path, body, { headers });
    shown.push(JSON.stringify([...answer.headers]), await answer.text());
  };
  const leaks = {
    error: { message: `Incorrect key ${UPSTREAM_KEY}`, code: UPSTREAM_KEY, type: UPSTREAM_KEY },
  };
  mock.next.push(fails(400, leaks));
  await send("/v1/chat/completions", HELLO);
  mock.next.push(fails(401, leaks), fails(403, leaks), fails(429, leaks));
  await send("/v1/chat/completions", HELLO);
  mock.next.push((response) => json(response, `{"text": "${UPSTREAM_KEY} good morning`));
  await send("/v1/chat/completions", { ...HELLO, model: "small" });
  await send("/v1/chat/completions", HELLO, { authorization: `Bearer ${KEY}x` });
  await send("/v1/chat/completions", `{"model": "${KEY}`);
  await send("/v1/route", HELLO);
  await send("/v1/feedback", { decisionId: "x", score: 1 });
  shown.push(await (await f.get("/policies/best")).text(), await (await f.get("/v1/models")).text());
  shown.push(await (await fetch(`${f.adminUrl}/metrics`)).text());
  for (const file of readdirSync(f.folder).filter((name) => name.startsWith("decisions")))
    shown.push(readFileSync(join(f.folder, file), "utf8"));
  const attributes = exporter.getFinishedSpans().map(({ name, attributes, events, status }) => ({
    name,
    attributes,
    events,
    status,
  }));
  shown.push(JSON.stringify(attributes), JSON.stringify(f.outcomes), f.notes.join("\n"));
  expect(attributes.length).toBeGreaterThan(4);
  const all = shown.join("\n");
  expect(all).not.toContain(UPSTREAM_KEY);
  expect(all).not.toContain(`${KEY}x`);
  expect(all).not.toMatch(new RegExp(`${KEY}|${sha256(KEY)}|good morning`));
});
