import { expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

async function notesOf(name: string, content: string): Promise<string[]> {
  const notes: string[] = [];
  await readDataset(folder.write(name, content), {
    onNote: (text) => notes.push(text.replace(`${folder.path}/`, "")),
  });
  return notes;
}

const UNREAD = "not read; expected dollars, in <model>__cost, or in cost beside model";

it("tells of columns that look like costs and are not read", async () => {
  const wide = "id,query,m__score,m__cost,m__cost_cents,price,task\n1,a,1,0.1,10,2,x\n2,b,0,0.2,20,3,y\n";
  expect(await notesOf("wide.csv", wide)).toEqual([
    `wide.csv: 1 × column m__cost_cents ${UNREAD}`,
    `wide.csv: 1 × column price ${UNREAD}`,
  ]);
  const long = '{"query_id":1,"query":"a","model":"m","score":1,"cost_cents":3}\n';
  expect(await notesOf("long.jsonl", long)).toContain(`long.jsonl: 1 × column cost_cents ${UNREAD}`);
  const paid = '{"query_id":1,"query":"a","model":"m","score":1,"cost":3,"price_tier":"b"}\n';
  expect((await notesOf("paid.jsonl", paid)).filter((text) => text.includes("not read"))).toEqual([]);
});

it("tells how a point with three digits is read between semicolons, once for each number", async () => {
  const note =
    "number such as 1.000 between semicolons: its point read as the decimal point, so as 1, not 1000";
  const rows = (separator: string): string =>
    [
      ["id", "query", "m__score", "m__cost"],
      ["1", "a", "1.000", "2.500"],
      ["2", '"b"', "0.125", "12.3456"],
      ["3", "c", "0.500", '"1.250"'],
      ["4", "d", " 1.000", "2"],
    ]
      .map((cells) => `${cells.join(separator)}\n`)
      .join("");
  expect(await notesOf("semicolons.csv", rows(";"))).toEqual([`semicolons.csv: 4 × ${note}`]);
  expect(await notesOf("commas.csv", rows(","))).toEqual([]);
  const long = "query_id;query;model;score;cost\n1;a;m;1;1.250\n2;b;m;0;0.5\n";
  expect(await notesOf("long.csv", long)).toContain(`long.csv: 1 × ${note}`);
});
