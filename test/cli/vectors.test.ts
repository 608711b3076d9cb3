import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../src/random.js";
import { npyBytes } from "../rows/npyBytes.js";
import { isLong } from "../runs.js";
import { compare, run, testFolder } from "./run.js";

const { folder, at } = testFolder("vectors");

const json = async (...argv: string[]) => {
  const { code, out, err } = await run(...argv, "--json", "-q");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};

const COLUMNS = 4;
const MODELS = ["left", "right"];

/** Rows in which the sign of the first number tells which model is right, and the text nothing. */
function makeRows(count: number, seed: number) {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, k) => {
    const vector = Array.from({ length: COLUMNS }, () => Math.fround(random.uniform() - 0.5));
    const side = random.below(2);
    vector[0] = side === 1 ? 3 : -3;
    return { id: `s${seed}-${k}`, side, vector, query: "one and the same question" };
  });
}

type Row = ReturnType<typeof makeRows>[number];
const scores = ({ side }: Row) => ({ left__score: 1 - side, right__score: side });
const costs = () => ({ left__cost: 0.01, right__cost: 0.01 });
const named = ({ vector }: Row) => Object.fromEntries(vector.map((x, c) => [`e_${c}`, x]));

function write(name: string, rows: Row[], ...parts: ((row: Row) => object)[]): string {
  const lines = rows.map((row) =>
    JSON.stringify({ id: row.id, query: row.query, ...Object.assign({}, ...parts.map((part) => part(row))) }),
  );
  writeFileSync(at(name), lines.join("\n") + "\n");
  return at(name);
}

function writeNpy(name: string, rows: Row[], columns = COLUMNS): string {
  const value = Float32Array.from(rows.flatMap(({ vector }) => vector.slice(0, columns)));
  writeFileSync(at(name), npyBytes("<f4", [rows.length, columns], value));
  return at(name);
}

const [work, sample] = [makeRows(40, 1), makeRows(40, 2)];
const wanted = work.map(({ side }) => MODELS[side]);
const allocation = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { model: string }).model);

beforeAll(() => {
  write("work.jsonl", work, costs);
  write("sample.jsonl", sample, scores, costs);
  write("labelled.jsonl", [...work, ...sample], scores, costs);
  // The columns stand in another order.
  write("work-named.jsonl", work, costs, named);
  write("sample-named.jsonl", sample, (row) =>
    Object.fromEntries(Object.entries({ ...scores(row), ...named(row) }).reverse()),
  );
  writeNpy("work.npy", work);
  writeNpy("sample.npy", sample);
  writeNpy("labelled.npy", [...work, ...sample]);
  writeNpy("narrow.npy", sample, 3);
  writeNpy("short.npy", sample.slice(1));
});

const npy = ["--vectors", at("work.npy"), "--label-vectors", at("sample.npy")];
const solve = ["solve", at("work.jsonl"), "--labels", at("sample.jsonl")];

