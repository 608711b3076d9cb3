import type { Pool } from "../../src/pool/pool.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import type { Constraint } from "../../src/solve/constraints/constraint.js";
import type { Kind, Workload } from "./workload.js";

/** a: budget, 2 counts, 1 token cap. b: and 5 tenant budgets, 5 floors. c: and latency, 2 least uses. d: 50 limits in all. */
export type SetName = "a" | "b" | "c" | "d";

/** The workload's size for a set of constraints. */
export function sizeOf(set: SetName, queries: number) {
  return set === "d" ? { queries, tasks: 8, tenants: 8 } : { queries, tasks: 4, tenants: 5 };
}

/** The budget between the cheapest models and the most probable ones: their geometric mean. */
export function midBudget({ models, cost, successProbability }: Workload): number {
  let [low, high] = [0, 0];
  for (let at = 0; at < cost.length; at += models.length) {
    let [least, best] = [at, at];
    for (let o = at; o < at + models.length; o++) {
      if (cost[o] < cost[least]) least = o;
      if (successProbability[o] > successProbability[best]) best = o;
    }
    low += cost[least];
    high += cost[best];
  }
  return Math.sqrt(low * high);
}

/** What an allocation uses: by model, by tenant, by task. */
function usageOf({ models, cost, successProbability, columns, groups }: Workload, allocation: Uint8Array) {
  const zeros = (): Float64Array => new Float64Array(models.length);
  const usage = {
    count: zeros(),
    tokens: zeros(),
    seconds: 0,
    tenant: { count: zeros(), cost: zeros(), gain: zeros() },
    task: { count: zeros(), gain: zeros() },
  };
  allocation.forEach((m, q) => {
    const o = q * models.length + m;
    usage.count[m]++;
    usage.tokens[m] += columns.tokens[o];
    usage.seconds += columns.seconds[o];
    const [tenant, task] = [groups.tenant[q], groups.task[q]];
    usage.tenant.count[tenant]++;
    usage.tenant.cost[tenant] += cost[o];
    usage.tenant.gain[tenant] += successProbability[o];
    usage.task.count[task]++;
    usage.task.gain[task] += successProbability[o];
  });
  return usage;
}

