import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { limitsIn } from "../../../src/plan/limits/json.js";
import { readConstraints, readGroupBudgets } from "../../../src/plan/limits/read.js";
import { testFolder } from "../../cli/run.js";

const { at } = testFolder("limits");
const write = (file: string, text: string): string => {
  writeFileSync(at(file), text);
  return at(file);
};

describe("budgets of groups", () => {
  it("are read from CSV and JSON Lines, with or without a dollar sign", async () => {
    const total = { measure: "cost", as: "total", side: "atMost" };
    const specs = [
      { ...total, value: 12.5, group: { column: "tenant", value: "acme" } },
      { ...total, value: 0, group: { column: "tenant", value: "b, c" } },
    ];
    expect(await readGroupBudgets(write("a.csv", 'tenant,dollars\nacme,$12.50\n"b, c",0\n'))).toEqual(specs);
    const lines = '{"tenant":"acme","most":12.5}\n{"tenant":"b, c","most":0}\n';
    expect(await readGroupBudgets(write("a.jsonl", lines))).toEqual(specs);
  });

  it.each([
    ["tenant,dollars\nacme,ten\n", "line 2: ten is no number of dollars"],
    ["tenant,dollars\nacme,-1\n", "line 2: -1 is no number of dollars from 0 to 10¹²"],
    ["tenant,dollars\nacme,1e13\n", "line 2: 1e13 is no number of dollars"],
    ["tenant,dollars\nacme,1\nacme,2\n", "line 3: tenant acme has its budget already"],
    ["tenant,region,dollars\nacme,eu,1\n", "line 2: expected two columns, the group and its dollars, not 3"],
    ["tenant,dollars\n", "no budget of any group"],
  ])("of %j are refused", async (text, problem) => {
    await expect(readGroupBudgets(write("wrong.csv", text))).rejects.toThrow(`wrong.csv: ${problem}`);
  });

  it("are at most 1,000", async () => {
    const rows = Array.from({ length: 1001 }, (_, i) => `t${i},1\n`).join("");
    await expect(readGroupBudgets(write("many.csv", `tenant,dollars\n${rows}`))).rejects.toThrow(
      "line 1002: more than 1000 budgets",
    );
  });
});

describe("a file of limits", () => {
  it("says what the options say, texts as they are or as YAML takes them", async () => {
    write("budgets.csv", "tenant,dollars\nacme,5\n");
    const file = write(
      "limits.yaml",
      [
        "limit:",
        "  - gpt-4o: 20000 queries",
        '  - "openai/*: 3e8 tokens"',
        "share: small >= 30%",
        "spend:",
        "  openai/*: at least $500",
        "group-floor: { language: 80%, language=fr: 70% }",
        "group-budget: budgets.csv",
        "latency: mean <= 1.2s",
        "latency-of: [gpt-4o=2s, '*=800ms']",
        "",
      ].join("\n"),
    );
    const { specs, latencyOf } = await readConstraints(file);
    expect(specs.map(({ measure, value }) => [measure, value])).toEqual([
      ["queries", 20000],
      ["tokens", 3e8],
      ["queries", 0.3],
      ["cost", 500],
      ["accuracy", 0.8],
      ["accuracy", 0.7],
      ["cost", 5],
      ["latency", 1.2],
    ]);
    expect(specs[5].group).toEqual({ column: "language", value: "fr" });
    expect(latencyOf).toEqual([
      { models: "gpt-4o", seconds: 2 },
      { models: "*", seconds: 0.8 },
    ]);
    const json = '{ "limit": ["a: 5 queries"], "latency-of": { "a": "1s" }, "latency": "total <= 1h" }';
    expect((await readConstraints(write("limits.json", json))).specs).toHaveLength(2);
  });

  it.each([
    ["limits: 3\n", "line 1: key limits; expected one of limit, share"],
    ["limit:\n  - a: 5 queries\n  - b: 5 querys\n", 'line 3: limit "b: 5 querys": at "querys"'],
    ["limit:\n  - 5\n", "line 2: limit holds no text"],
    ["share: [[a]]\n", "line 1: share holds no text"],
    ["limit: a: b: c\n", "line 1: "],
    ["- a\n", "line 1: expected keys limit"],
    ["share: a >= 1%\nshare: b >= 1%\n", "line 2: "],
    ["latency-of: a\n", "expected MODELS=TIME"],
    ["__proto__: { limit: x }\n", "line 1: key __proto__"],
    ["limit: []\n", "wrong.yaml: no limit"],
    ["{}\n", "wrong.yaml: no limit"],
    ["limit: 'a: 1 queries'\n---\nlimit: b\n", "line 2: a second document"],
    ["limit: { a: 1 queries, a: 2 queries }\n", /line 1: Map keys must be unique$/],
  ])("of %j is refused at its line", async (text, problem) => {
    await expect(readConstraints(write("wrong.yaml", text))).rejects.toThrow(problem);
  });

  it("takes shares by model too, as do limits in JSON", async () => {
    const share = { measure: "queries", as: "share", side: "atLeast", value: 0.3, models: "small" };
    const file = write("shares.yaml", 'share: { small: ">= 30%" }\n');
    expect((await readConstraints(file)).specs).toEqual([share]);
    expect(limitsIn({ share: { small: ">= 30%" } }, "constraints").specs).toEqual([share]);
  });

  it("is refused if it is missing, too large or expands", async () => {
    await expect(readConstraints(at("none.yaml"))).rejects.toThrow("none.yaml");
    await expect(readConstraints(write("large.yaml", " ".repeat(2 ** 20 + 1)))).rejects.toThrow("1 MiB");
    const bomb = `a: &a [${"x,".repeat(9)}]\n${"bcdefgh".replace(/./g, (c, i: number) => `${c}: &${c} [${`*${"abcdefg"[i]},`.repeat(9)}]\n`)}`;
    await expect(readConstraints(write("bomb.yaml", bomb))).rejects.toThrow("line 1: key a");
    const alias = "latency: &x mean <= 1s\nlimit: *x\n";
    await expect(readConstraints(write("alias.yaml", alias))).rejects.toThrow("limit holds no text");
  });
});
