import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run, testFolder } from "./run.js";

const { at } = testFolder("cli-price-options");

/** Sixty questions, half of them hard; `local` has tokens and no cost. */
function long(name: string): string {
  const rows = Array.from({ length: 60 }, (_, k) => {
    const query = `question ${k % 2 ? "hard" : "easy"} number ${k}`;
    const tokens = { input_tokens: 100, output_tokens: 20 };
    return [
      { id: k, query, model: "local, q4", score: 1 - (k % 2), ...tokens },
      { id: k, query, model: "gpt-4o", score: 1, ...tokens },
    ];
  });
  writeFileSync(
    at(name),
    rows
      .flat()
      .map((row) => JSON.stringify(row))
      .join("\n"),
  );
  return at(name);
}

/** The rows that `import` or `solve` writes. */
const rowsOf = (name: string): object[] =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);

describe("--price", () => {
  const sample = long("sample.jsonl");
  writeFileSync(
    at("work.csv"),
    "id,query\n" +
      Array.from({ length: 20 }, (_, k) => `w${k},question ${k % 2 ? "hard" : "easy"} ${k}\n`).join(""),
  );
  const price = ["--price", "local, q4=1/2"];
  const plain = ["--predictor", "base-rate", "-q"];

  it("prices a model in import, and replaces a recorded cost", async () => {
    const { err } = await run("import", sample, "--price", "local, q4=1/2", "-o", at("r1.jsonl"));
    expect(rowsOf("r1.jsonl")[0]).toMatchObject({
      "local, q4__cost": 0.00014,
      "gpt-4o__cost": 0.00045,
    });
    expect(err).not.toMatch(/no price/);
    writeFileSync(
      at("native.csv"),
      "id,query,a__score,a__cost,a__input_tokens,a__output_tokens\n1,x,1,5,100,20\n",
    );
    await run("import", at("native.csv"), "--price", "a=1/2", "-o", at("r2.jsonl"), "-q");
    expect(rowsOf("r2.jsonl")[0]).toMatchObject({ a__cost: 0.00014 });
  });

  it("is offered where a price is missing, quoted for a shell", async () => {
    expect((await run("import", sample, "-o", at("r4.jsonl"))).err).toContain(
      "give --price 'local, q4=IN/OUT'",
    );
    writeFileSync(
      at("own.jsonl"),
      '{"id":1,"model":"ollama:it\'s","score":1,"input_tokens":1,"output_tokens":1}\n',
    );
    expect((await run("import", at("own.jsonl"), "-o", at("r5.jsonl"))).err).toContain(
      "--price 'ollama:it'\\''s=0/0'",
    );
  });

  it("means the same in solve, front, fit and backtest", async () => {
    const work = [at("work.csv"), "--labels", sample, ...plain];
    const solved = await run("solve", ...work, "--accuracy", "1%", "--json", ...price);
    const { cheapest } = JSON.parse(solved.out) as { cheapest: { totalCost: number } };
    expect(cheapest.totalCost).toBeCloseTo(20 * 0.00014, 9);
    const front = await run("front", ...work, "--json", ...price);
    expect((JSON.parse(front.out) as typeof cheapest & { cheapest: object }).cheapest).toMatchObject({
      totalCost: expect.closeTo(20 * 0.00014, 9) as number,
    });
    const fitted = await run("fit", sample, "-o", at("p.optllm"), "--json", ...plain, ...price);
    expect((JSON.parse(fitted.out) as { costs: object[] }).costs).toHaveLength(2);
    const tested = await run(
      "backtest",
      sample,
      "--train",
      "20%",
      "--validation",
      "20%",
      "--json",
      ...plain,
      ...price,
    );
    expect(tested.code).toBe(0);
    expect((JSON.parse(tested.out) as { dataset: object }).dataset).toMatchObject({ models: 2 });
  });

  it("is refused for a model that is not there, or that has no tokens", async () => {
    const unknown = await run("import", sample, "--price", "gpt-5=1/2");
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('no model "gpt-5" to price')]);
    writeFileSync(at("bare.csv"), "id,query,a__score,a__cost\n1,x,1,5\n");
    expect((await run("import", at("bare.csv"), "--price", "a=1/2")).err).toContain('no tokens of model "a"');
    await run("import", at("bare.csv"), "--price", "a=0/0", "-o", at("r3.jsonl"), "-q");
    expect(rowsOf("r3.jsonl")[0]).toMatchObject({ a__cost: 0 });
    expect((await run("import", sample, "--price", "gpt-4o=1/2", "--price", "gpt-4o=1/3")).err).toContain(
      "twice",
    );
  });

  it("takes a price of cached input, and names with = and slashes", async () => {
    const asked = ["x/y=z", "--price", "x/y=z=2/10/0.5", "--input", "1000", "--cached", "1000", "--json"];
    const { out } = await run("prices", ...asked);
    expect((JSON.parse(out) as { bill: object }).bill).toMatchObject({ total: 0.0005 });
  });
});

describe("names of models with commas", () => {
  const sample = long("names.jsonl");
  it.each([
    [["--models", "local, q4"], ["local, q4"]],
    [
      ["--models", '"local, q4",gpt-4o'],
      ["local, q4", "gpt-4o"],
    ],
    [
      ["--models", "gpt-4o", "--models", "local, q4"],
      ["gpt-4o", "local, q4"],
    ],
  ])("%j names %j", async (options, models) => {
    const { out } = await run("import", sample, ...options, "--json", "-o", at("out.jsonl"), "-q");
    expect((JSON.parse(out) as { models: string[] }).models).toEqual(models);
  });

  it("are known to --without", async () => {
    const options = ["--predictor", "base-rate", "--budget", "1", "-q", "--price", "local, q4=1/2"];
    const output = ["--without", "local, q4", "-o", at("plan.jsonl")];
    const { err } = await run("solve", sample, "--labels", sample, ...options, ...output);
    expect(err).toBe("");
    expect(rowsOf("plan.jsonl")[0]).toMatchObject({ model: "gpt-4o" });
    expect(new Set(rowsOf("plan.jsonl").map((row) => (row as { model: string }).model)).size).toBe(1);
  });
});

it("says which prices of a map cannot be read, and goes on", async () => {
  const good = { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 };
  writeFileSync(at("map.json"), JSON.stringify({ good, bad: { ...good, output_cost_per_token: "1e-6" } }));
  const { code, err } = await run("prices", "good", "--prices", at("map.json"));
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^note: 1 of 2 prices cannot be read .*: bad: output_cost/),
  ]);
});
