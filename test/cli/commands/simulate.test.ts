import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "../run.js";
import { workloadFolder } from "../workload.js";

const { at, readRows } = workloadFolder("simulate");

describe("simulate", () => {
  it("deals rows into work without scores and a labelled sample", () => {
    const [work, sample] = [readRows("work.jsonl"), readRows("sample.jsonl")];
    expect([work.length, sample.length]).toEqual([480, 120]);
    expect(new Set([...work, ...sample].map(({ id }) => id)).size).toBe(600);
    expect(Object.keys(work[0])).not.toContain("model-01__score");
    expect(Object.keys(sample[0])).toContain("model-01__score");
  });

  it("gives the same bytes for the same seed and others for another", async () => {
    const make = async (seed: string) => {
      await run(
        "simulate",
        "--queries",
        "50",
        "--models",
        "3",
        "--seed",
        seed,
        "-o",
        at(`seed-${seed}.jsonl`),
      );
      return readFileSync(at(`seed-${seed}.jsonl`), "utf8");
    };
    expect(await make("1")).toBe(await make("1"));
    expect(await make("1")).not.toBe(await make("2"));
  });
});
