import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { run, testFolder } from "./run.js";

const bin = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const { folder, at } = testFolder("cli");

const readLines = (name: string) => readFileSync(at(name), "utf8").trimEnd().split("\n");
const readRows = (name: string) => readLines(name).map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  const sizes = ["--queries", "600", "--models", "5", "--seed", "3"];
  await run(
    "simulate",
    ...sizes,
    "--labels",
    at("sample.jsonl"),
    "--labelled",
    "20%",
    "-o",
    at("work.jsonl"),
  );
  await run("simulate", ...sizes, "-o", at("labelled.csv"));
  await run("fit", at("sample.jsonl"), "--work", at("work.jsonl"), "-o", at("learned.optllm"), "-q");
});

/** Where a test is not about learning, it takes what was learned once. */
const learned = ["--predictor-file", at("learned.optllm")];

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

describe("solve", () => {
  const solve = (...more: string[]) => run("solve", at("work.jsonl"), ...learned, ...more);
  const learnAndSolve = (...more: string[]) =>
    run("solve", at("work.jsonl"), "--labels", at("sample.jsonl"), ...more);

  it.each(["jsonl", "csv", "json"])("writes an allocation within the budget as %s", async (format) => {
    const { code, out } = await solve("--budget", "1.5", "-o", at(`allocation.${format}`), "--quiet");
    expect(code).toBe(0);
    expect(out).toMatch(/chosen, budget \$1\.50/);
    const text = readFileSync(at(`allocation.${format}`), "utf8");
    const rows =
      format === "json"
        ? (JSON.parse(text) as { cost: number }[])
        : format === "jsonl"
          ? readRows("allocation.jsonl")
          : readLines("allocation.csv")
              .slice(1)
              .map((line) => ({ cost: Number(line.split(",")[2]) }));
    expect(rows.length).toBe(480);
    expect(rows.reduce((sum, { cost }) => sum + (cost as number), 0)).toBeLessThanOrEqual(1.5);
  });

  it.each([["--accuracy", "80%"], ["--knee"], ["--match-best"]])(
    "prints the plan as JSON for %s",
    async (...target) => {
      const { code, out } = await solve(...target, "--json", "-o", at("allocation.jsonl"), "-q");
      expect(code).toBe(0);
      const plan = JSON.parse(out) as Record<string, number>;
      expect(plan).toMatchObject({ status: "chosen", queries: 480 });
      expect(plan.bound).toBeGreaterThanOrEqual(plan.expectedAccuracy);
      expect(plan.totalCost).toBeGreaterThanOrEqual(plan.costBound);
    },
  );

  it("writes the allocation to stdout and the summary to stderr without -o", async () => {
    const argv = [bin, "solve", at("work.jsonl"), ...learned, "--knee"];
    const { stdout, stderr } = await promisify(execFile)("node", argv);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.length).toBe(480);
    expect(Object.keys(JSON.parse(rows[0]) as object)).toEqual(["id", "model", "cost", "probability"]);
    expect(stderr).toMatch(/chosen, knee/);
  });

  it("gives the same bytes every time", async () => {
    const bytes = async () => {
      await learnAndSolve("--knee", "-o", at("again.jsonl"), "--front", at("again.csv"), "-q");
      return readFileSync(at("again.jsonl"), "utf8") + readFileSync(at("again.csv"), "utf8");
    };
    expect(await bytes()).toBe(await bytes());
  });

  it("exits with 3 and writes nothing when the budget is infeasible", async () => {
    const { code, err } = await solve("--budget", "0.0001", "-o", at("never.jsonl"), "-q");
    expect(code).toBe(3);
    expect(err).toMatch(/infeasible: the cheapest allocation costs \$\d/);
    expect(existsSync(at("never.jsonl"))).toBe(false);
  });

  it("limits itself to the models asked for", async () => {
    const two = ["--models", "model-02,model-04", "--predictor", "knn"];
    const { code } = await learnAndSolve("--knee", ...two, "-o", at("two.jsonl"), "-q");
    expect(code).toBe(0);
    expect(new Set(readRows("two.jsonl").map(({ model }) => model))).toEqual(
      new Set(["model-02", "model-04"]),
    );
  });

  it("leaves out a model that the sample does not label, and says so", async () => {
    const rows = readRows("work.jsonl").map((row) => ({ ...row, new__cost: 0 }));
    writeFileSync(at("wider.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    const { code, err } = await run(
      ...["solve", at("wider.jsonl"), "--labels", at("sample.jsonl"), "--predictor", "knn", "--knee"],
      ...["-o", at("wider.out.jsonl")],
    );
    expect(code).toBe(0);
    expect(err).toMatch(/model "new" has no labels and is left out/);
  });

  it("plans for a changed world and puts the old one beside it", async () => {
    const what = ["--match-best", "--scale-cost", "model-03=0.5", "--without", "model-01", "-q"];
    const { code, out } = await solve(...what, "--json", "-o", at("what.jsonl"));
    expect(code).toBe(0);
    const { models, whatIf, breakEven, totalCost, dollarsPerRightAnswer, lambda } = JSON.parse(out) as {
      models: string[];
      whatIf: Record<"before" | "after", { hypervolume: number; totalCost: number }>;
      breakEven: { model: string; costFactor: number | null }[];
      totalCost: number;
      dollarsPerRightAnswer: number;
      lambda: number;
    };
    expect(models).not.toContain("model-01");
    expect(breakEven.map(({ model }) => model)).toEqual(models);
    expect(whatIf.after.totalCost).toBe(totalCost);
    expect(whatIf.before.hypervolume).not.toBe(whatIf.after.hypervolume);
    expect(dollarsPerRightAnswer * lambda).toBeCloseTo(1, 12);
    expect(new Set(readRows("what.jsonl").map(({ model }) => model))).not.toContain("model-01");
    const { out: shown } = await solve(...what, "-o", at("what.jsonl"));
    expect(shown).toMatch(/^as it is .*\$/m);
    expect(shown).toMatch(/used up to/);
    expect((await solve("--knee", "--json", "-o", at("what.jsonl"), "-q")).out).not.toMatch(/whatIf/);
  });

  it.each([
    [["--knee", "--without", "model-3"], /no model "model-3" to change; there are model-01/],
    [["--knee", "--scale-cost", "model-01=-1"], /expected MODEL=FACTOR/],
    [["--knee", "--scale-cost", "model-01"], /expected MODEL=FACTOR/],
    [["--budget", "1", "--knee"], /give one of --budget, --accuracy, --knee and --match-best/],
    [[], /give one of --budget/],
    [["--budget", "-1"], /expected a number ≥ 0/],
    [["--budget", "ten"], /expected a number ≥ 0/],
    [["--accuracy", "85"], /expected 0 … 1, or a percentage/],
    [["--knee", "--predictor", "magic"], /Allowed choices are auto, base-rate, logistic/],
    [["--knee", "--models", "model-02,modle-03"], /modle-03/],
    [["--knee", "-o", "out.txt"], /\.jsonl, \.csv, \.json/],
    [["--knee", "-o", "/nowhere/out.jsonl"], /\/nowhere/],
    [["--knee", "--frobnicate"], /unknown option/],
  ])("refuses %j with exit code 2 and says why", async (argv, message) => {
    const { code, err, out } = await learnAndSolve("--predictor", "base-rate", ...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(out).toBe("");
  });
});

describe("wrong files", () => {
  const ok = '{"id":"a","query":"x","m__cost":1,"m__score":1}';
  const row = (change: object) => JSON.stringify({ id: "b", query: "y", m__cost: 1, m__score: 0, ...change });
  const cases: [string, string | Buffer, RegExp][] = [
    ["an empty file", "", /bad\.jsonl has no rows|empty/],
    ["a NaN cost", `${ok}\n${row({ m__cost: "NaN" })}`, /bad\.jsonl:2: m__cost is .*NaN/],
    ["a negative cost", `${ok}\n${row({ m__cost: -1 })}`, /bad\.jsonl:2: m__cost is -1/],
    ["a score of 1.2", `${ok}\n${row({ m__score: 1.2 })}`, /bad\.jsonl:2: m__score is 1\.2/],
    ["a duplicate id", `${ok}\n${row({ id: "a" })}`, /bad\.jsonl:2: .*id.*a.*line 1/],
    ["broken JSON", `${ok}\n{"id":`, /bad\.jsonl:2: /],
    ["a ragged CSV", "id,query,m__cost,m__score\na,x,1,1\nb,y,1\n", /bad\.jsonl:3: /],
    [
      "a truncated gzip",
      gzipSync(`${ok}\n`.repeat(1000)).subarray(0, 60),
      /bad\.jsonl.*(truncated|ends|unexpected|damaged)/i,
    ],
    [
      "a row that no model may answer",
      `${ok}\n${row({ m__cost: null, m__score: null })}`,
      // Of work the line is not told: only the sample shows whether a cost can be predicted.
      /no model may answer.*b/,
    ],
  ];

  it.each(cases)(
    "%s: one line that names the place, exit code 2, nothing written",
    async (_, content, message) => {
      writeFileSync(at("bad.jsonl"), content);
      writeFileSync(at("good.jsonl"), `${ok}\n${row({})}\n`);
      const before = readdirSync(folder);
      for (const [work, labels] of [
        ["bad", "good"],
        ["good", "bad"],
      ]) {
        const { code, err, out } = await run(
          ...[
            "solve",
            at(`${work}.jsonl`),
            "--labels",
            at(`${labels}.jsonl`),
            "--knee",
            "-o",
            at("x.jsonl"),
            "-q",
          ],
        );
        // A work row that no model may answer is wrong; so is a labelled one with costs but none for any model.
        expect(err).toMatch(message);
        expect(err.trimEnd().split("\n").length).toBe(1);
        expect(code).toBe(2);
        expect(out).toBe("");
        expect(readdirSync(folder)).toEqual(before);
      }
    },
  );

  it("solves a workload of one row and one model", async () => {
    writeFileSync(at("one.jsonl"), `${ok}\n`);
    const { code } = await run(
      "solve",
      at("one.jsonl"),
      "--labels",
      at("one.jsonl"),
      "--knee",
      "-o",
      at("one.csv"),
      "-q",
    );
    expect(code).toBe(0);
    expect(readLines("one.csv").length).toBe(2);
  });

  it("reports the error as JSON as well when JSON was asked for", async () => {
    const { code, out } = await run("backtest", at("absent.jsonl"), "--json", "-q");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "E_INPUT" } });
  });
});

