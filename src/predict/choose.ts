import { meanLogOdds } from "./calibration.js";
import { calibratedLoss, type Candidate } from "./crossValidate.js";
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
 * whose held-out log-loss is as good as the least one's; the first where no label can tell. Averaging by fitted weights is worse: samples are small.
 */
export function choose(candidates: readonly Candidate[], lesson: Lesson, fold: Int32Array): Choice {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const rival = best.get(candidate.kind);
    if (rival === undefined || candidate.logLoss < rival.logLoss) best.set(candidate.kind, candidate);
  }
  const ranked = [...best.values()].sort((a, b) => a.logLoss - b.logLoss);
  const choices = ranked.slice(0, MOST_MEMBERS).map((_, k) => {
    const members = ranked.slice(0, k + 1);
    const heldOut = meanLogOdds(members.map((member) => member.heldOut));
    return { members, heldOut, logLoss: calibratedLoss(heldOut, lesson, fold) };
  });
  const least = Math.min(...choices.map(({ logLoss }) => logLoss));
  // Without a label among the rows compared, every loss is NaN.
  return choices.findLast(({ logLoss }) => logLoss <= least * (1 + TOLERANCE)) ?? choices[0];
}
