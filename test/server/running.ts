import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import { readDataset } from "../../src/rows/dataset.js";
import type { Outcome } from "../../src/server/proxy/call.js";
import type { ServerConfig } from "../../src/server/config/types.js";
import { createServer, type Server } from "../../src/server/server.js";
import { testFolder } from "../cli/run.js";
import { startMock, type Mock } from "./mockUpstream.js";

export const KEY = "test-key-of-the-client";
export const UPSTREAM_KEY = "sk-upstream-secret-0123456789";
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Dollars of 12 tokens in and 3 out at the prices below. */
export const COST = {
  small: (12 * 0.1 + 3 * 0.4) / 1e6,
  medium: (12 * 1 + 3 * 4) / 1e6,
  large: (12 * 3 + 3 * 12) / 1e6,
};

const sample = fileURLToPath(new URL("../../examples/data/labelled.csv", import.meta.url));

/** A predictor of base rates for small, medium and large, which are the better the larger. */
export async function writePredictor(path: string): Promise<void> {
  writeFileSync(path, await (fitted ??= fit()));
}

let fitted: Promise<Uint8Array> | undefined;

async function fit(): Promise<Uint8Array> {
  const rows = await readDataset(sample, {});
  return savePredictor(await fitPredictor(rows, [], { predictor: "base-rate" }));
}

export interface Fixture {
  mock: Mock;
  server: Server;
  url: string;
  adminUrl: string;
  config: ServerConfig;
  notes: string[];
  outcomes: Outcome[];
  folder: string;
  /** A request with the client's key. */
  post(
    path: string,
    body: unknown,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The outcome of the request that got this answer, once it is over. */
  outcomeOf(answer: Response): Promise<Outcome>;
  /** Dollars spent and reserved of the policy. */
  money(): Promise<{ spent: number; reserved: number }>;
}

/** A server between these tests and a mock upstream, with a policy that takes the best model: large, medium, small. */
export async function running(
  name: string,
  change: (config: ServerConfig) => ServerConfig = (config) => config,
): Promise<Fixture> {
  const { folder } = testFolder(name);
  const predictor = join(folder, "base.optllm");
  await writePredictor(predictor);
  const mock = await startMock();
  const config = change(baseConfig(predictor, mock.baseUrl));
  const notes: string[] = [];
  const outcomes: Outcome[] = [];
  const server = await createServer(config, {
    env: { UPSTREAM_KEY },
    onNote: (text) => notes.push(text),
    onRequest: (outcome) => outcomes.push(outcome),
  });
  const { url, adminUrl = "" } = await server.listen();
  afterAll(async () => {
    await server.close();
    await mock.close();
  });
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const get: Fixture["get"] = (path, more) => fetch(url + path, { headers: { ...headers, ...more } });
  return {
    ...{ mock, server, url, adminUrl, config, notes, outcomes, folder, get },
    post: (path, body, options = {}) =>
      fetch(url + path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...options,
        headers: { ...headers, ...options.headers },
      }),
    outcomeOf: async (answer) => {
      const id = answer.headers.get("x-request-id");
      const find = (): Outcome | undefined => outcomes.find(({ requestId }) => requestId === id);
      await until(() => find() !== undefined, `the end of request ${id}`);
      return find()!;
    },
    money: async () => {
      const { budgets } = (await (await get("/policies/best")).json()) as {
        budgets: { name: string; spent: number; reserved: number }[];
      };
      return budgets.find((budget) => budget.name === "policy:best")!;
    },
  };
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Less than a test's own limit, so that a test which waits in vain says for what. */
const NEVER_MS = 240_000;

/** Waits until something holds; fails with what it says otherwise. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + NEVER_MS;
  while (performance.now() < end) {
    if (await holds()) return;
    await wait(5);
  }
  throw new Error(`it never came: ${what}`);
}

export function baseConfig(predictor: string, baseUrl: string): ServerConfig {
  const upstream = { baseUrl, keyEnv: "UPSTREAM_KEY", responses: true };
  const can = ["tools", "json", "images"];
  return {
    version: 1,
    predictor,
    listen: { port: 0 },
    admin: false,
    upstreams: { one: upstream, two: { ...upstream, baseUrl: baseUrl.replace("127.0.0.1", "localhost") } },
    models: {
      small: { upstream: "two", id: "small-2026", price: { input: 0.1, output: 0.4 }, can },
      medium: {
        upstream: "one",
        id: "medium-2026",
        price: { input: 1, output: 4 },
        can,
        maxTokensField: "max_tokens",
      },
      large: { upstream: "one", id: "large-2026", price: { input: 3, output: 12 }, can, context: 100_000 },
    },
    policies: { best: { lambda: 0, budget: { dollars: 100, period: "month", isPaced: false } } },
    keys: [{ name: "web", sha256: sha256(KEY), policies: ["best"] }],
  };
}

export const HELLO = {
  model: "auto",
  messages: [{ role: "user", content: "Translate: good morning" }],
  max_tokens: 50,
};
