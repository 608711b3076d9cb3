import { meanLogOdds } from "./calibration.js";
import { calibratedLoss, calibratedLosses, type Candidate } from "./crossValidate.js";
import type { Lesson } from "./learning.js";

/** At most so many methods are averaged. */
const MOST_MEMBERS = 4;
/** Held-out losses this close, relatively, are as good as equal: folds of a small sample cannot tell more. */
const TOLERANCE = 0.002;

/** What is taken, and how well it did on rows held out. */
export interface Choice {
  /** At least one. */
  members: Candidate[];
  /** Their mean's predictions of every row, each made without the row's fold. */
  heldOut: Float32Array;
  logLoss: number;
}

/**
 * Takes the best setting of each method, and of these the best, or the mean of the two, three or four best: the most of them
 * whose held-out log-loss is as good as the least one's. Averaging by fitted weights is worse: samples are small.
 *
 * The best of many settings looks good by luck alone. So where the base rate was tried it stays, unless its loss is higher by more than
 * one standard error of the difference over rows; it is never averaged with others.
 */
export function choose(candidates: readonly Candidate[], lesson: Lesson, fold: Int32Array): Choice {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const rival = best.get(candidate.kind);
    if (rival === undefined || candidate.logLoss < rival.logLoss) best.set(candidate.kind, candidate);
  }
  const baseRate = best.get("base-rate");
  const ranked = [...best.values()]
    .filter((candidate) => candidate !== baseRate)
    .sort((a, b) => a.logLoss - b.logLoss);
  const choices = ranked.slice(0, MOST_MEMBERS).map((_, k): Choice => {
    const members = ranked.slice(0, k + 1);
    const heldOut = meanLogOdds(members.map((member) => member.heldOut));
    return { members, heldOut, logLoss: calibratedLoss(heldOut, lesson, fold) };
  });
  const least = Math.min(...choices.map(({ logLoss }) => logLoss));
  const choice = choices.findLast(({ logLoss }) => logLoss <= least * (1 + TOLERANCE));
  if (baseRate === undefined) return choice ?? choices[0];
  if (choice !== undefined && isBetter(choice.heldOut, baseRate.heldOut, lesson, fold)) return choice;
  return { members: [baseRate], heldOut: baseRate.heldOut, logLoss: baseRate.logLoss };
}

/** Whether the mean difference of the rows' losses is more than its standard error. */
function isBetter(heldOut: Float32Array, other: Float32Array, lesson: Lesson, fold: Int32Array): boolean {
  const mine = calibratedLosses(heldOut, lesson, fold).sum;
  const gain = calibratedLosses(other, lesson, fold).sum.map((loss, r) => loss - mine[r]);
  const mean = gain.reduce((sum, g) => sum + g, 0) / gain.length;
  const squares = gain.reduce((sum, g) => sum + (g - mean) ** 2, 0);
  return mean > Math.sqrt(squares) / gain.length;
}