describe("vectors from .npy files", () => {
  it("solve a workload of which the texts tell nothing", async () => {
    const target = ["--match-best", "-o", at("a.jsonl")];
    expect(await json(...solve, ...npy, ...target)).toMatchObject({ status: "chosen" });
    const quick = isLong ? [] : ["--predictor", "logistic"];
    await json(...solve, ...npy, ...quick, "--budget", "1", "-o", at("a.jsonl"));
    expect(allocation("a.jsonl")).toEqual(wanted);
    const plain = await json(...solve, ...quick, "--budget", "1", "-o", at("b.jsonl"));
    expect(plain).toMatchObject({ status: "chosen" });
    expect(allocation("b.jsonl")).not.toEqual(wanted);
  });

  it("make a front, a saved predictor, probabilities, a backtest and a comparison", async () => {
    const cheap = ["--predictor", "logistic"];
    const front = await json(
      "front",
      at("work.jsonl"),
      "--labels",
      at("sample.jsonl"),
      ...npy,
      ...(isLong ? [] : cheap),
      "-o",
      at("f.csv"),
    );
    expect(front).toBeTypeOf("object");
    const saved = at("p.optllm");
    await json("fit", at("sample.jsonl"), "--vectors", at("sample.npy"), ...cheap, "-o", saved);
    const vectors = ["--vectors", at("work.npy")];
    await json("predict", at("work.jsonl"), "--predictor", saved, ...vectors, "-o", at("q.jsonl"));
    const rows = readFileSync(at("q.jsonl"), "utf8").trimEnd().split("\n");
    expect(rows).toHaveLength(40);
    await json(
      "solve",
      at("work.jsonl"),
      "--predictor-file",
      saved,
      ...vectors,
      "--budget",
      "1",
      "-o",
      at("c.jsonl"),
    );
    expect(allocation("c.jsonl")).toEqual(wanted);
    const labelled = [at("labelled.jsonl"), "--train", "20", "--validation", "20", ...cheap];
    const both = [[], ["--vectors", at("labelled.npy")]] as const;
    const losses: number[] = [];
    for (const options of both) {
      const { mean } = (await json("backtest", ...labelled, ...options)) as {
        mean: { prediction: { logLoss: number } };
      };
      losses.push(mean.prediction.logLoss);
    }
    expect(losses[1]).toBeLessThan(losses[0] / 2);
    const { code } = await compare(
      ...labelled,
      "--vectors",
      at("labelled.npy"),
      "--algorithms",
      "nsga2",
      "-q",
    );
    expect(code).toBe(0);
  });

  it("stand beside the texts with --vectors-add, in every command that fits or predicts", async () => {
    const saved = at("beside.optllm");
    const cheap = ["--predictor", "logistic"];
    await json(...solve, ...npy, "--vectors-add", ...cheap, "--budget", "1", "-o", at("a.jsonl"));
    expect(allocation("a.jsonl")).toEqual(wanted);
    const fit = ["fit", at("sample.jsonl"), "--vectors", at("sample.npy"), "--vectors-add", ...cheap];
    const { settings } = await json(...fit, "--work", at("work.jsonl"), "-o", saved);
    expect(String(settings)).toContain("vectors");
    const predict = ["predict", at("work.jsonl"), "--predictor", saved];
    await json(...predict, "--vectors", at("work.npy"), "--vectors-add", "-o", at("q.jsonl"));
    const missing = await run(...predict);
    expect([missing.code, missing.err]).toEqual([
      2,
      expect.stringMatching(/texts and vectors of 4 columns; expected such vectors for the queries/),
    ]);
    const labelled = [at("labelled.jsonl"), "--train", "20", "--validation", "20", ...cheap];
    const { mean } = (await json(
      ...["backtest", ...labelled, "--vectors", at("labelled.npy"), "--vectors-add"],
    )) as { mean: { prediction: { logLoss: number } } };
    expect(mean.prediction.logLoss).toBeLessThan(0.3);
    const columns = ["--vector-columns", "e_", "--vectors-add", ...cheap, "--budget", "1"];
    const labels = ["--labels", at("sample-named.jsonl")];
    await json("solve", at("work-named.jsonl"), ...labels, ...columns, "-o", at("n.jsonl"));
    expect(allocation("n.jsonl")).toEqual(wanted);
  });

  it.each([
    [["--vectors-add"], /--vectors-add needs --vectors, --vector-columns or --embed/],
    [
      ["--vectors", at("short.npy"), "--label-vectors", at("sample.npy")],
      /short\.npy has 39 rows, .*work\.jsonl has 40/,
    ],
    [["--vectors", at("work.npy"), "--label-vectors", at("narrow.npy")], /work have 4 columns, .*sample 3/],
    [["--vectors", at("none.npy"), "--label-vectors", at("sample.npy")], /none\.npy.*no such file/],
    [["--vectors", at("work.npy")], /--vectors and --label-vectors together/],
    [["--label-vectors", at("sample.npy")], /--vectors and --label-vectors together/],
    [[...npy, "--where", "id!=x"], /--where leaves rows out, so the rows of --vectors would not match/],
    [[...npy, "--vector-columns", "e_"], /at most one of --vectors, --vector-columns and --embed/],
    [["--embed", "http://127.0.0.1:1/v1"], /--embed and --embed-model together/],
    [["--embed-cache", at("x")], /--embed-cache needs --embed/],
    [["--vector-columns", "nope_"], /has no column whose name begins with nope_/],
  ])("are refused with %j", async (options, message) => {
    const { code, err } = await run(...solve, "--budget", "1", "--predictor", "base-rate", ...options);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it("are refused by a predictor fitted to texts, and texts by one fitted to vectors", async () => {
    const fit = ["fit", at("sample.jsonl"), "--predictor", "base-rate"];
    await json(...fit, "-o", at("texts.optllm"));
    await json(...fit, "--vectors", at("sample.npy"), "-o", at("vectors.optllm"));
    const predict = ["predict", at("work.jsonl"), "--predictor"];
    const wrong = await run(...predict, at("texts.optllm"), "--vectors", at("work.npy"));
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/was fitted to texts/)]);
    const missing = await run(...predict, at("vectors.optllm"));
    expect([missing.code, missing.err]).toEqual([
      2,
      expect.stringMatching(/was fitted to vectors of 4 columns/),
    ]);
    const useless = [
      "fit",
      at("sample.jsonl"),
      "--vectors",
      at("sample.npy"),
      "--work",
      at("work.jsonl"),
      "-o",
      at("n"),
    ];
    expect(await run(...useless)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--work cannot be used with vectors/),
    });
  });
});

