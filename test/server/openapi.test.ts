import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { version } from "../../src/package.js";
import { HELLO, running } from "./running.js";

const f = await running("openapi", (config) => ({
  ...config,
  models: { ...config.models, words: { upstream: "one", serves: "embeddings", price: { input: 0.02 } } },
}));

interface Operation {
  summary: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<
    string,
    { description?: string; $ref?: string; content?: Record<string, { schema?: object }> }
  >;
}
interface Document {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { responses: { Error: { content: Record<string, { schema: object }> } } };
}
const answer = await fetch(`${f.url}/openapi.json`);
const document = (await answer.json()) as Document;
const { paths, components } = document;
const ajv = new Ajv({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  formats: { binary: true },
});
const schemaOf = (path: string, method: string): object =>
  paths[path][method].responses[200].content!["application/json"].schema!;
const errorSchema = components.responses.Error.content["application/json"].schema;

/** Fails with what is wrong. */
function expectValid(schema: object, value: unknown): void {
  const validate = ajv.compile(schema);
  validate(value);
  expect([validate.errors, value]).toEqual([null, value]);
}

it("needs no key, and describes every endpoint for clients, each with its summary and its answers", () => {
  expect([answer.status, document.openapi, document.info.version]).toEqual([200, "3.1.0", version]);
  expect(
    Object.entries(paths).flatMap(([path, all]) => Object.keys(all).map((method) => `${method} ${path}`)),
  ).toEqual([
    "get /healthz",
    "get /readyz",
    "get /openapi.json",
    "post /v1/chat/completions",
    "post /v1/responses",
    "post /v1/route",
    "post /v1/feedback",
    "post /v1/embeddings",
    "get /v1/models",
    "get /policies/{name}",
    "post /v1/solve",
  ]);
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { summary, parameters = [], requestBody, responses }] of Object.entries(operations)) {
      expect(summary.length, path).toBeGreaterThan(5);
      expect(responses[200].description!.length).toBeGreaterThan(1);
      expect(parameters.filter((one) => one.in === "path").map(({ name }) => `{${name}}`)).toEqual(
        path.match(/\{\w+\}/g) ?? [],
      );
      expect(requestBody === undefined).toBe(method === "get");
      for (const { schema } of Object.values(requestBody?.content ?? {})) ajv.compile(schema);
    }
  expect(Object.keys(paths["/v1/solve"].post.requestBody!.content)).toEqual([
    "application/json",
    "multipart/form-data",
  ]);
  expect(paths["/v1/chat/completions"].post.responses[200].content).toHaveProperty("text/event-stream");
});

it("describes the answers that come", async () => {
  const json = async (response: Response | Promise<Response>): Promise<unknown> => (await response).json();
  for (const path of ["/healthz", "/readyz", "/v1/models"])
    expectValid(schemaOf(path, "get"), await json(f.get(path)));
  const chat = await f.post("/v1/chat/completions", HELLO);
  const decisionId = chat.headers.get("x-optllm-decision");
  await chat.text();
  expectValid(schemaOf("/policies/{name}", "get"), await json(f.get("/policies/best")));
  for (const body of [
    HELLO,
    { input: "a text", reasoning: { effort: "none" } },
    { ...HELLO, model: "small" },
  ])
    expectValid(schemaOf("/v1/route", "post"), await json(f.post("/v1/route", body)));
  expectValid(schemaOf("/v1/feedback", "post"), await json(f.post("/v1/feedback", { decisionId, score: 1 })));
  const problem = {
    models: ["a", "b"],
    cost: [
      [1, 2],
      [1, 3],
    ],
    successProbability: [
      [0.5, 0.9],
      [0.6, 0.9],
    ],
  };
  for (const [status, more] of [
    ["chosen", { target: { budget: 3 } }],
    ["chosen", { target: { budget: 0.5 + 1e6 } }],
    ["infeasible", { target: { budget: 1 } }],
    ["chosen", { target: { knee: true }, constraints: { limit: "b: 1 queries" } }],
    ["infeasible", { target: { budget: 3 }, constraints: { limit: "b: at least 2 queries" } }],
  ] as const) {
    const choice = (await json(f.post("/v1/solve", { ...problem, ...more }))) as { status: string };
    expect(choice.status).toBe(status);
    expectValid(schemaOf("/v1/solve", "post"), choice);
  }
});

it("describes the errors that come, and refuses what its schemas refuse", async () => {
  for (const [path, body] of [
    ["/v1/chat/completions", { model: "auto" }],
    ["/v1/chat/completions", { model: "nobody", messages: HELLO.messages }],
    ["/v1/responses", { model: "auto", input: [] }],
    ["/v1/route", {}],
    ["/v1/feedback", { decisionId: 5 }],
    ["/v1/embeddings", { model: "words" }],
    ["/v1/solve", { models: [] }],
  ] as const) {
    const refused = await f.post(path, body);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expectValid(errorSchema, await refused.json());
    const validate = ajv.compile(paths[path].post.requestBody!.content["application/json"].schema);
    expect(validate(body)).toBe(refused.status === 404);
  }
});

it("records requests that are refused before they begin", async () => {
  const { length } = f.outcomes;
  await f.post("/v1/chat/completions", { model: "auto" });
  await f.post("/v1/responses", "{");
  await f.post("/v1/solve", { models: 5 });
  await f.post("/v1/feedback", {});
  expect(f.outcomes.slice(length)).toMatchObject([
    { api: "chat/completions", key: "web", status: 400, attempts: 0, cost: 0 },
    { api: "responses", status: 400, error: "invalid_json" },
    { api: "solve", status: 400 },
  ]);
});
