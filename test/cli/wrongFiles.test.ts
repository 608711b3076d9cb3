import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { run, testFolder } from "./run.js";

const { folder, at } = testFolder("wrong");
const readLines = (name: string) => readFileSync(at(name), "utf8").trimEnd().split("\n");

describe("wrong files", () => {
  const ok = '{"id":"a","query":"x","m__cost":1,"m__score":1}';
  const row = (change: object) => JSON.stringify({ id: "b", query: "y", m__cost: 1, m__score: 0, ...change });
  const cases: [string, string | Buffer, RegExp][] = [
    ["an empty file", "", /bad\.jsonl has no rows|empty/],
    ["a cost in words", `${ok}\n${row({ m__cost: "cheap" })}`, /bad\.jsonl:2: m__cost is cheap/],
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
