import type { Standing } from "../../../core/solve/constraints/neighbourhood.js";
import { standingOf, type Neighbourhood } from "../neighbourhood.js";
import { branch, type BranchLimits } from "./branch.js";
import { coreOf, type Core } from "./core.js";

/** What a search for a proof gives. */
export interface Proof {
  /** The best allocation: the one that was known, or a better one. */
  standing: Standing;
  /** No allocation has a smaller gap than this. */
  least: number;
  /** None is better by more than the tolerance or, if the standing violates rows, none keeps them. */
  isProven: boolean;
  /** A better allocation was found. */
  isBetter: boolean;
  work: number;
}

/** How long to look for a proof. */
export interface ProofLimits extends Pick<BranchLimits, "tolerance" | "work" | "pause"> {
  /** Whether an allocation keeps every row by a fresh evaluation. */
  isKept: (standing: Standing) => boolean;
}

/** Proves that an allocation of a neighbourhood of all queries is the best, or finds a better one, as far as the work allows. */
export async function prove(around: Neighbourhood, from: Standing, limits: ProofLimits): Promise<Proof> {
  const gap = from.violation > 0 ? Infinity : from.gap;
  const core = coreOf(around, from, gap);
  const accept = (options: Int32Array): boolean => limits.isKept(standingAt(around, from, core, options));
  const { options, least, isComplete, work } = await branch(core, { ...limits, gap, accept });
  const standing = options === undefined ? from : standingAt(around, from, core, options);
  return { standing, least, isProven: isComplete, isBetter: options !== undefined, work };
}

/** The standing of a choice of the core's options, every other query at its best option. */
function standingAt(around: Neighbourhood, from: Standing, core: Core, options: Int32Array): Standing {
  const { start, loss, amountStart, amountRow, amount } = around;
  const current = start.slice(0, -1);
  options.forEach((o, q) => (current[core.place[q]] = core.option[o]));
  const slack = from.slack.slice();
  let { losses } = from;
  const add = (option: number, sign: number): void => {
    losses += sign * loss[option];
    for (let i = amountStart[option]; i < amountStart[option + 1]; i++)
      slack[amountRow[i]] -= sign * amount[i];
  };
  current.forEach((option, place) => {
    if (option === from.current[place]) return;
    add(from.current[place], -1);
    add(option, 1);
  });
  return standingOf(around, current, slack, losses);
}
