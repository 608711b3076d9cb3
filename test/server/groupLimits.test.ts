import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Policy } from "../../src/online/policy.js";
import { createServer } from "../../src/server/server.js";
import { HELLO, running, UPSTREAM_KEY } from "./running.js";

const f = await running("group-limits");
const plan = join(f.folder, "policy.json");
const policy: Policy = {
  optllm: "policy",
  version: 3,
  lambda: 0,
  models: ["small", "medium", "large"],
  limits: [
    {
      name: "tenant=acme: at most 2 queries of large",
      price: 0,
      capacity: 2,
      amounts: { large: { queries: 1 } },
      group: { column: "tenant", values: ["acme"] },
    },
  ],
  predictor: createHash("sha256").update(readFileSync(f.config.predictor)).digest("hex"),
  prices: "0".repeat(64),
  target: { budget: 1 },
  plan: { queries: 10, totalCost: 1, expectedAccuracy: 0.5 },
};

it("a policy with a limit on a group counts the requests that tell that group, and wants to be told", async () => {
  writeFileSync(plan, JSON.stringify(policy));
  const config = { ...f.config, policies: { best: { plan } } };
  const notes: string[] = [];
  const server = await createServer(config, { env: { UPSTREAM_KEY }, onNote: (text) => notes.push(text) });
  const { url } = await server.listen();
  const ask = async (tenant?: string) => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer test-key-of-the-client", "content-type": "application/json" },
      body: JSON.stringify({ ...HELLO, ...(tenant !== undefined && { optllm: { features: { tenant } } }) }),
    });
    const { error } = (await answer.json()) as { error?: { code: string } };
    return error?.code ?? answer.headers.get("x-optllm-model");
  };
  try {
    const models = [];
    for (const tenant of ["acme", "other", "acme", "other", "acme", "", undefined])
      models.push(await ask(tenant));
    expect(models).toEqual(["large", "large", "large", "large", "medium", "large", "missing_features"]);
    // The same plan goes on when the files are read again; another one begins anew.
    await server.reload(config);
    expect(await ask("acme")).toBe("medium");
    writeFileSync(plan, JSON.stringify({ ...policy, plan: { ...policy.plan, totalCost: 2 } }));
    await server.reload(config);
    expect([await ask("acme"), await ask("acme"), await ask("acme")]).toEqual(["large", "large", "medium"]);
    expect(notes.join("\n")).toContain("policies.best: the saved limits are of another plan");
  } finally {
    await server.close();
  }
});
