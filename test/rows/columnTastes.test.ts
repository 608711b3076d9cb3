import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { run } from "../cli/run.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

type Row = Record<string, string | number | null>;

const rowsOf = (count: number, columns: (row: number) => Row): Row[] =>
  Array.from({ length: count }, (_, k) => ({ query: `why ${k}?`, m__score: k % 2, ...columns(k) }));

function csv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]);
  const lines = rows.map((row) => names.map((name) => row[name] ?? "").join(","));
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

/** The notes on CSV and JSON Lines, which must be the same. */
async function suggested(rows: readonly Row[]): Promise<string | undefined> {
  const files = [
    folder.write("t.csv", csv(rows)),
    folder.write("t.jsonl", rows.map((row) => JSON.stringify(row)).join("\n")),
  ];
  const notes = await Promise.all(
    files.map(async (path) => {
      const found: string[] = [];
      await readDataset(path, { suggestsColumns: true, onNote: (text) => found.push(text) });
      return found.find((text) => text.includes("--feature-columns"))?.replace(/^.*?: /, "");
    }),
  );
  expect(notes[0]).toBe(notes[1]);
  return notes[0];
}

describe("columns that may tell kinds of queries apart", () => {
  it("are named where they have few values or numbers", async () => {
    const rows = rowsOf(60, (k) => ({ task: ["sum", "law"][k % 2], size: (k * 37) % 101 }));
    expect(await suggested(rows)).toBe(
      "columns task (few values) and size (numbers) may tell kinds of queries apart; if the work has the same, " +
        "--feature-columns task,size tries on held-out rows whether that helps",
    );
  });

  it("are found in a file that is sorted by them", async () => {
    const rows = rowsOf(3000, (k) => ({ "the task": k < 1500 ? "sum" : "law" }));
    expect(await suggested(rows)).toMatch(/column the task \(few values\).*--feature-columns "the task" /);
  });

  it.each<[string, number, (row: number) => Row]>([
    ["has one value", 60, () => ({ task: "sum" })],
    ["has a value for almost each row", 60, (k) => ({ note: `n ${k}` })],
    ["is known with the answer", 60, (k) => ({ ref_answer: k % 2, "Gold Label": k % 2, latency_ms: k % 2 })],
    ["counts the rows", 60, (k) => ({ number: k })],
    ["is mostly blank", 60, (k) => ({ task: k % 3 === 0 ? ["sum", "law"][k % 2] : null })],
    ["has long texts", 60, (k) => ({ task: `${k % 2}`.repeat(65) })],
    ["has few rows", 12, (k) => ({ task: ["sum", "law"][k % 2] })],
    ["is of a model", 60, (k) => ({ m__cost: 0.001 * (1 + (k % 2)) })],
  ])("are not named where a column %s", async (_, count, columns) => {
    expect(await suggested(rowsOf(count, columns))).toBeUndefined();
  });

  it("are named by commands that fit, unless columns were given", async () => {
    const rows = rowsOf(60, (k) => ({ task: ["sum", "law"][k % 2], m__cost: 0.001 }));
    const path = folder.write("labelled.csv", csv(rows));
    const fit = ["fit", path, "--predictor", "logistic", "-o", `${folder.path}/p.optllm`];
    expect((await run(...fit)).err).toMatch(/note: .*--feature-columns task tries/);
    expect((await run(...fit, "--feature-columns", "task")).err).not.toContain("tries");
  });
});
