import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { checkOutputs } from "../../src/write/outputs.js";
import { run, testFolder } from "../cli/run.js";

const { at } = testFolder("outputs");
const rejects = async (promise: Promise<void>, message: string | RegExp) => {
  await expect(promise).rejects.toThrow(InputError);
  await promise.catch((error: Error) => expect(error.message).toMatch(message));
};

describe("outputs", () => {
  writeFileSync(at("in.jsonl"), "{}\n");
  symlinkSync(at("in.jsonl"), at("link.jsonl"));
  linkSync(at("in.jsonl"), at("hard.jsonl"));
  symlinkSync(at("nowhere"), at("dangling.jsonl"));
  mkdirSync(at("inner"));

  it("are refused where two are one file, under whatever names", async () => {
    await rejects(checkOutputs([at("a"), at("inner/../a")], []), "two outputs are one file");
    await rejects(checkOutputs([at("link.jsonl"), at("hard.jsonl")], []), "two outputs are one file");
    await rejects(checkOutputs([at("new")], [], [at("new")]), "two outputs are one file");
    await rejects(checkOutputs(["-", "-"], []), "two outputs cannot both go to standard output");
    await checkOutputs(
      [at("a"), at("b"), undefined, "/dev/null", "/dev/null"],
      [at("in.jsonl"), "-", undefined],
    );
  });

  it("are refused where one is an input, whatever link leads to it", async () => {
    for (const name of ["in.jsonl", "link.jsonl", "hard.jsonl", "inner/../in.jsonl"])
      await rejects(checkOutputs([at(name)], [at("in.jsonl")]), "is also an input, which would be lost");
    await rejects(checkOutputs([at("in.jsonl")], [at("missing"), at("link.jsonl")]), "is also an input");
  });

  it("are refused where one replaces a file of a folder that is read", async () => {
    writeFileSync(at("inner/part-0.jsonl"), "{}\n");
    symlinkSync(at("inner"), at("same"));
    for (const folder of ["inner", "same"])
      await rejects(
        checkOutputs([at("inner/part-0.jsonl")], [at(folder)]),
        "is one of the files of the input",
      );
    await checkOutputs([at("inner/new.jsonl"), at("innermost.jsonl")], [at("inner")]);
  });

  it("are refused where a link leads nowhere, and where a file is read-only", async () => {
    await rejects(checkOutputs([at("dangling.jsonl")], []), "is a link to a file that does not exist");
    writeFileSync(at("kept.jsonl"), "keep\n");
    chmodSync(at("kept.jsonl"), 0o444);
    await rejects(checkOutputs([at("kept.jsonl")], []), "is read-only");
  });
});

describe("every command", () => {
  const row = (k: number) => ({
    id: `q${k}`,
    query: `text ${k}`,
    a__cost: 1,
    a__score: k % 2,
    b__cost: 2,
    b__score: 1,
  });
  writeFileSync(
    at("rows.jsonl"),
    Array.from({ length: 8 }, (_, k) => `${JSON.stringify(row(k))}\n`).join(""),
  );
  const rows = at("rows.jsonl");
  const before = readFileSync(rows, "utf8");

  it.each([
    ["solve", rows, "--labels", rows, "--knee", "-o", rows],
    ["solve", rows, "--labels", rows, "--knee", "-o", at("x.jsonl"), "--report", at("x.jsonl")],
    ["solve", rows, "--labels", rows, "--knee", "-o", at("x.jsonl"), "--front", rows],
    ["front", rows, "--labels", rows, "-o", rows],
    ["backtest", rows, "--report", rows],
    ["fit", rows, "-o", rows],
    ["import", rows, "-o", rows],
    ["predict", rows, "--predictor", at("p.optllm"), "-o", rows],
    ["simulate", "--queries", "9", "--models", "2", "--labels", at("y.jsonl"), "-o", at("y.jsonl")],
    ["export", "--allocation", rows, "--work", rows, "--to", "routerarena", "-o", rows],
    ["collect", at("inner"), rows, "-o", rows],
  ])("refuses before work, and keeps the file: %s …", async (...argv) => {
    const { code, err } = await run(...argv);
    expect(err).toMatch(/^error: (two outputs are one file|the output .* is also an input)[^\n]*\n$/);
    expect(code).toBe(2);
    expect(readFileSync(rows, "utf8")).toBe(before);
  });

  it("gives its result as JSON, or names the file that has it", async () => {
    const json = async (...argv: string[]) => {
      const { code, out } = await run(...argv, "--json", "-q");
      expect([argv[0], code, out.split("\n").length]).toEqual([argv[0], 0, 2]);
      return JSON.parse(out) as Record<string, unknown>;
    };
    const solve = ["solve", rows, "--labels", rows, "--predictor", "base-rate", "--threads", "1", "--knee"];
    const { allocation } = await json(...solve);
    expect(allocation).toHaveLength(8);
    expect((allocation as object[])[0]).toMatchObject({ id: "q0", cost: expect.any(Number) as number });
    expect((await json(...solve, "-o", at("plan.jsonl"))).files).toEqual({ output: at("plan.jsonl") });
    const front = ["front", rows, "--labels", rows, "--predictor", "base-rate", "--threads", "1"];
    const { front: points, points: count } = await json(...front);
    expect(points).toHaveLength(count as number);
    expect(await json(...front, "-o", at("front.csv"))).toMatchObject({ output: at("front.csv") });
    const fit = ["fit", rows, "--predictor", "base-rate", "-o", at("p.optllm")];
    expect(await json(...fit)).toMatchObject({ output: at("p.optllm") });
    const predict = ["predict", rows, "--predictor", at("p.optllm"), "-o", at("p.csv")];
    expect(await json(...predict)).toMatchObject({ output: at("p.csv") });
    expect(await json("import", rows, "-o", at("i.csv"))).toMatchObject({ output: at("i.csv") });
  });
});
