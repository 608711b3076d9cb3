import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { savePredictor } from "../../src/predict/saved.js";
import type { ServerConfig } from "../../src/server/config/types.js";
import { simulate } from "../../src/simulate/simulate.js";

export const KEY = "key-of-the-bench";
const MODELS = 6;
const LABELLED = 640;
/** Words of the texts that are routed. */
const WORDS = 40;

/** Writes a predictor and a configuration that sends all to one upstream; where they are. */
export async function writeTarget(
  baseUrl: string,
  predictor?: string,
): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "optllm-serve-"));
  const own = join(folder, "bench.optllm");
  if (predictor !== undefined && existsSync(predictor)) await copyFile(predictor, own);
  else await writeFile(own, await fitted());
  if (predictor !== undefined && !existsSync(predictor)) await copyFile(own, predictor);
  const file = join(folder, "optllm.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configOf(own, baseUrl, join(folder, "state"))));
  return { folder, file };
}

/** Six simulated models, 640 labelled rows, the method that fits best. */
async function fitted(): Promise<Uint8Array> {
  const { models, rows } = simulate({ queries: LABELLED, models: MODELS, seed: 1, words: WORDS });
  const all = [...rows()];
  const dataset = {
    ids: all.map(({ id }) => id),
    models,
    queries: all.map(({ query }) => query),
    outcome: Float32Array.from(all.flatMap(({ score }) => [...score])),
    cost: Float32Array.from(all.flatMap(({ cost }) => [...cost])),
  };
  return savePredictor(await fitPredictor(dataset, [], {}));
}

/** A budget that is paced, kept in a file, and a key: what a server in use has. */
function configOf(predictor: string, baseUrl: string, state: string): ServerConfig {
  const { details } = simulate({ queries: 1, models: MODELS, seed: 1 });
  return {
    version: 1,
    predictor,
    listen: { port: 0 },
    admin: false,
    upstreams: { mock: { baseUrl, maxInFlight: 5_000 } },
    models: Object.fromEntries(
      details.map(({ name, inputPrice, outputPrice }) => [
        name,
        { upstream: "mock", price: { input: inputPrice, output: outputPrice } },
      ]),
    ),
    policies: { bench: { budget: { dollars: 1e6, period: "month" }, explore: 0.01, maxTokens: 2_000 } },
    keys: [{ name: "bench", sha256: createHash("sha256").update(KEY).digest("hex"), policies: ["bench"] }],
    state: { kind: "file", path: state },
  };
}

/** Texts to route, all different. */
export function textsOf(count: number): string[] {
  const { rows } = simulate({ queries: count, models: 1, seed: 2, words: WORDS });
  return [...rows()].map(({ query }) => query);
}

export const HEADERS = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };

export function chatBody(text: string, more: object = {}): string {
  return JSON.stringify({ model: "auto", messages: [{ role: "user", content: text }], ...more });
}