describe("vectors in columns", () => {
  const target = ["--budget", "1", "--predictor", "logistic", "-o", at("n.jsonl")];
  const columns = ["--vector-columns", "e_"];

  it("are found by their names, whatever the order, and go with --where", async () => {
    const labels = ["--labels", at("sample-named.jsonl")];
    await json("solve", at("work-named.jsonl"), ...labels, ...columns, ...target);
    expect(allocation("n.jsonl")).toEqual(wanted);
    await json("solve", at("work-named.jsonl"), ...labels, ...columns, ...target, "--where", "e_0<0");
    expect(new Set(allocation("n.jsonl"))).toEqual(new Set(["left"]));
  });

  it("give the same plan from CSV", async () => {
    const header = ["id", "left__cost", "right__cost", "e_3", "e_2", "e_1", "e_0"];
    const lines = work.map(({ id, vector }) => [id, 0.01, 0.01, ...vector.toReversed()].join(","));
    writeFileSync(at("named.csv"), [header.join(","), ...lines].join("\n"));
    await json("solve", at("named.csv"), "--labels", at("sample-named.jsonl"), ...columns, ...target);
    expect(allocation("n.jsonl")).toEqual(wanted);
  });

  it("must be there in every row, be numbers, and have the same names in both files", async () => {
    const refused = async (change: (row: Row, k: number) => object) => {
      let k = 0;
      const file = write("odd.jsonl", work, costs, (row) => change(row, k++));
      const labels = ["--labels", at("sample-named.jsonl")];
      const { code, err } = await run(
        "solve",
        file,
        ...labels,
        ...columns,
        "--budget",
        "1",
        "--predictor",
        "base-rate",
        "-q",
      );
      expect(code).toBe(2);
      return err;
    };
    expect(await refused((row, k) => (k === 3 ? {} : named(row)))).toMatch(/query s1-3 has no e_0/);
    expect(await refused((row, k) => ({ ...named(row), e_1: k === 2 ? "x" : 1 }))).toMatch(
      /odd\.jsonl:3: e_1 is x; expected a number/,
    );
    expect(await refused((row, k) => ({ ...named(row), e_1: k === 2 ? null : 1 }))).toMatch(/e_1 is null/);
    expect(await refused((row) => ({ ...named(row), e_1: 1e39 }))).toMatch(/e_1 is .*; expected a number/);
    expect(
      await refused(({ vector }) => Object.fromEntries(vector.map((x, c) => [`e_${c + 1}`, x]))),
    ).toMatch(/work have a column "e_1" where those of the labelled sample have "e_0"/);
  });
});

