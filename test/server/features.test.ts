import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { Random } from "../../src/random.js";
import { createServer, type Server } from "../../src/server/server.js";
import type { Dataset } from "../../src/types.js";
import { HELLO, KEY, running, UPSTREAM_KEY } from "./running.js";

const f = await running("features");

/** The task alone decides whether small or large is right. */
function labelled(): Dataset {
  const random = new Random(3);
  const tasks = Array.from({ length: 120 }, () => ["verse", "law"][random.below(2)]);
  return {
    ids: tasks.map((_, q) => String(q)),
    models: ["small", "medium", "large"],
    queries: tasks.map(() => `${random.below(1e6)}`),
    outcome: Float32Array.from(tasks.flatMap((task) => [+(task === "verse"), 0, +(task === "law")])),
    cost: new Float32Array(3 * tasks.length).fill(0.001),
    columns: new Map([["task", tasks]]),
  };
}

const log = { path: join(f.folder, "log.jsonl") };
let url = "";
let server: Server;
const predictor = join(f.folder, "columns.optllm");
const servers: Server[] = [];

async function start(options: { dryRun?: string } = {}): Promise<string> {
  const config = { ...f.config, predictor, ...(options.dryRun === undefined && { log }) };
  server = await createServer(config, { env: { UPSTREAM_KEY }, ...options });
  servers.push(server);
  return (await server.listen()).url;
}

beforeAll(async () => {
  const options = { predictor: "logistic", featureColumns: ["task"] } as const;
  writeFileSync(predictor, savePredictor(await fitPredictor(labelled(), [], options)));
  url = await start();
  return () => Promise.all(servers.map((one) => one.close()));
});

const ask = (path: string, body: object, at = url): Promise<Response> =>
  fetch(at + path, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const told = (task: string) => ({ optllm: { features: { task } } });
const RESPONSE = { model: "auto", input: "Translate", max_output_tokens: 50 };

it("requests of both endpoints tell features, which no upstream gets", async () => {
  for (const [path, body] of [
    ["/v1/chat/completions", HELLO],
    ["/v1/responses", RESPONSE],
  ] as const) {
    for (const [task, model] of [
      ["verse", "small"],
      ["law", "large"],
    ]) {
      const answer = await ask(path, { ...body, ...told(task) });
      expect([answer.status, answer.headers.get("x-optllm-model")]).toEqual([200, model]);
      await answer.text();
      expect(Object.keys(f.mock.seen.at(-1)!.body)).not.toContain("optllm");
    }
  }
});

it("a decision alone takes them, and an unseen value is as good as none", async () => {
  const decided = async (task: string) =>
    (await (await ask("/v1/route", { ...HELLO, ...told(task) })).json()) as { probability: number };
  expect(await decided("verse")).toMatchObject({ model: "small" });
  const [unseen, blank] = [await decided("cookery"), await decided("")];
  expect(unseen.probability).toBe(blank.probability);
});

it.each([
  [HELLO, "missing_features", /needs to know task of each request; give optllm\.features/],
  [{ ...HELLO, optllm: { features: { tenant: "x" } } }, "missing_features", /needs to know task/],
  [{ ...HELLO, optllm: { features: { task: { a: 1 } } } }, null, /optllm\/?\.?features/],
  [{ ...HELLO, optllm: { feature: { task: "law" } } }, null, /optllm/],
  [JSON.parse('{"optllm":{"features":{"__proto__":{"task":"law"}}}}') as object, null, /./],
])("refuses %j", async (body, code, message) => {
  const answer = await ask("/v1/chat/completions", { ...HELLO, ...body });
  const { error } = (await answer.json()) as { error: { code: string; message: string; param: string } };
  expect(answer.status).toBe(400);
  if (code !== null) expect([error.code, error.param]).toEqual([code, "optllm.features"]);
  expect(error.message).toMatch(message);
});

it("a dry run passes on what does not tell them", async () => {
  const answer = await ask("/v1/chat/completions", HELLO, await start({ dryRun: "medium" }));
  expect([answer.status, answer.headers.get("x-optllm-would")]).toEqual([200, "none"]);
  await answer.text();
});

it("the log has them, so that a predictor can be fitted again", async () => {
  await servers[0].close();
  const lines = readFileSync(log.path, "utf8").trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { type?: string; features?: object });
  const decisions = records.filter(({ type }) => type === "decision");
  expect(decisions.map(({ features }) => features)).toContainEqual({ task: "law" });
});
