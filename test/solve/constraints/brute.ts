import { expect } from "vitest";
import { InputError } from "../../../src/errors.js";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { bruteForce, randomCase } from "./small.js";

export interface Tally {
  feasible: number;
  infeasible: number;
  refused: number;
  optimal: number;
  proven: number;
}

/** Takes the one refusal that random problems meet: a positive floor for a group without queries. */
export function refusedGroup(error: unknown): undefined {
  if (error instanceof InputError && error.message.includes("no query is in its group")) return undefined;
  throw error;
}

/** Solves random small problems and compares each with brute force; fails with all that differ. */
export async function compareWithBruteForce(from: number, to: number): Promise<Tally> {
  const tally: Tally = { feasible: 0, infeasible: 0, refused: 0, optimal: 0, proven: 0 };
  const failures: string[] = [];
  for (let seed = from; seed < to; seed++) {
    try {
      await compareOne(seed, tally);
    } catch (error) {
      failures.push(String(error));
    }
  }
  expect(failures).toEqual([]);
  return tally;
}

async function compareOne(seed: number, tally: Tally): Promise<void> {
  const one = randomCase(seed);
  const exact = bruteForce(one);
  const { problem, constraints, target } = one;
  const isCheapest = "accuracy" in target;
  const choice = await chooseUnder(problem, constraints, target, { steps: 2000 }).catch(refusedGroup);
  if (choice === undefined) {
    expect(exact, `seed ${seed} is refused`).toBeUndefined();
    tally.refused++;
    return;
  }
  const where = `seed ${seed}: ${JSON.stringify({ status: choice.status, exact, constraints, target })}`;
  if (exact === undefined) {
    expect(choice.status, where).toBe("infeasible");
    tally.infeasible++;
    return;
  }
  expect(choice.status, where).toBe("chosen");
  if (choice.status !== "chosen") return;
  tally.feasible++;
  if (choice.optimal) tally.proven++;
  expect(
    choice.limits.every(({ slack }) => slack >= 0),
    where,
  ).toBe(true);
  if (isCheapest) {
    expect(choice.costBound, where).toBeLessThanOrEqual(exact.cost + 1e-12);
    expect(choice.totalCost, where).toBeGreaterThanOrEqual(exact.cost - 1e-12);
    if (choice.totalCost <= exact.cost + 1e-9) tally.optimal++;
  } else {
    expect(choice.bound, where).toBeGreaterThanOrEqual(exact.accuracy - 1e-12);
    expect(choice.expectedAccuracy, where).toBeLessThanOrEqual(exact.accuracy + 1e-12);
    if (choice.expectedAccuracy >= exact.accuracy - 1e-9) tally.optimal++;
  }
}
