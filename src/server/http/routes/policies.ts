import type { FastifyInstance } from "fastify";
import type { BudgetStatus } from "../../../online/router.js";
import { policyOf } from "../../proxy/select.js";
import type { ServedPolicy } from "../../setup/policies.js";
import { contextOf } from "../context.js";

/** GET /policies/:name: how a policy and its budgets stand, for keys that may use it. */
export function addPolicies(app: FastifyInstance): void {
  app.get<{ Params: { name: string } }>("/policies/:name", (request) => {
    const { setup, caller } = contextOf(request);
    return policyStatus(policyOf(setup, caller, request.params.name), caller.name);
  });
}

/** What is left, spent and held, and what is to be expected. `key`: whose own budget is shown beside the policy's. */
export function policyStatus({ name, models, router }: ServedPolicy, key: string | undefined) {
  const budgets = router
    .status()
    .filter((budget) => !budget.name.startsWith("key:") || budget.name === `key:${key}`);
  return { name, policy: router.policy, models: [...models.keys()], budgets: budgets.map(budgetStatus) };
}

/** The same amounts, with what is spent at the end of the period if requests go on as they have; null: not known. */
function budgetStatus(budget: BudgetStatus) {
  const { end, spent, reserved, requestsSeen, requestsLeft, lambda } = budget;
  const isForeseen = requestsSeen > 0 && Number.isFinite(requestsLeft);
  const forecast = isForeseen ? spent + reserved + ((spent + reserved) / requestsSeen) * requestsLeft : null;
  return {
    ...budget,
    end: Number.isFinite(end) ? new Date(end).toISOString() : null,
    lambda: lambda ?? null,
    requestsLeft: Number.isFinite(requestsLeft) ? requestsLeft : null,
    forecast,
  };
}
