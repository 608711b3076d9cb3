import type { Schema } from "./schema.js";

/** What the endpoints answer. `test/server/openapi.test.ts` compares it with answers. */

const TEXT: Schema = { type: "string" };
const NUMBER: Schema = { type: "number" };
const MAYBE_NUMBER: Schema = { type: ["number", "null"] };
/** JSON has no ∞. */
const LAMBDA: Schema = {
  type: ["number", "string", "null"],
  description: 'probability per dollar; "Infinity" for the cheapest',
};

function answer(properties: Record<string, Schema>, optional: string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", required, additionalProperties: false, properties };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

export const ERROR = answer({
  error: answer({
    message: TEXT,
    type: TEXT,
    param: { type: ["string", "null"], description: "the field that is wrong" },
    code: { type: ["string", "null"], description: "such as invalid_api_key or insufficient_quota" },
  }),
});

export const HEALTH = answer({ status: TEXT });

export const MODELS = answer({
  object: { const: "list" },
  data: list(answer({ id: TEXT, object: { const: "model" }, created: NUMBER, owned_by: TEXT })),
});

export const DECISION = answer({
  object: { const: "decision" },
  decisionId: { type: "string", description: "for /v1/feedback" },
  model: TEXT,
  policy: TEXT,
  probability: { type: "number", description: "chance of a good answer, 0 … 1" },
  cost: { type: "number", description: "predicted dollars" },
  worstCase: { type: "number", description: "dollars that the answer may cost at most" },
  lambda: LAMBDA,
  propensity: { type: "number", description: "chance with which this model is chosen here, 0 … 1" },
  reason: TEXT,
  runnerUp: { type: ["object", "null"], properties: { model: TEXT, loss: NUMBER } },
  alternatives: list(
    answer({
      model: TEXT,
      probability: NUMBER,
      uncorrectedProbability: NUMBER,
      cost: NUMBER,
      worstCase: NUMBER,
      inputTokens: NUMBER,
      outputTokens: NUMBER,
    }),
  ),
  excluded: list(answer({ model: TEXT, why: TEXT, detail: TEXT }, ["detail"])),
  explanation: TEXT,
});

export const JUDGED = answer({
  object: { const: "feedback" },
  decisionId: TEXT,
  score: NUMBER,
  isCounted: { type: "boolean", description: "false for a decision that was judged before" },
});

export const POLICY = answer({
  name: TEXT,
  policy: { type: "string", description: "SHA-256 of all that it decides by" },
  models: list(TEXT),
  budgets: list(
    answer({
      name: TEXT,
      end: { type: ["string", "null"], description: "when the period ends, ISO 8601" },
      budget: { type: "number", description: "dollars of the period" },
      spent: NUMBER,
      reserved: NUMBER,
      left: NUMBER,
      lambda: MAYBE_NUMBER,
      planned: {
        ...MAYBE_NUMBER,
        description: "dollars that would be spent by now if every request cost the same",
      },
      pace: { ...MAYBE_NUMBER, description: "spent over planned; above 1 is faster" },
      forecast: { ...MAYBE_NUMBER, description: "dollars at the end if requests go on as they have" },
      requestsSeen: NUMBER,
      requestsLeft: MAYBE_NUMBER,
    }),
  ),
});

const OBJECTIVE = answer({ totalCost: NUMBER, expectedAccuracy: NUMBER });
const worth = (description: string): Schema => ({
  type: "object",
  description,
  properties: { accuracy: { type: ["number", "string"] }, dollars: { type: ["number", "string"] } },
});
const LIMITS = list(
  answer({
    name: TEXT,
    constraint: { type: "integer", description: "its place in the list; -1 for the target" },
    side: { enum: ["atMost", "atLeast"] },
    limit: NUMBER,
    value: { ...MAYBE_NUMBER, description: "null for a mean or share of nothing" },
    slack: MAYBE_NUMBER,
    binds: { type: "boolean" },
    price: worth('worth of one unit more room: accuracy, and dollars ("Infinity" where money buys none)'),
    unitPrice: worth("what an answer pays for each unit that it adds: summed probability, and dollars"),
  }),
);
const ALLOCATION: Schema = { ...list({ type: "integer" }), description: "one model index per query" };

/** A choice; `status` says which of these fields it has. */
export const CHOICE: Schema = {
  oneOf: [
    answer(
      {
        object: { const: "choice" },
        status: { const: "chosen" },
        allocation: ALLOCATION,
        totalCost: NUMBER,
        expectedAccuracy: NUMBER,
        bound: NUMBER,
        gap: NUMBER,
        costBound: NUMBER,
        costGap: NUMBER,
        optimal: { type: "boolean" },
        lambda: LAMBDA,
        shares: { type: "object", additionalProperties: NUMBER },
        limits: LIMITS,
      },
      ["limits"],
    ),
    answer(
      {
        object: { const: "choice" },
        status: { const: "infeasible" },
        closest: OBJECTIVE,
        allocation: ALLOCATION,
        limits: LIMITS,
        conflict: {
          ...list({ type: "object" }),
          description:
            "limits that no allocation keeps together; by: how far one must move, if that is known",
        },
        proof: TEXT,
      },
      ["allocation", "limits", "conflict", "proof"],
    ),
    answer({
      object: { const: "choice" },
      status: { const: "notFound" },
      closest: OBJECTIVE,
      allocation: ALLOCATION,
      limits: LIMITS,
      bound: NUMBER,
      costBound: NUMBER,
    }),
  ],
};