describe("front", () => {
  it("writes cost, accuracy, price and shares of rising points", async () => {
    const { code } = await run(
      ...["front", at("work.jsonl"), ...learned, "-o", at("front.jsonl"), "--points", "20", "-q"],
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
      const { code, out } = await run(...["front", at("work.jsonl"), ...learned, "--json", "-q", ...more]);
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
        ...["front", few, ...learned, "--search", "-o", at(name), "--points", "100000", "--json", "-q"],
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

describe("backtest", () => {
  const backtest = (...more: string[]) => run("backtest", at("labelled.csv"), "-q", ...more);

  it("prints figures whose means are those of the repeats", async () => {
    const { code, out } = await backtest(
      ...["--train", "20%", "--validation", "0.1", "--repeats", "2", "--seed", "7"],
      ...["--predictor", "knn", "--json"],
    );
    expect(code).toBe(0);
    const { dataset, repeats, mean } = JSON.parse(
      out,
    ) as import("../../src/backtest/backtestTypes.js").Backtest;
    expect(dataset).toEqual({ queries: 600, models: 5, leftOut: 0 });
    expect(repeats.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(repeats[0]).toMatchObject({ trainQueries: 120, validationQueries: 60, testQueries: 420 });
    expect(mean.areaUnderFront).toBeCloseTo((repeats[0].areaUnderFront + repeats[1].areaUnderFront) / 2, 12);
    expect(repeats[0].front.length).toBe(200);
    repeats[0].front.forEach(({ realisedAccuracy }) => {
      expect(Math.round(realisedAccuracy * 420)).toBeCloseTo(realisedAccuracy * 420, 9);
    });
  });

  it("prints a table for people", async () => {
    const { out } = await backtest("--train", "100", "--validation", "50");
    expect(out).toMatch(/seed 1 .*model-\d/);
    expect(out).toMatch(/^mean /m);
    for (const line of [/^front .*0\.\d{4}/m, /^OptLLM-M /m, /^zero router /m, /^oracle /m, /^knee .*\$/m])
      expect(out).toMatch(line);
    expect(out).toMatch(
      /^matching the best single model: (Route|Use model-\d+ alone|Not enough evidence): /m,
    );
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("judges several targets in a changed world", async () => {
    const { code, out } = await backtest(
      ...["--train", "100", "--validation", "50", "--budget", "1.5", "--accuracy", "60%"],
      ...["--scale-cost", "model-05=0.5", "--only", "model-02,model-05", "--predictor", "knn", "--json"],
    );
    expect(code).toBe(0);
    const { plans, repeats, changes, verdict } = JSON.parse(
      out,
    ) as import("../../src/backtest/backtestTypes.js").Backtest;
    expect(plans.map(({ target }) => target)).toEqual([{ budget: 1.5 }, { accuracy: 0.6 }]);
    expect(changes).toEqual({ scaleCost: [["model-05", 0.5]], only: ["model-02", "model-05"] });
    expect(repeats[0].comparators.singles.map(({ model }) => model)).toEqual(["model-02", "model-05"]);
    expect(repeats[0].whatIf!.before.plans.length).toBe(2);
    expect(repeats[0].twoModels).toBeDefined();
    expect(verdict).toEqual(plans[0].verdict);
  });

  it.each([
    [["--train", "99%", "--validation", "5%"], /too few/],
    [["--train", "700"], /asks for 700 rows, the file has 600/],
    [["--train", "150%"], /expected a share such as 5%/],
    [["--repeats", "0"], /whole number from 1/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await backtest(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe("bench", () => {
  it.each(["1", "2"])("prints medians in milliseconds as JSON on %s thread(s)", async (threads) => {
    const { code, out } = await run(
      ...["bench", "--queries", "3000", "--models", "4", "--threads", threads, "--json", "-q"],
    );
    expect(code).toBe(0);
    const { frontMs, fullFrontMs, chooseMs, allocateMs, points, wasmMemoryBytes, ...size } = JSON.parse(out);
    expect(size).toEqual({ queries: 3000, models: 4, threads: Number(threads) });
    for (const ms of [frontMs, fullFrontMs, chooseMs, allocateMs]) expect(ms).toBeGreaterThan(0);
    expect(points).toBeGreaterThan(100);
    expect(wasmMemoryBytes % 65_536).toBe(0);
  });

  it("prints a table for people, also of a single model", async () => {
    const { code, out } = await run("bench", "--queries", "100", "--models", "1", "-q");
    expect(code).toBe(0);
    expect(out).toMatch(/^front at buckets resolution, 1 point /m);
    expect(out).toMatch(/^allocation at one price /m);
  });

  it.each([
    [["--repeat", "4"], /whole number from 5/],
    [["--queries", "0"], /whole number from 1/],
    [["--queries", "1000000000"], /below 2\^30/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await run("bench", ...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe("the program", () => {
  it("gives every command a help with an example", async () => {
    for (const command of ["solve", "front", "backtest", "simulate", "bench"]) {
      const { code, out } = await run(command, "--help");
      expect(code).toBe(0);
      expect(out).toMatch(/Example:\n {2}\$ optllm/);
    }
  });

  it("runs every example of its help, of fewer queries", async () => {
    for (const command of ["solve", "front", "backtest", "simulate", "bench"]) {
      const { out } = await run(command, "--help");
      const lines = [...out.matchAll(/^ {2}\$ optllm (.*)$/gm)].map(([, line]) => line);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const argv = line
          .replace(/--queries \d+/, "--queries 300")
          .split(" ")
          .map((word) => (/\.(jsonl|csv)$/.test(word) ? at(`help-${word}`) : word));
        const { code, err } = await run(...argv, "-q");
        expect([line, code, err]).toEqual([line, 0, ""]);
      }
    }
  });

  it.each([["constructor"], ["toString"], ["nope"]])("refuses the unknown command %s", async (command) => {
    const { code, err } = await run(command);
    expect(code).toBe(2);
    expect(err).toMatch(/unknown command/);
  });

  it("stops on Ctrl-C with exit code 130 and leaves no half file", async () => {
    const target = at("cut");
    const child = spawn("node", [
      bin,
      "simulate",
      "--queries",
      "5000000",
      "--models",
      "20",
      "-o",
      `${target}.jsonl`,
    ]);
    const before = readdirSync(folder);
    // Wait until it writes: its temporary file shows.
    while (readdirSync(folder).length === before.length) await new Promise((wake) => setTimeout(wake, 20));
    child.kill("SIGINT");
    const code = await new Promise((done) => child.on("exit", done));
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe("solve of work that has ids and texts only", () => {
  it("predicts the costs from the sample, and says so", async () => {
    const bare = readRows("work.jsonl").map(({ id, query }) => JSON.stringify({ id, query }));
    writeFileSync(at("bare.jsonl"), bare.join("\n"));
    const labels = ["--labels", at("sample.jsonl"), "--budget", "1", "--predictor", "base-rate"];
    const { code, err } = await run("solve", at("bare.jsonl"), ...labels, "-o", at("bare.csv"));
    expect(code).toBe(0);
    expect(err).toMatch(/note: costs of model "model-01" are predicted from 120 recorded ones by/);
    expect(readLines("bare.csv").length).toBe(481);
    const json = await run("solve", at("bare.jsonl"), ...labels, "--json");
    const { predictedCosts } = JSON.parse(json.out) as { predictedCosts: { model: string; rows: number }[] };
    expect(predictedCosts.length).toBe(5);
    expect(predictedCosts[0]).toMatchObject({ model: "model-01", rows: 120 });
  });
});

describe("backtest --predict-cost", () => {
  it("tells in a line how far predicted costs were off", async () => {
    const argv = [
      "backtest",
      at("labelled.csv"),
      "--predictor",
      "base-rate",
      "--train",
      "10%",
      "--predict-cost",
    ];
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toMatch(/Costs were predicted for planning: the first plan's total was off by/);
    expect(out.split("\n").every((line) => line.length <= 130)).toBe(true);
    const json = JSON.parse((await run(...argv, "--json")).out) as Record<string, unknown>;
    expect(json.costPrediction).toHaveProperty("totalErrorShare");
    expect(json.costPrediction).toHaveProperty("perModel.0.totalErrorShare");
  });
});
