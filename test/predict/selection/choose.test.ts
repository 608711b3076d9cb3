import { describe, expect, it } from "vitest";
import { fitCalibration } from "../../../src/predict/selection/calibration.js";
import { choose } from "../../../src/predict/selection/choose.js";
import {
  calibratedLoss,
  meanLoss,
  rowLosses,
  type Candidate,
} from "../../../src/predict/selection/crossValidate.js";
import { logit } from "../../../src/predict/methods/logistic.js";
import { FOLDS } from "../../../src/predict/selection/folds.js";
import type { MethodKind } from "../../../src/predict/methods/method.js";
import { Random } from "../../../src/random.js";
import { examplesOf } from "../examples.js";

const ROWS = 1_000;
const random = new Random(1);
const margin = Array.from({ length: ROWS }, () => 2 * random.normal());
const examples = examplesOf(
  1,
  margin.map((f) => (random.uniform() < 1 / (1 + Math.exp(-f)) ? 1 : 0)),
);
const fold = Int32Array.from({ length: ROWS }, (_, r) => r % FOLDS);

/** What was predicted, row by row, as log-odds. */
function candidate(kind: MethodKind, logOdds: (f: number) => number, setting = {}): Candidate {
  const heldOut = Float32Array.from(margin, (f) => 1 / (1 + Math.exp(-logOdds(f))));
  return { kind, setting, heldOut, logLoss: calibratedLoss([heldOut], examples, fold) };
}

const truth = (kind: MethodKind): Candidate => candidate(kind, (f) => f);
const noise = (kind: MethodKind, seed: number): Candidate => {
  const draw = new Random(seed);
  return candidate(kind, () => 2 * draw.normal());
};
const noisy = (kind: MethodKind, seed: number, setting = {}): Candidate => {
  const draw = new Random(seed);
  return candidate(kind, (f) => f + 2 * draw.normal(), setting);
};
const kinds = (candidates: readonly Candidate[]): MethodKind[] => candidates.map(({ kind }) => kind);

const heldOutOf = (candidates: readonly Candidate[]): Float32Array[] =>
  candidates.map(({ heldOut }) => heldOut);

describe("choose", () => {
  it("takes the best alone when the others add nothing", () => {
    const best = truth("trees");
    const choice = choose([noise("logistic", 2), best, noise("knn", 3)], examples, fold);
    expect(choice.members).toEqual([best]);
    expect(choice.calibration).toEqual(fitCalibration([best.heldOut], examples));
    expect(choice.logLoss).toBe(best.logLoss);
  });

  it("stacks methods with different errors, and reports their combined loss", () => {
    const candidates = [noisy("trees", 2), noisy("logistic", 3), noise("knn", 5)];
    const { members, calibration, logLoss } = choose(candidates, examples, fold);
    expect(kinds(members).sort()).toEqual(["logistic", "trees"]);
    expect(calibration).toEqual(fitCalibration(heldOutOf(members), examples));
    expect(logLoss).toBeLessThan(Math.min(...members.map((m) => m.logLoss)) - 0.02);
    expect(logLoss).toBe(calibratedLoss(heldOutOf(members), examples, fold));
  });

  it("gives the better one more weight", () => {
    const [vague, clear] = [
      noisy("trees", 2),
      candidate("logistic", (f) => f + 0.4 * new Random(4).normal()),
    ];
    const { members, calibration } = choose([vague, clear], examples, fold);
    expect(members[0]).toBe(clear);
    expect(calibration.weight[0]).toBeGreaterThan(4 * (calibration.weight[1] ?? 0));
  });

  it("ranks members by their loss, best first, and leaves out the base rate", () => {
    const tried = (["base-rate", "logistic", "rank-one", "trees", "forest", "knn"] as const).map((kind, k) =>
      noisy(kind, 10 + k),
    );
    const { members } = choose(tried, examples, fold);
    expect(kinds(members)).not.toContain("base-rate");
    const losses = members.map(({ logLoss }) => logLoss);
    expect(losses.length).toBe(5);
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
  });

  it("takes one setting of a method, the better, and of equal ones the first", () => {
    const [worse, better] = [noise("logistic", 7), noisy("logistic", 8)].sort(
      (a, b) => b.logLoss - a.logLoss,
    );
    const twin = { ...better, setting: { strength: 9 } };
    expect(choose([worse, better, twin], examples, fold).members).toEqual([better]);
    expect(choose([twin, worse, better], examples, fold).members).toEqual([twin]);
  });

  it("takes all of several that are equal", () => {
    const { members } = choose([truth("logistic"), truth("rank-one"), truth("trees")], examples, fold);
    expect(kinds(members)).toEqual(["logistic", "rank-one", "trees"]);
  });

  it("is as good as the base rate if the labels are noise", () => {
    const base = candidate("base-rate", () => 0);
    const candidates = [noise("trees", 2), base, noise("logistic", 3), noise("knn", 4)];
    expect(choose(candidates, examples, fold).logLoss).toBeLessThan(base.logLoss * 1.003);
  });

  it("keeps the base rate if others gain too little, however surely", () => {
    const base = candidate("base-rate", () => 0);
    // Always on the right side, so that the gain is many standard errors; yet 0.06 % of the loss, or 1 %.
    const [whisper, word] = [candidate("trees", (f) => 0.0005 * f), candidate("trees", (f) => 0.01 * f)];
    expect(kinds(choose([base, whisper], examples, fold).members)).toEqual(["base-rate"]);
    expect(kinds(choose([base, word], examples, fold).members)).toEqual(["trees"]);
  });

  it("weights others by how surely they beat the base rate, with log-odds between the two", () => {
    const base = candidate("base-rate", () => 0);
    // They know more and more of the rows.
    const shares = [0.08, 0.12, 1].map((part, k) => {
      const draw = new Random(20 + k);
      const hint = candidate("trees", (f) => (draw.uniform() < part ? f : 0.5 * draw.normal()));
      const { members, share, calibration, heldOut, logLoss } = choose([base, hint], examples, fold);
      expect(members).toEqual([hint]);
      const whole = choose([hint], examples, fold);
      calibration.slope.forEach((b, m) => expect(b).toBeCloseTo(share * whole.calibration.slope[m], 12));
      const stays = choose([base], examples, fold).heldOut;
      heldOut.forEach((p, r) => {
        const mixed = share * logit(whole.heldOut[r]) + (1 - share) * logit(stays[r]);
        expect(logit(p)).toBeCloseTo(mixed, 4);
      });
      expect(logLoss).toBeCloseTo(meanLoss(rowLosses(heldOut, examples)), 12);
      return share;
    });
    expect(shares[0]).toBeLessThan(0.97);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[2]).toBe(1);
  });

  it("takes the first where no row has a label to compare by", () => {
    const blank = examplesOf(1, new Array<number>(ROWS).fill(NaN));
    const candidates = [truth("base-rate"), truth("trees")].map((c) => ({ ...c, logLoss: NaN }));
    expect(kinds(choose(candidates, blank, fold).members)).toEqual(["base-rate"]);
  });
});