/** The constraints of a set, each tightened from what the plan under the earlier ones uses. */
export async function scenario(work: Workload, set: SetName, kind: Kind, pool?: Pool) {
  const budget = midBudget(work);
  const queries = work.groups.tenant.length;
  const found: Constraint[] = [];
  const usage = async () => {
    const choice = await chooseUnder(work, found, { budget }, { pool, steps: 200 });
    if (choice.status !== "chosen") throw new Error(`a step of scenario ${set} is ${choice.status}`);
    return usageOf(work, choice.allocation);
  };
  const group = (column: "tenant" | "task", id: number) => ({ column, ids: [id] });
  let used = await usage();
  const order = [...used.count.keys()].sort((x, y) => used.count[y] - used.count[x] || x - y);
  const model = (m: number): string[] => [work.models[m]];
  const tokens = { column: "tokens" };
  const seconds = { column: "seconds" };
  if (set === "d") {
    const factor = (m: number): number => (m === order[0] ? 0.7 : m === order[1] ? 0.85 : 1.3);
    for (let m = 0; m < 12; m++) {
      const atMost = Math.floor(Math.max(0.05 * queries, factor(m) * used.count[m]));
      found.push({ name: `cap m${m}`, models: model(m), atMost });
    }
    for (let m = 0; m < 12; m++) {
      const atLeast = Math.ceil((m % 3 === 0 ? 0.01 : 0.002) * queries);
      found.push({ name: `min m${m}`, models: model(m), atLeast });
    }
    const providers = [0, 1, 2].map((p) => work.models.filter((_, m) => m % 3 === p));
    const counts = [0, 1, 2].map((p) => used.count.reduce((sum, n, m) => sum + (m % 3 === p ? n : 0), 0));
    providers.forEach((models, p) => {
      const isMost = counts[p] === Math.max(...counts);
      const atMost = Math.floor(isMost ? 0.9 * counts[p] : Math.max(1.15 * counts[p], 0.3 * queries));
      found.push({ name: `share p${p}`, models, atMost });
    });
    used = await usage();
    const last = [...used.count.keys()].sort((x, y) => used.count[y] - used.count[x] || x - y);
    const spend = [0.96, 1.05, 1.1, 0.99, 1.2, 1.0, 1.3, 1.1];
    const floor = [-0.03, 0.002, -0.04, 0.003, -0.03, -0.02, 0.001, -0.03];
    for (let t = 0; t < 8; t++) {
      if (used.tenant.count[t] === 0) continue;
      const atMost = spend[t] * used.tenant.cost[t];
      found.push({ name: `spend t${t}`, measure: "cost", group: group("tenant", t), atMost });
    }
    for (let t = 0; t < 8; t++) {
      if (used.task.count[t] === 0) continue;
      const atLeast = used.task.gain[t] / used.task.count[t] + floor[t];
      found.push({ name: `floor k${t}`, measure: "accuracy", group: group("task", t), atLeast });
    }
    providers.forEach((models, p) => {
      const sum = used.tokens.reduce((all, n, m) => all + (m % 3 === p ? n : 0), 0);
      found.push({ name: `pool p${p}`, measure: tokens, models, atMost: sum * (p === 1 ? 0.97 : 1.05) });
    });
    found.push({ name: "latency", measure: seconds, as: "mean", atMost: (0.99 * used.seconds) / queries });
    found.push({
      name: "machine",
      measure: seconds,
      models: work.models.slice(0, 4),
      atMost: 0.5 * used.seconds,
    });
    found.push({
      name: "tokens",
      measure: tokens,
      models: model(last[2]),
      atMost: 0.95 * used.tokens[last[2]],
    });
    return { budget, constraints: found };
  }
  found.push({ name: "cap first", models: model(order[0]), atMost: Math.floor(0.6 * used.count[order[0]]) });
  found.push({
    name: "tokens second",
    measure: tokens,
    models: model(order[1]),
    atMost: 0.7 * used.tokens[order[1]],
  });
  found.push({ name: "cap third", models: model(order[2]), atMost: Math.floor(0.8 * used.count[order[2]]) });
  if (set === "a") return { budget, constraints: found };
  // Ties leave little room: the yardstick relaxes them so.
  const relax = kind >= 2 ? 0.04 : 0;
  used = await usage();
  const spend = [0.85, 0.97, 1.5, 0.95, 1.5];
  for (let t = 0; t < 5; t++) {
    const atMost = (spend[t] + (relax > 0 ? 0.2 : 0)) * used.tenant.cost[t];
    if (used.tenant.count[t] > 0)
      found.push({ name: `spend t${t}`, measure: "cost", group: group("tenant", t), atMost });
  }
  used = await usage();
  const floor = [-0.01, -0.001, 0.006, -0.01, 0.004];
  const relaxC = set === "c" ? (kind === 0 ? 0.01 : 0.06) : 0;
  for (let t = 0; t < 5; t++) {
    if (used.tenant.count[t] === 0) continue;
    const atLeast = used.tenant.gain[t] / used.tenant.count[t] + floor[t] - relax;
    found.push({ name: `floor t${t}`, measure: "accuracy", group: group("tenant", t), atLeast });
  }
  if (set === "b") return { budget, constraints: found };
  used = await usage();
  const rare = [...used.count.keys()].sort((x, y) => used.count[x] - used.count[y] || y - x);
  // Least uses cost accuracy, so the floors give way.
  for (const one of found) if (one.measure === "accuracy") one.atLeast! -= relaxC;
  found.push({ name: "min rarest", models: model(rare[0]), atLeast: Math.ceil(0.02 * queries) });
  found.push({ name: "min second rarest", models: model(rare[1]), atLeast: Math.ceil(0.03 * queries) });
  used = await usage();
  found.push({ name: "latency", measure: seconds, as: "mean", atMost: (0.97 * used.seconds) / queries });
  return { budget, constraints: found };
}
