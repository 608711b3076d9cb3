import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-blank-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = join(folder, "work.csv");
  writeFileSync(file, text);
  return file;
}

describe("rows whose costs may be blank", () => {
  it("need no model column", async () => {
    const file = fileOf("id,query\n1,one\n2,two\n");
    await expect(readDataset(file)).rejects.toThrow(/no model columns/);
    const dataset = await readDataset(file, { blankCosts: true });
    expect(dataset).toMatchObject({ ids: ["1", "2"], queries: ["one", "two"], models: [] });
    const chosen = await readDataset(file, { blankCosts: true, models: ["a"] });
    expect(chosen.models).toEqual(["a"]);
    expect(Array.from(chosen.cost)).toEqual([Infinity, Infinity]);
  });

  it("may have rows without any cost, and list the models that a row allows", async () => {
    const file = fileOf("id,query,a__cost,allowed_models\n1,one,0.5,\n2,two,,\n3,three,0.5,b;c\n");
    await expect(readDataset(file)).rejects.toThrow(/work\.csv:3: no model may answer/);
    const dataset = await readDataset(file, { blankCosts: true });
    expect(Array.from(dataset.cost)).toEqual([0.5, Infinity, Infinity]);
    expect(dataset.allowedModels).toEqual([undefined, undefined, ["b", "c"]]);
  });
});
