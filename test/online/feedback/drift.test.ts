import { describe, expect, it } from "vitest";
import { Drift, TOLERANCE } from "../../../src/online/feedback/drift.js";
import { Random } from "../../../src/random.js";
import { runs } from "../../runs.js";

/** Shares of runs whose evidence ever reached 20; `shift` is added to the chance of a good score. */
function alarmed(shift: number, scores: number, repeats: number): number {
  let alarms = 0;
  for (let seed = 1; seed <= repeats; seed++) {
    const random = new Random(seed, 5);
    const drift = new Drift();
    for (let i = 0; i < scores; i++) {
      const p = 0.1 + 0.8 * random.uniform();
      drift.observe(p, random.uniform() < p + shift ? 1 : 0);
    }
    if (drift.evidence >= 20) alarms++;
  }
  return alarms / repeats;
}

describe("the test of calibration by betting", () => {
  it("raises a false alarm in at most 5 % of runs, even at the edge of its tolerance", () => {
    const repeats = runs(500);
    // Two standard errors of a share of 5 %.
    const most = 0.05 + 2 * Math.sqrt((0.05 * 0.95) / repeats);
    expect(alarmed(0, 5_000, repeats)).toBeLessThanOrEqual(most);
    expect(alarmed(TOLERANCE, 5_000, repeats)).toBeLessThanOrEqual(most);
    expect(alarmed(-TOLERANCE, 5_000, repeats)).toBeLessThanOrEqual(most);
  });

  it("is a supermartingale in every state: the expected factor of the capital is at most 1", () => {
    const random = new Random(3);
    const drift = new Drift();
    for (let i = 0; i < 2_000; i++) {
      const p = random.uniform();
      const before = drift.state();
      const factor = (score: number): number => {
        const next = new Drift();
        next.restore(before);
        next.observe(p, score);
        return Math.exp(next.state().logCapital - before.logCapital);
      };
      for (const chance of [Math.max(0, p - TOLERANCE), p, Math.min(1, p + TOLERANCE)])
        expect(chance * factor(1) + (1 - chance) * factor(0)).toBeLessThanOrEqual(1 + 1e-12);
      drift.observe(p, i < 1_000 ? Number(random.uniform() < p) : Number(random.uniform() < 0.3 * p));
    }
  });

  it.each([-0.15, 0.15])("notices a shift by %s, also after a long calm", (shift) => {
    for (const calm of [0, 5_000]) {
      const random = new Random(8, calm);
      const drift = new Drift();
      const observe = (by: number): void => {
        const p = 0.25 + 0.5 * random.uniform();
        drift.observe(p, random.uniform() < p + by ? 1 : 0);
      };
      for (let i = 0; i < calm; i++) observe(0);
      expect(drift.evidence).toBeLessThan(20);
      let n = 0;
      while (drift.evidence < 240 && n < 2_000) {
        observe(shift);
        n++;
      }
      expect(n).toBeLessThan(1_200);
      expect(drift.means.score - drift.means.probability).toBeCloseTo(shift, 0);
    }
  });

  it("saved and restored, goes on as before", () => {
    const [one, other] = [new Drift(), new Drift()];
    for (let i = 0; i < 50; i++) one.observe(0.7, i % 2);
    other.restore(JSON.parse(JSON.stringify(one.state())) as ReturnType<Drift["state"]>);
    one.observe(0.6, 0);
    other.observe(0.6, 0);
    expect(other.state()).toEqual(one.state());
  });
});