describe("vectors from a service", () => {
  const asked: { model: string; input: string[] }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const one = JSON.parse(body) as { model: string; input: string[] };
      asked.push(one);
      const data = one.input.map((text, index) => ({
        index,
        embedding: [/[aeiou]$/.test(text) ? 1 : -1, text.length / 100, 0.1],
      }));
      response.end(JSON.stringify({ data }));
    });
  });
  let url = "";
  beforeEach(async () => {
    asked.length = 0;
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/embeddings`;
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  it("solve, asking for each distinct text once, and not at all from the cache", async () => {
    const random = new Random(4);
    // Which letter a text ends with tells all; no n-gram of the others helps.
    const rows = makeRows(60, 5).map((row) => {
      const letter = (set: string) => set[random.below(set.length)];
      const noise = Array.from({ length: 8 }, () => letter("abcdefghijklmnopqrstuvwxyz")).join("");
      return { ...row, query: noise + letter(row.side === 1 ? "aeiou" : "bcdfg") };
    });
    write("letters.jsonl", rows.slice(0, 30), costs);
    write("letters-sample.jsonl", rows.slice(30), scores);
    const argv = [
      ...["solve", at("letters.jsonl"), "--labels", at("letters-sample.jsonl"), "--budget", "1"],
      ...["--predictor", "logistic"],
    ];
    const embed = [
      "--embed",
      url,
      "--embed-model",
      "tiny",
      "--embed-cache",
      at("cache"),
      "-o",
      at("e.jsonl"),
    ];
    const { code, err } = await run(...argv, ...embed);
    expect(code).toBe(0);
    expect(err).toMatch(/^asking for vectors \d+ %$/m);
    expect(allocation("e.jsonl")).toEqual(rows.slice(0, 30).map(({ side }) => MODELS[side]));
    const texts = asked.flatMap(({ input }) => input);
    expect(new Set(asked.map(({ model }) => model))).toEqual(new Set(["tiny"]));
    expect(texts.sort()).toEqual([...new Set(rows.map(({ query }) => query))].sort());
    expect(readdirSync(at("cache")).length).toBeGreaterThan(0);
    asked.length = 0;
    const before = readFileSync(at("e.jsonl"));
    await json(...argv, ...embed);
    expect(asked).toEqual([]);
    expect(readFileSync(at("e.jsonl")).equals(before)).toBe(true);
  });
});

describe("fit --extend", () => {
  it("adds the models that the predictor lacks and keeps the others as they are", async () => {
    const later = makeRows(40, 6);
    write("more.jsonl", later, ({ side }) => ({
      left__score: 0,
      third__score: side,
      fourth__score: 1 - side,
    }));
    writeNpy("more.npy", later);
    const vectors = ["--vectors", at("work.npy")];
    const predicted = async (file: string) => {
      await json("predict", at("work.jsonl"), "--predictor", at(file), ...vectors, "-o", at("x.csv"));
      return readFileSync(at("x.csv"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => line.split(","));
    };
    const logistic = ["--predictor", "logistic"];
    await json("fit", at("sample.jsonl"), "--vectors", at("sample.npy"), ...logistic, "-o", at("old.optllm"));
    const extend = [
      ...["fit", at("more.jsonl"), "--vectors", at("more.npy"), "--predictor", "logistic"],
      ...["--extend", at("old.optllm")],
    ];
    expect(await json(...extend, "-o", at("new.optllm"))).toMatchObject({
      models: ["left", "right", "third", "fourth"],
    });
    const [before, after] = [await predicted("old.optllm"), await predicted("new.optllm")];
    expect(after.map((cells) => cells.slice(0, before[0].length))).toEqual(before);
    expect(after[0]).toHaveLength(before[0].length + 2);
    const again = await run(...extend.slice(0, -1), at("new.optllm"), "-o", at("newer.optllm"));
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/nothing to add/)]);
    expect(readdirSync(folder)).not.toContain("newer.optllm");
  });
});
