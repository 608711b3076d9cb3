import { Random } from "../../src/random.js";
import type { Problem } from "../../src/types.js";

const MODELS = 12;

/** 0: all queries differ. 1: base rates, costs differ. 2: 20 distinct queries. 3: all identical. 4: base rates, one cost a model. */
export type Kind = 0 | 1 | 2 | 3 | 4;

/** A workload with tokens, seconds, and queries grouped by tenant and task. */
export interface Workload extends Problem {
  cost: Float32Array;
  columns: { tokens: Float32Array; seconds: Float32Array };
  groups: { tenant: Uint16Array; task: Uint16Array };
}

/** The formulas of the yardstick's workload: those of `simulate`, with tokens, seconds and tenants added. */
export function workload(
  size: { queries: number; tasks: number; tenants: number },
  kind: Kind,
  seed: number,
): Workload {
  const { queries, tasks, tenants } = size;
  const random = new Random(seed);
  const options = queries * MODELS;
  const all: Workload = {
    models: Array.from({ length: MODELS }, (_, m) => `m${m}`),
    cost: new Float32Array(options),
    successProbability: new Float32Array(options),
    columns: { tokens: new Float32Array(options), seconds: new Float32Array(options) },
    groups: { tenant: new Uint16Array(queries), task: new Uint16Array(queries) },
  };
  const difficulty = Array.from({ length: tasks }, () => 0.5 * random.normal());
  const models = Array.from({ length: MODELS }, (_, m) => {
    const t = m / (MODELS - 1);
    const input = 0.1 * 600 ** t;
    return {
      input,
      output: input * (3 + 2 * random.uniform()),
      skill: -0.6 + 2.4 * t ** 0.8 + 0.35 * random.normal(),
      affinity: Array.from({ length: tasks }, () => 0.6 * random.normal()),
      verbosity: Math.exp(0.3 * random.normal()),
      speed: 160 * Math.exp(-1.2 * t + 0.3 * random.normal()),
      wait: 0.2 + 0.3 * t,
    };
  });
  const rank = (count: number): number => {
    let at = random.uniform() * Array.from({ length: count }, (_, k) => 1 / (k + 1)).reduce((a, b) => a + b);
    let k = 0;
    for (; k < count - 1 && at >= 1 / (k + 1); k++) at -= 1 / (k + 1);
    return k;
  };
  const columns = [all.cost, all.successProbability, all.columns.tokens, all.columns.seconds];
  for (let q = 0; q < queries; q++) {
    const from = kind === 2 && q >= 20 ? q % 20 : kind === 3 && q >= 1 ? 0 : -1;
    if (from >= 0) {
      all.groups.tenant[q] = all.groups.tenant[from];
      all.groups.task[q] = all.groups.task[from];
      for (const column of columns) column.copyWithin(q * MODELS, from * MODELS, (from + 1) * MODELS);
      continue;
    }
    const task = rank(tasks);
    const tenant = rank(tenants);
    all.groups.tenant[q] = tenant;
    all.groups.task[q] = task;
    const hard = difficulty[task] + 1.1 * random.normal();
    const prompt =
      kind === 4
        ? 200
        : Math.min(
            32000,
            Math.max(8, Math.round(Math.exp(5.2 + 0.9 * random.normal() + (tenant === 1 ? 0.3 : 0)))),
          );
    const answer = Math.min(8000, Math.exp(4.8 + 0.7 * random.normal() + 0.2 * hard));
    models.forEach((model, m) => {
      const option = q * MODELS + m;
      const logit = 1.5 * (model.skill + model.affinity[task] - hard + random.uniform() - 0.5);
      const tokens = Math.ceil(
        kind === 4 ? 150 * model.verbosity : answer * model.verbosity * (0.6 + 0.8 * random.uniform()),
      );
      const isBase = kind === 1 || kind === 4;
      all.successProbability[option] = 1 / (1 + Math.exp(isBase ? -1.2 * model.skill : -logit));
      all.cost[option] = (prompt * model.input + tokens * model.output) / 1e6;
      all.columns.tokens[option] = prompt + tokens;
      all.columns.seconds[option] =
        model.wait + (tokens / model.speed) * Math.exp(kind === 4 ? 0 : 0.2 * random.normal());
    });
  }
  return all;
}
