import { describe, expect, it } from "vitest";
import { importDataset, readDataset } from "../../src/rows/dataset.js";
import { withUsage } from "../../src/rows/formats/batchUsage.js";
import { readPrices } from "../../src/prices/table.js";
import { datasetRows, nativeTable } from "../../src/write/dataset.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

const line = (id: string, model: string, output: number): string =>
  JSON.stringify({
    custom_id: id,
    response: {
      status_code: 200,
      body: { model, usage: { prompt_tokens: 1000, completion_tokens: output, total_tokens: 1000 + output } },
    },
    error: null,
  });

describe("costs of a batch", () => {
  it("are declared, and become live prices where a plan reads them", async () => {
    const grades = folder.write(
      "grades.csv",
      "query_id,model,score,cost\n1,gpt-4o,1,\n1,other,0,0.5\n2,gpt-4o,0,\n2,other,1,0.25\n",
    );
    const answers = folder.write(
      "answers.jsonl",
      ["1", "2", "2"].map((id, i) => line(id, "gpt-4o", 10 * i + 7)).join("\n"),
    );
    const prices = await readPrices();
    const { dataset: labels } = await importDataset(grades, { columns: "all" });
    const written = async (mode: "batch" | "standard"): Promise<string> => {
      const { dataset } = await withUsage(labels, [{ path: answers }], prices, { mode });
      const parts = [];
      for (const part of datasetRows(nativeTable(dataset), "csv", { scores: true })) parts.push(part);
      return folder.write(`${mode}.csv`, parts.join(""));
    };
    const [batch, live] = [await written("batch"), await written("standard")];
    const charged = await importDataset(batch, { columns: "all" });
    expect(charged.dataset.columns?.get("cost_part")).toEqual(['{"gpt-4o":0.5}', '{"gpt-4o":0.5}']);
    const notes: string[] = [];
    const read = await readDataset(batch, { onNote: (text) => notes.push(text) });
    const expected = await readDataset(live);
    expect(read).toEqual(expected);
    expect(read.cost[1]).toBe(0.5);
    expect(charged.dataset.cost[0]).toBe(read.cost[0] / 2);
    expect(notes.join()).toContain("2 × cost charged in part (column cost_part), read as its live price");
  });

  it("are those of live answers where a plan reads the batch's output itself", async () => {
    const path = folder.write("output.jsonl", line("1", "gpt-4o", 100));
    const { dataset } = await importDataset(path);
    expect((await readDataset(path)).cost[0]).toBe(2 * dataset.cost[0]);
  });

  it.each(["half", '{"a":2}', '{"a":0}', '["a"]', '{"a":"0.5"}'])(
    "refuse the declaration %s",
    async (part) => {
      const path = folder.write("wrong.jsonl", JSON.stringify({ id: "x", a__cost: 1, cost_part: part }));
      await expect(readDataset(path)).rejects.toThrow(/wrong\.jsonl:1: cost_part is .*; expected/);
      // A copy does not use the declaration.
      await expect(importDataset(path)).resolves.toBeDefined();
    },
  );

  it.each(["csv", "jsonl"])("that cannot be read are left out of %s where such rows are", async (kind) => {
    const rows = Array.from({ length: 30 }, (_, k) => ({
      id: `q${k}`,
      a__cost: 0.5,
      cost_part: k === 7 ? "half" : '{"a":0.5}',
    }));
    const text =
      kind === "jsonl"
        ? rows.map((row) => JSON.stringify(row))
        : [
            "id,a__cost,cost_part",
            ...rows.map((row) => `${row.id},0.5,"${row.cost_part.replaceAll('"', '""')}"`),
          ];
    const notes: string[] = [];
    const read = await readDataset(folder.write(`some.${kind}`, text.join("\n")), {
      skipBadRows: true,
      onNote: (note) => notes.push(note),
    });
    expect(read.ids).toEqual(rows.map(({ id }) => id).filter((id) => id !== "q7"));
    expect(new Set(read.cost)).toEqual(new Set([1]));
    expect(notes.join()).toMatch(/1 × left out: row that cannot be read \(.*some\.\w+:[89]: cost_part is/);
  });
});
