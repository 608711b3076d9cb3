import type { FastifyInstance } from "fastify";
import { policyOf } from "../../proxy/select.js";
import type { ServedPolicy } from "../../setup/policies.js";
import { standingOf } from "../../setup/standing.js";
import { POLICY } from "../api/answers.js";
import { described } from "../api/described.js";
import { object } from "../api/schema.js";
import { contextOf } from "../context.js";

/** GET /policies/:name: how a policy and its budgets stand, for keys that may use it. */
export function addPolicies(app: FastifyInstance): void {
  const about = described(
    {
      summary: "How a policy and its budgets stand",
      answer: { description: "what is left, spent, held and expected", schema: POLICY },
    },
    { params: object("the address", { name: { type: "string", description: "the name of a policy" } }) },
  );
  app.get<{ Params: { name: string } }>("/policies/:name", about, (request) => {
    const { setup, caller } = contextOf(request);
    return policyStatus(policyOf(setup, caller, request.params.name), caller.name);
  });
}

/** What is left, spent and held, and what is to be expected. `key`: whose own budget is shown beside the policy's. */
export function policyStatus({ name, models, router }: ServedPolicy, key: string | undefined) {
  const budgets = router
    .status()
    .filter((budget) => !budget.name.startsWith("key:") || budget.name === `key:${key}`);
  return { name, policy: router.policy, models: [...models.keys()], budgets: budgets.map(standingOf) };
}
