import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { importDataset, readDataset } from "../../src/rows/dataset.js";
import type { Usage } from "../../src/prices/usage.js";

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

describe("models of native rows with tokens and no column of costs", () => {
  const rows =
    "id,query,gpt-4o__score,gpt-4o__input_tokens,gpt-4o__output_tokens,own__input_tokens,own__output_tokens,allowed_models\n" +
    "1,one,1,1000,100,1000,100,\n2,two,0,2000,,1000,100,\n3,three,1,1000,100,1000,100,own\n";

  it("have their tokens priced, but where they are not allowed, and one without a price is named", async () => {
    const file = fileOf(rows);
    const { dataset, priced, unpriced, notes } = await importDataset(file);
    expect(Array.from(dataset.cost)).toEqual([0.0035, ...new Array<number>(5).fill(Infinity)]);
    expect([priced, [...unpriced]]).toEqual([1, ["own"]]);
    expect(notes.get("no price for the tokens of model own: cost left blank")).toBe(3);
  });

  it("take prices of the caller's", async () => {
    const price = (model: string, { input, output }: Usage) => (model === "own" ? input + output : undefined);
    const { dataset } = await importDataset(fileOf(rows), { price });
    expect(Array.from(dataset.cost).filter((_, option) => option % 2 === 1)).toEqual([1100, 1100, 1100]);
  });

  it("are left as they are where there is a column of costs, which may be blank", async () => {
    const file = fileOf("id,gpt-4o__cost,gpt-4o__input_tokens,gpt-4o__output_tokens\n1,,1000,100\n");
    const { dataset, priced } = await importDataset(file, { blankCosts: true });
    expect([...dataset.cost, priced]).toEqual([Infinity, 0]);
  });
});
