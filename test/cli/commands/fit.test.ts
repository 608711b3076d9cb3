import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { runs } from "../../runs.js";
import { run, testFolder } from "../run.js";

const { at } = testFolder("fit");
const QUERIES = runs(240, 0.5);
/** Queries without labels. */
const WORK = 0.75 * QUERIES;

beforeAll(async () => {
  const sizes = ["--queries", `${QUERIES}`, "--models", "4", "--seed", "3"];
  await run(
    "simulate",
    ...sizes,
    "--labels",
    at("sample.jsonl"),
    "--labelled",
    "25%",
    "-o",
    at("work.jsonl"),
  );
  const made = await run(
    "fit",
    at("sample.jsonl"),
    "--work",
    at("work.jsonl"),
    "-o",
    at("p.optllm"),
    "--json",
  );
  expect(made.code).toBe(0);
});

describe("fit and predict", () => {
  it("keep what was learned: the same allocation as from the labels", async () => {
    const choice = ["--budget", "0.5", "-q"];
    await run("solve", at("work.jsonl"), "--labels", at("sample.jsonl"), ...choice, "-o", at("a.jsonl"));
    const { code } = await run(
      ...["solve", at("work.jsonl"), "--predictor-file", at("p.optllm"), ...choice, "-o", at("b.jsonl")],
    );
    expect(code).toBe(0);
    expect(readFileSync(at("b.jsonl"), "utf8")).toBe(readFileSync(at("a.jsonl"), "utf8"));
  });

  it("write probabilities as rows and as a NumPy matrix", async () => {
    const predict = (name: string) =>
      run("predict", at("work.jsonl"), "--predictor", at("p.optllm"), "-o", at(name), "--json");
    const { out } = await predict("p.jsonl");
    expect(JSON.parse(out)).toEqual({
      queries: WORK,
      models: ["model-01", "model-02", "model-03", "model-04"],
      output: at("p.jsonl"),
    });
    await predict("p.npy");
    await predict("p.csv");
    const rows = readFileSync(at("p.jsonl"), "utf8").trimEnd().split("\n");
    const first = JSON.parse(rows[0]) as Record<string, number>;
    const npy = readFileSync(at("p.npy"));
    expect(npy.toString("latin1", 1, 6)).toBe("NUMPY");
    const start = 10 + npy.readUInt16LE(8);
    expect(start % 64).toBe(0);
    expect(npy.toString("latin1", 10, start)).toContain(`'shape': (${WORK}, 4)`);
    expect(npy.length).toBe(start + 4 * WORK * 4);
    expect(npy.readFloatLE(start)).toBe(Math.fround(first["model-01__probability"]));
    expect(readFileSync(at("p.csv"), "utf8").split("\n")[0]).toBe(
      "id,model-01__probability,model-02__probability,model-03__probability,model-04__probability",
    );
  });

  it("print to standard output when no file is named", async () => {
    const { code, err } = await run("predict", at("work.jsonl"), "--predictor", at("nowhere.optllm"));
    expect([code, err]).toEqual([2, expect.stringMatching(/nowhere\.optllm: no such file/) as string]);
  });

  it("refuse a file that is no predictor, a damaged one, and two sources", async () => {
    writeFileSync(at("other.optllm"), "hello");
    const bytes = readFileSync(at("p.optllm"));
    bytes[1000] ^= 1;
    writeFileSync(at("damaged.optllm"), bytes);
    const predict = (name: string) => run("predict", at("work.jsonl"), "--predictor", at(name));
    expect((await predict("other.optllm")).err).toMatch(/other\.optllm: not a saved predictor/);
    expect((await predict("damaged.optllm")).err).toMatch(/damaged: its checksum does not match/);
    const both = await run(
      ...[
        "solve",
        at("work.jsonl"),
        "--labels",
        at("sample.jsonl"),
        "--predictor-file",
        at("p.optllm"),
        "--knee",
      ],
    );
    expect([both.code, both.err]).toEqual([2, expect.stringMatching(/give one of --labels and/) as string]);
    const none = await run("solve", at("work.jsonl"), "--knee");
    expect(none.code).toBe(2);
  });

  it("show what was tried, and say what replicates add", async () => {
    const { code, out } = await run(
      ...[
        "fit",
        at("sample.jsonl"),
        "-o",
        at("r.optllm"),
        "--predictor",
        "logistic",
        "--alpha",
        "-0.5",
        "--json",
      ],
    );
    expect(code).toBe(0);
    const made = JSON.parse(out) as {
      predictor: string;
      replicates: number;
      candidates: { logLoss: number }[];
    };
    expect([made.predictor, made.replicates]).toEqual(["logistic", 50]);
    const losses = made.candidates.map(({ logLoss }) => logLoss);
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
    const text = await run("fit", at("sample.jsonl"), "-o", at("s.optllm"), "--predictor", "knn", "-q");
    expect(text.out).toMatch(/chosen: knn \(k \d+/);
  });

  it("keep what models cost: work without costs is planned as from the labels", async () => {
    const texts = ["prove that a number is prime", "translate a short greeting", "sum up this long report"];
    const rows = Array.from({ length: 60 }, (_, q) => {
      const query = `${texts[q % 3]} ${q} ${"word ".repeat(q % 7)}`;
      const score = { small__score: q % 3 === 0 ? 0 : 1, large__score: q % 10 === 9 ? 0 : 1 };
      return {
        id: `s${q}`,
        query,
        ...score,
        small__cost: 1e-5 * query.length,
        large__cost: 2e-4 * query.length,
      };
    });
    const write = (name: string, lines: object[]) =>
      writeFileSync(at(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    write("costed.jsonl", rows);
    write(
      "bare.jsonl",
      rows.map(({ id, query }) => ({ id: `w${id}`, query: `${query} and more` })),
    );
    const fitted = [
      "fit",
      at("costed.jsonl"),
      "--work",
      at("bare.jsonl"),
      "-o",
      at("costed.optllm"),
      "--predictor",
      "base-rate",
    ];
    const made = await run(...fitted, "--json");
    expect((JSON.parse(made.out) as { costs: object[] }).costs).toMatchObject([
      { model: "small", rows: 60, of: "cost" },
      { model: "large", rows: 60, of: "cost" },
    ]);
    expect((await run(...fitted, "-q")).out).toContain("costs: fitted for 2 of 2 models\n");
    const solve = (...source: string[]) =>
      run(
        "solve",
        at("bare.jsonl"),
        ...source,
        "--predictor",
        "base-rate",
        "--budget",
        "0.3",
        "--json",
        "-o",
        at("plan.jsonl"),
      );
    const learned = await solve("--labels", at("costed.jsonl"));
    const plan = readFileSync(at("plan.jsonl"), "utf8");
    const saved = await solve("--predictor-file", at("costed.optllm"));
    expect(saved.code, saved.err).toBe(0);
    expect(readFileSync(at("plan.jsonl"), "utf8")).toBe(plan);
    // A saved predictor does not keep the rows to try its promise on, only their number.
    const { heldOutCheck, ...same } = JSON.parse(learned.out) as {
      heldOutCheck: { queries: number };
    };
    expect(heldOutCheck.queries).toBe(60);
    expect(JSON.parse(saved.out)).toEqual({ ...same, heldOutCheck: null });
    expect(same).toHaveProperty("labelledRows", 60);
    expect(saved.err).toContain('costs of model "small" are predicted from 60 recorded ones');
    const front = (...source: string[]) =>
      run("front", at("bare.jsonl"), ...source, "--predictor", "base-rate", "-q", "-o", at("front.csv")).then(
        () => readFileSync(at("front.csv"), "utf8"),
      );
    expect(await front("--predictor-file", at("costed.optllm"))).toBe(
      await front("--labels", at("costed.jsonl")),
    );
    const predicted = await run(
      "predict",
      at("bare.jsonl"),
      "--predictor",
      at("costed.optllm"),
      "-o",
      at("bare.csv"),
    );
    expect(predicted.code, predicted.err).toBe(0);
    // Recorded costs stay.
    write("some.jsonl", [{ id: "x", query: "prove that 7 is prime", small__cost: 5 }]);
    const some = await run(
      "solve",
      at("some.jsonl"),
      "--predictor-file",
      at("costed.optllm"),
      "--knee",
      "--json",
    );
    const { cheapest, models, predictedCosts } = JSON.parse(some.out) as {
      cheapest: { totalCost: number };
      models: string[];
      predictedCosts: { model: string }[];
    };
    expect([models, predictedCosts.map(({ model }) => model)]).toEqual([["small", "large"], ["large"]]);
    expect(cheapest.totalCost).toBeLessThan(0.1);
    const only = (...models: string[]) =>
      run(
        ...["solve", at("bare.jsonl"), "--predictor-file", at("costed.optllm"), "--knee", "--json"],
        ...["--models", ...models],
      );
    expect(JSON.parse((await only("large")).out)).toMatchObject({ models: ["large"] });
    const unknown = await only("large,medium");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('the predictor does not know model "medium"; it knows small, large');
    // A model that is added brings its costs along.
    write(
      "third.jsonl",
      rows.map(({ id, query }, q) => ({ id, query, third__score: q % 2, third__cost: 3e-5 * query.length })),
    );
    await run(
      "fit",
      at("third.jsonl"),
      "--extend",
      at("costed.optllm"),
      "-o",
      at("three.optllm"),
      "--predictor",
      "base-rate",
      "-q",
    );
    const three = await run(
      "solve",
      at("bare.jsonl"),
      "--predictor-file",
      at("three.optllm"),
      "--knee",
      "--json",
    );
    expect((JSON.parse(three.out) as { models: string[] }).models).toEqual(["small", "large", "third"]);
  });

  it("say that a model without a price in the work is left out", async () => {
    const rows = readFileSync(at("work.jsonl"), "utf8").trimEnd().split("\n");
    const fewer = rows.map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify({ id: row.id, query: row.query, "model-02__cost": 0.1, "model-04__cost": 0.2 });
    });
    writeFileSync(at("fewer.jsonl"), fewer.join("\n"));
    const labels = readFileSync(at("sample.jsonl"), "utf8")
      .replace(/"[^"]*__cost":[^,}]*,?/g, "")
      .replaceAll(",}", "}");
    writeFileSync(at("labels.jsonl"), labels);
    await run("fit", at("labels.jsonl"), "-o", at("labels.optllm"), "--predictor", "base-rate", "-q");
    const { code, out } = await run(
      ...["solve", at("fewer.jsonl"), "--predictor-file", at("labels.optllm"), "--knee", "--json"],
    );
    expect(code).toBe(0);
    const { models, notes } = JSON.parse(out) as { models: string[]; notes: string[] };
    expect(models).toEqual(["model-02", "model-04"]);
    expect(notes).toContain('model "model-01" has no cost and is left out');
  });
});
