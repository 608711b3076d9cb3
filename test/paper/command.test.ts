import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { BASELINES } from "../../paper/baselines/index.js";
import type { Comparison } from "../../paper/compare.js";
import { compare, run, testFolder } from "../cli/run.js";

const bin = fileURLToPath(new URL("../../dist/paper/bin.js", import.meta.url));
const { at } = testFolder("compare");

beforeAll(async () => {
  await run("simulate", "--queries", "200", "--models", "4", "--seed", "3", "-o", at("labelled.csv"), "-q");
});

describe("npm run compare", () => {
  const onLabelled = (...more: string[]) =>
    compare(at("labelled.csv"), "--train", "10%", "--validation", "10%", ...more);

  it("carries everything as JSON", async () => {
    const some = ["--algorithms", "nsga2,mopso", "--predictor", "base-rate"];
    const { code, out } = await onLabelled(...some, "--repeats", "2", "--json", "-q");
    expect(code).toBe(0);
    const { settings, repeats, summary, ranks } = JSON.parse(out) as Comparison;
    expect(settings).toEqual({
      population: 100,
      generations: 100,
      asPublished: false,
      baselines: ["nsga2", "mopso"],
    });
    expect(repeats.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(summary.map(({ method }) => method)).toEqual(["exact", "optllm", "nsga2", "mopso"]);
    expect(ranks.igd.averageRanks.length).toBe(4);
  });

  it("prints tables for people and progress to stderr", async () => {
    const { code, out, err } = await onLabelled("--algorithms", "moead", "--as-published");
    expect(code).toBe(0);
    expect(err).toMatch(/repeat 1 of 1: moead/);
    expect(out).toMatch(/seeds 1\n.*100 generations of 100 allocations, random at first/);
    for (const row of ["our front \\(exact\\)", "OptLLM-M", "MOEA/D"])
      expect(out).toMatch(new RegExp(`^${row} `, "m"));
    expect(out).toMatch(/^our front \(exact\) ahead of all baselines +. of 1/m);
    expect(out).toMatch(/^critical difference, 5 % /m);
  });

  it.each([
    [
      ["--algorithms", "nsga3"],
      /"nsga3" is no baseline; expected nsga2, rnsga2, sms-emoa, moead, moead-gen, mopso/,
    ],
    [["--repeats", "0"], /whole number from 1/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await onLabelled(...argv, "-q");
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("names every baseline in its help", async () => {
    const { out } = await compare("--help");
    for (const name of BASELINES) expect(out).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it("stops on Ctrl-C with exit code 130", async () => {
    const many = at("many.csv");
    await run("simulate", "--queries", "4000", "--models", "6", "-o", many, "-q");
    const child = spawn("node", [bin, many, "--predictor", "base-rate", "--repeats", "9"]);
    await new Promise<void>((running) => {
      child.stderr.on("data", (text: Buffer) => text.includes("nsga2") && running());
    });
    child.kill("SIGINT");
    const code = await new Promise((done) => child.on("exit", done));
    expect(code).toBe(130);
  });
});
