import {
  searchAll,
  type NeighbourhoodInput,
  type Standing,
} from "../../core/solve/constraints/neighbourhood.js";
import { constraintsModule } from "../../core/solve/constraints/module.js";
import { breathe } from "../../pool/breathe.js";
import type { Scope } from "./lagrangian.js";
import { applied, neighbourhoodOf, standingOf, type Neighbourhood } from "./neighbourhood.js";
import type { Rounded } from "./rounding.js";
import { standingsNow, standingsOf, type Standings } from "./standing.js";

/** How long to look for a better allocation. */
export interface Effort {
  /** Steps of destroy and rebuild, over all restarts. */
  steps: number;
  timeLimitMs: number;
  /** Work of a search for a proof, in options × rows, where all queries are in the neighbourhood. */
  proof: number;
  /** Whether that search is also for a proof that a plan is the best; else only for a plan, or that there is none. */
  provesBest: boolean;
  seed: number;
}

/** What polishing found. */
export interface Polished {
  allocation: Uint8Array;
  /** Its fresh evaluation. */
  standings: Standings;
  /** Every row is kept, by a fresh evaluation. */
  isKept: boolean;
  /** No allocation is better or, unless rows are kept, none keeps them: all that matter were tried. */
  isProven: boolean;
  /** What the objective, over all queries, lacks of the best at most; ∞ if that is not known. */
  lack: number;
  /** Where the search ended. */
  around: Neighbourhood;
  standing: Standing;
}

/** Restarts of a round: one job each, so that threads share them. Fixed, so that threads change no result. */
const RESTARTS = 4;
const STEPS_A_RESTART = 100;
/** A gap, in objective per query, that needs no more search. */
const ENOUGH = 1e-7;
/** Rounds without any improvement after which the search ends. */
const STALLED = 6;
/** Relative to a row's bound: what sums may be off. A fresh evaluation decides in the end. */
const TOLERANCE = 1e-11;
/** Objectives per query that differ by less are the same: sums are not more exact. */
const SAME = 1e-12;
/** Times that a row is tightened because rounding put the search on the wrong side of its limit. */
const TIGHTENED = 3;
/** Nodes of a search of everything. */
const ALL_NODES = 300_000;

/**
 * Repairs a rounded allocation and improves it: single changes, then steps of destroy and rebuild from seeded restarts, each
 * round from the best of the last. Where few options matter, all allocations of them are tried; of up to 2,000 queries, branch and
 * bound looks for a proof. The same bytes for the same steps on any number of threads.
 */
export async function polish(
  scope: Scope,
  rounded: Rounded,
  price: Float64Array,
  effort: Effort,
): Promise<Polished> {
  const { compiled } = scope;
  const { allocation, norm } = rounded;
  const around = await neighbourhoodOf(scope, price, allocation, norm);
  const tolerance = compiled.bound.map(
    (b, k) => TOLERANCE * Math.max(Math.abs(b) * compiled.weight, compiled.unit[k]),
  );
  for (let tightened = 0; ; tightened++) {
    const start = standingAt(around, rounded, tolerance);
    const { standing, isProven, least = 0 } = await improve(scope, around, allocation, start, effort);
    const found = applied(allocation, around, standing);
    const standings = await standingsOf(compiled, found, scope);
    const polished = { allocation: found, standings, around, standing };
    const violated = violatedRows(standings);
    if (violated.length === 0) {
      const lack = isProven ? 0 : standing.gap - Math.min(standing.gap, Math.max(0, least));
      return { ...polished, isKept: true, isProven, lack };
    }
    if (standing.violation > 0 || tightened === TIGHTENED) {
      const isNone = isProven && standing.violation > 0;
      return { ...polished, isKept: false, isProven: isNone, lack: Infinity };
    }
    for (const k of violated) tolerance[k] -= 2 * Math.abs(tolerance[k]) * (tightened + 1);
  }
}

/** The rows that an allocation violates. */
function violatedRows({ rows }: Standings): number[] {
  return rows.flatMap(({ slack }, k) => (slack < 0 ? [k] : []));
}

/** The standing of the rounded allocation, with each row's slack eased by its tolerance. */
function standingAt(around: Neighbourhood, { losses, slack }: Rounded, tolerance: Float64Array): Standing {
  const eased = slack.map((s, k) => s + tolerance[k]);
  return standingOf(around, around.current, eased, losses);
}

/** A standing that is at least as good as one, and what is known of all others. */
interface Improved extends Pick<Polished, "standing" | "isProven"> {
  /** No allocation has a smaller gap than this. */
  least?: number;
}

