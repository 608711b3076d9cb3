import { InputError } from "../../errors.js";
import type { Ledger } from "../../online/ledger/ledger.js";
import type { DecisionLog } from "../../online/log/record.js";
import { loadScorer, type Scorer } from "../../online/scorer.js";
import { someOf } from "../../text/names.js";
import { oneLine, shown } from "../../text/shown.js";
import type { CheckedConfig } from "../config/types.js";
import { Upstream } from "../upstream/upstream.js";
import { Keys } from "./keys.js";
import { pricesOf, servedModels, type Priced, type ServedModel } from "./models.js";
import { passingPolicy, servedPolicy, type ServedPolicy } from "./policies.js";

/** Everything that one configuration makes. Requests use the one that held when they came. */
export interface Setup {
  config: CheckedConfig;
  scorer: Scorer;
  upstreams: ReadonlyMap<string, Upstream>;
  models: ReadonlyMap<string, ServedModel>;
  policies: ReadonlyMap<string, ServedPolicy>;
  /** In a dry run: by policy, the one that passes everything to one model. */
  dryRun: ReadonlyMap<string, ServedPolicy> | undefined;
  keys: Keys;
  /** Remarks for whoever runs the server. */
  notes: readonly string[];
}

/** What a setup is made in. */
export interface Surroundings {
  ledger: Ledger;
  /** Where decisions are logged; undefined: nowhere. */
  log?: DecisionLog;
  now: () => number;
  env: NodeJS.ProcessEnv;
  /** What the router of a policy has learned before. */
  learned(policy: string): unknown;
  before?: Setup;
  /** The model that gets every request, while decisions are only logged. */
  dryRun?: string;
}

/**
 * Makes what a configuration describes. Nothing of it is used before all of it is there.
 *
 * @throws InputError naming what is wrong.
 */
export async function setUp(config: CheckedConfig, around: Surroundings): Promise<Setup> {
  const notes: string[] = [];
  const upstreams = new Map<string, Upstream>();
  const opened: Upstream[] = [];
  try {
    for (const [name, upstream] of Object.entries(config.upstreams)) {
      const known = around.before?.upstreams.get(name);
      // Its connections, and what it asked for, stay.
      const isSame = known?.is(upstream, around.env) === true;
      const served = isSame ? known : await Upstream.open(name, upstream, around.env);
      if (!isSame) opened.push(served);
      upstreams.set(name, served);
    }
    const priced = await pricesOf(config);
    const models = await servedModels(config, priced, upstreams);
    const scorer = await scorerOf(config, priced);
    notes.push(...notesOf(config, scorer, models));
    const parts = {
      ...around,
      config,
      scorer,
      priced,
      models,
      note: (text: string) => void notes.push(text),
    };
    const policies = new Map<string, ServedPolicy>();
    for (const name of Object.keys(config.policies)) policies.set(name, await servedPolicy(name, parts));
    // Money that is shared must be leased before the first request.
    if (around.ledger.shared !== undefined) for (const { router } of policies.values()) await router.ready();
    const dryRun =
      around.dryRun === undefined
        ? undefined
        : new Map([...policies.keys()].map((name) => [name, passingPolicy(name, around.dryRun!, parts)]));
    const keys = new Keys(config.keys, [...policies.keys()], around.before?.keys);
    return { config, scorer, upstreams, models, policies, dryRun, keys, notes };
  } catch (error) {
    for (const upstream of opened) await upstream.destroy();
    throw error;
  }
}

async function scorerOf({ predictor }: CheckedConfig, { table }: Priced): Promise<Scorer> {
  const scorer = await loadScorer(predictor, { prices: table });
  try {
    const features = Object.fromEntries((scorer.featureColumns ?? []).map((name) => [name, ""]));
    scorer.score("", undefined, features);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `predictor: ${oneLine(error.message)}; a server needs one that was fitted to texts`,
      {
        field: "predictor",
      },
    );
  }
  return scorer;
}

function notesOf(
  { policies }: CheckedConfig,
  scorer: Scorer,
  models: ReadonlyMap<string, ServedModel>,
): string[] {
  const costs = scorer.costs("");
  const without = scorer.models.filter((name, m) => models.has(name) && Number.isNaN(costs[m]));
  const isLimited = Object.values(policies).every(({ maxTokens }) => maxTokens !== undefined);
  if (without.length === 0 || isLimited) return [];
  return [
    `the predictor knows no costs of ${someOf(without, 8, shown)}: requests without a limit on the answer's tokens cannot go there; give the policies maxTokens, or fit with costs`,
  ];
}
