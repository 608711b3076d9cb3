import type { FastifyInstance } from "fastify";
import type { Caller } from "../../setup/keys.js";
import type { Setup } from "../../setup/setup.js";
import { MODELS } from "../api/answers.js";
import { described } from "../api/described.js";
import { contextOf } from "../context.js";

interface ListedModel {
  id: string;
  object: "model";
  created: number;
  owned_by: string;
}

/** GET /v1/models: what this key may name as `model`. */
export function addModels(app: FastifyInstance): void {
  const about = described({
    summary: "What this key may name as model",
    answer: { description: "models, policies and auto", schema: MODELS },
  });
  app.get("/v1/models", about, (request) => {
    const { setup, caller } = contextOf(request);
    return { object: "list", data: listedModels(setup, caller) };
  });
}

function listedModels(
  { policies, models }: Setup,
  { policies: own, models: allowed }: Caller,
): ListedModel[] {
  const listed = (id: string, owner: string): ListedModel => ({
    id,
    object: "model",
    created: 0,
    owned_by: owner,
  });
  const names = new Set(own.flatMap((name) => [...policies.get(name)!.models.keys()]));
  for (const { name, config } of models.values()) if (config.serves === "embeddings") names.add(name);
  return [
    listed("auto", "optllm"),
    ...own.map((name) => listed(`policy/${name}`, "optllm")),
    ...[...names]
      .filter((name) => allowed?.has(name) !== false)
      .map((name) => listed(name, models.get(name)!.config.upstream)),
  ];
}