async function improve(
  scope: Scope,
  around: Neighbourhood,
  allocation: Uint8Array,
  start: Standing,
  effort: Effort,
): Promise<Improved> {
  const { runner, signal } = scope;
  const end = performance.now() + effort.timeLimitMs;
  const enough = ENOUGH * scope.weight;
  let best = start;
  const early = tryAll(around, best);
  if (early?.isComplete) return { standing: early, isProven: true };
  let steps = 0;
  const isOver = (): boolean => steps >= effort.steps || performance.now() >= end;
  for (let round = 0, stalled = 0; stalled < STALLED; round++) {
    if (best.violation <= 0 && best.gap <= enough) break;
    // A plan that violates rows is repaired once, whatever the limits.
    if (isOver() && (round > 0 || best.violation <= 0)) break;
    await breathe(signal);
    const from = best.violation > 0 ? await repaired(scope, around, best) : best;
    const part = Math.min(STEPS_A_RESTART, Math.ceil((effort.steps - steps) / RESTARTS));
    const found = await runner.run<"rebuild">(
      Array.from({ length: RESTARTS }, (_, restart) => ({
        kind: "rebuild",
        neighbourhood: around,
        standing: from,
        steps: part,
        enough,
        seed: effort.seed,
        restart: round * RESTARTS + restart,
      })),
      { signal },
    );
    steps += part * RESTARTS;
    const better = [from, ...found].reduce((a, b) => (isBetter(b, a) ? b : a), best);
    stalled = better === best ? stalled + 1 : 0;
    best = better;
  }
  if (!around.isAll) return { standing: best, isProven: false };
  if (best.violation <= 0 && !effort.provesBest) return { standing: best, isProven: false };
  const late = best.violation > 0 ? tryAll(around, best) : undefined;
  if (late?.isComplete) return { standing: isBetter(late, best) ? late : best, isProven: true };
  // Loaded where it is used, so that a page which needs no proof has none of it.
  const { prove } = await import("./proof/prove.js");
  return prove(around, best, {
    tolerance: SAME * scope.weight,
    work: effort.proof,
    isKept: (standing) =>
      violatedRows(standingsNow(scope.compiled, applied(allocation, around, standing))).length === 0,
    pause: async () => {
      await breathe(signal);
      return performance.now() >= end;
    },
  });
}

/** A standing after single changes. */
async function repaired(
  { runner, signal }: Scope,
  neighbourhood: Neighbourhood,
  standing: Standing,
): Promise<Standing> {
  const [found] = await runner.run<"repair">([{ kind: "repair", neighbourhood, standing }], { signal });
  return found;
}

function isBetter(a: Standing, b: Standing): boolean {
  if (a.violation !== b.violation && (a.violation > 0 || b.violation > 0)) return a.violation < b.violation;
  return a.gap < b.gap;
}

/** All allocations that may be better than a standing, if they are few enough to be tried. */
export function tryAll(
  around: Neighbourhood,
  from: Standing,
): (Standing & { isComplete: boolean }) | undefined {
  if (!around.isAll) return undefined;
  const limit = from.violation > 0 ? Infinity : from.gap;
  const queries = around.query.length;
  let combinations = 1;
  const keep: number[] = [];
  for (let place = 0; place < queries; place++) {
    let options = 0;
    for (let o = around.start[place]; o < around.start[place + 1]; o++) if (around.loss[o] < limit) options++;
    const isAtBest = from.current[place] === around.start[place];
    if (options < 2 && isAtBest) continue;
    keep.push(place);
    combinations *= Math.max(1, options);
    if (keep.length > MOST_TRIED) return undefined;
  }
  if (limit === Infinity && combinations > 16 * ALL_NODES) return undefined;
  const part = partOf(around, keep, from);
  const found = searchAll(constraintsModule(), { ...part, nodes: ALL_NODES });
  const current = from.current.slice();
  keep.forEach((place, i) => {
    current[place] = around.start[place] + found.current[i] - part.neighbourhood.start[i];
  });
  return { ...found, current };
}

/** Queries that a search of everything may be over. */
const MOST_TRIED = 60;

/** Some places of a neighbourhood as one of their own. */
function partOf(around: Neighbourhood, keep: readonly number[], from: Standing) {
  const options = keep.flatMap((place) =>
    Array.from({ length: around.start[place + 1] - around.start[place] }, (_, i) => around.start[place] + i),
  );
  const start = new Uint32Array(keep.length + 1);
  keep.forEach((place, i) => (start[i + 1] = start[i] + around.start[place + 1] - around.start[place]));
  const amountStart = new Uint32Array(options.length + 1);
  options.forEach((o, i) => {
    amountStart[i + 1] = amountStart[i] + around.amountStart[o + 1] - around.amountStart[o];
  });
  const amountRow = new Uint8Array(amountStart[options.length]);
  const amount = new Float64Array(amountStart[options.length]);
  options.forEach((o, i) => {
    const [a, b] = [around.amountStart[o], around.amountStart[o + 1]];
    amountRow.set(around.amountRow.subarray(a, b), amountStart[i]);
    amount.set(around.amount.subarray(a, b), amountStart[i]);
  });
  const neighbourhood: NeighbourhoodInput = {
    start,
    loss: Float64Array.from(options, (o) => around.loss[o]),
    second: Float64Array.from(keep, (place) => around.second[place]),
    amountStart,
    amountRow,
    amount,
    price: around.price,
    penalty: around.penalty,
  };
  const current = Uint32Array.from(keep, (place, i) => start[i] + from.current[place] - around.start[place]);
  return { neighbourhood, standing: { ...from, current } };
}
