import { describe, expect, it } from "vitest";
import { run } from "../run.js";
import { workloadFolder } from "../workload.js";

const { at, readRows, fitted } = workloadFolder("front", { fitted: true });

describe("front", () => {
  it("writes cost, accuracy, price and shares of rising points", async () => {
    const { code } = await run(
      ...["front", at("work.jsonl"), ...fitted, "-o", at("front.jsonl"), "--points", "20", "-q"],
    );
    expect(code).toBe(0);
    const points = readRows("front.jsonl") as {
      cost: number;
      accuracy: number;
      shares: Record<string, number>;
    }[];
    expect(points.length).toBe(20);
    points.forEach(({ cost, shares }, k) => {
      expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      if (k > 0) expect(cost).toBeGreaterThan(points[k - 1].cost);
    });
  });

  it("has at most twice as many points as the grid number of optllm, ends included", async () => {
    const front = async (...more: string[]) => {
      const { code, out } = await run(...["front", at("work.jsonl"), ...fitted, "--json", "-q", ...more]);
      expect(code).toBe(0);
      return JSON.parse(out) as { points: number; algorithm: string; cheapest: object; mostAccurate: object };
    };
    const exact = await front();
    const optllm = await front("--algorithm", "optllm", "--grid-number", "5");
    expect([exact.algorithm, optllm.algorithm]).toEqual(["exact", "optllm"]);
    expect(optllm.points).toBeGreaterThan(2);
    expect(optllm.points).toBeLessThanOrEqual(10);
    expect([optllm.cheapest, optllm.mostAccurate]).toEqual([exact.cheapest, exact.mostAccurate]);
  });

  it.each([
    [["--algorithm", "greedy"], /Allowed choices are exact, optllm/],
    [["--grid-number", "0"], /expected a whole number from 1 to 1000000/],
  ])("refuses %j", async (more, message) => {
    const { code, err } = await run("front", at("work.jsonl"), "--labels", at("sample.jsonl"), ...more);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe("front --search", () => {
  it("writes the points between the supported ones, without a price", async () => {
    const few = at("few.jsonl");
    await run("simulate", "--queries", "12", "--models", "3", "--seed", "4", "-o", few, "-q");
    const searched = async (name: string) => {
      const { code, out } = await run(
        ...["front", few, ...fitted, "--search", "-o", at(name), "--points", "100000", "--json", "-q"],
      );
      expect(code).toBe(0);
      return JSON.parse(out) as { points: number; supported: number; isComplete: boolean };
    };
    const summary = await searched("searched.jsonl");
    const points = readRows("searched.jsonl") as {
      cost: number;
      lambda: number | null;
      shares: Record<string, number>;
    }[];
    expect(summary).toMatchObject({ points: points.length, isComplete: true });
    expect(points.length).toBeGreaterThan(summary.supported);
    // The cheapest point has no price either.
    expect(points.filter(({ lambda }) => lambda !== null).length).toBe(summary.supported - 1);
    points.forEach(({ cost, shares }, k) => {
      expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      if (k > 0) expect(cost).toBeGreaterThan(points[k - 1].cost);
    });
  });

  it("refuses many queries", async () => {
    const many = at("many.jsonl");
    await run("simulate", "--queries", "2049", "--models", "2", "-o", many, "-q");
    const { code, err } = await run(
      "front",
      many,
      "--labels",
      many,
      "--predictor",
      "base-rate",
      "--search",
      "-q",
    );
    expect(code).toBe(2);
    expect(err).toContain("2049 queries are too many to search; expected at most 2048");
  });
});
