import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { filesBelow } from "../../src/rows/folder/filesBelow.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

it("follows links to files, and says which links are not read", async () => {
  const row = (id: string): string => `${JSON.stringify({ id, text: id, cost: { m: 1 } })}\n`;
  folder.write("store/one", row("1"));
  folder.write("work/two.jsonl", row("2"));
  folder.write("work/sub/three.jsonl", row("3"));
  const work = join(folder.path, "work");
  symlinkSync("../store/one", join(work, "one.jsonl"));
  symlinkSync("sub", join(work, "latest"));
  symlinkSync("nowhere", join(work, "gone.jsonl"));
  expect(await filesBelow(work)).toEqual(["one.jsonl", "sub/three.jsonl", "two.jsonl"]);
  const notes: string[] = [];
  const { ids } = await readDataset(work, { blankCosts: true, onNote: (text) => notes.push(text) });
  expect(ids).toEqual(["1", "3", "2"]);
  expect(notes.filter((text) => text.includes("link"))).toEqual([
    expect.stringMatching(/gone\.jsonl and 1 more not read: a link to a folder, or to nothing$/),
  ]);
});
