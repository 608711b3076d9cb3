import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { importDataset, readDataset } from "../../src/rows/dataset.js";
import { readRecords } from "../../src/rows/records.js";
import { BadRows } from "../../src/rows/badRows.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

/** Rows of a file, some of which a reader cannot take. */
interface Kind {
  name: string;
  header: string;
  row: (i: number) => string;
  bad: (string | Buffer)[];
}

const KINDS: Kind[] = [
  {
    name: "rows.csv",
    header: "id,query,m__score,m__cost,n__cost\n",
    row: (i) => `q${i},"text ${i},\nof two lines",${i % 2},0.0${1 + (i % 9)},\n`,
    bad: [
      "b1,x,1,free,1\n",
      "b2,x,1,1\n",
      "b3,x,1,1,1,1\n",
      'b4,"x"y,1,1,1\n',
      "b5,x,2,1,1\n",
      "b6,x,1,,\n",
      ",x,1,1,1\n",
      Buffer.from("b7,caf\xe9,1,1,1\n", "latin1"),
    ],
  },
  {
    name: "rows.jsonl",
    header: '{"id":"first","query":"x","m__score":1,"m__cost":1}\n',
    row: (i) => `{"id":"q${i}","query":"text ${i}","m__score":${i % 2},"m__cost":0.5}\n`,
    bad: [
      '{"id":"b1","que\n',
      "[1]\n",
      '{"id":"b2","m__cost":-1}\n',
      '{"m__score":{},"id":"b3","n__cost":1}\n',
      '{"id":"b4","query":"x"}\n',
      '{"query":"no id","m__cost":1}\n',
      Buffer.from('{"id":"b5","query":"\xff","m__cost":1}\n', "latin1"),
    ],
  },
  {
    name: "long.jsonl",
    header: '{"query_id":"first","model":"m","score":1,"cost":1,"prompt":"x"}\n',
    row: (i) => `{"query_id":"q${i}","model":"m","score":${i % 2},"cost":0.5,"prompt":"text ${i}"}\n`,
    bad: ['{"query_id":"b1"\n', "7\n", '{"query_id":"b2","model":"m","score":1,"cost":"free"}\n'],
  },
];

const joined = (parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

describe("skipBadRows", () => {
  for (const { name, header, row, bad } of KINDS)
    it(`reads ${name} as if it did not have its bad rows`, async () => {
      const places = fc.array(fc.tuple(fc.nat(199), fc.constantFrom(...bad)), { maxLength: 10 });
      await fc.assert(
        fc.asyncProperty(places, async (inserted) => {
          const good = Array.from({ length: 200 }, (_, i) => row(i));
          const all = good.flatMap((text, i) => [
            ...inserted.filter(([place]) => place === i).map(([, line]) => line),
            text,
          ]);
          const clean = await importDataset(folder.write(name, joined([header, ...good])));
          const path = folder.write(name, joined([header, ...all]));
          const { dataset, skipped, rows } = await importDataset(path, { skipBadRows: true });
          expect(dataset).toEqual(clean.dataset);
          expect(rows).toBe(clean.rows + inserted.length);
          expect([...skipped.values()]).toEqual(inserted.length > 0 ? [inserted.length] : []);
        }),
        { numRuns: 15 },
      );
    });

  it("names itself as the remedy, and the places of the first", async () => {
    const rows = (count: number): string => "id,a__cost\n" + "x,free\n".repeat(2) + numbered(count);
    const path = folder.write("work.csv", rows(98));
    await expect(readDataset(path)).rejects.toThrow(
      /work\.csv:2: a__cost is free; .*; --skip-bad-rows leaves such rows out$/,
    );
    const notes: string[] = [];
    const { ids } = await readDataset(path, { skipBadRows: true, onNote: (text) => notes.push(text) });
    expect(ids).toHaveLength(98);
    expect(notes.join()).toMatch(
      /2 × left out: row that cannot be read \(.*work\.csv:2: .*; .*work\.csv:3: /,
    );
  });

  it("refuses more than 5 % of the rows, but never a single one", async () => {
    const read = (bad: number, good: number) =>
      readDataset(folder.write("few.csv", "id,a__cost\n" + "x,free\n".repeat(bad) + numbered(good)), {
        skipBadRows: true,
      });
    await expect(read(2, 37)).rejects.toThrow(/2 of 39 rows cannot be read, more than 5 %: .*few\.csv:2: /);
    await expect(read(2, 38)).resolves.toHaveProperty("ids.length", 38);
    await expect(read(1, 2)).resolves.toHaveProperty("ids.length", 2);
    await expect(read(1, 0)).rejects.toThrow("no rows");
  });

  it("keeps the number of a row without id, as the work is read for an export", async () => {
    const lines = ["query,a__cost", ...Array.from({ length: 30 }, (_, i) => `text ${i + 1},1`)];
    lines.splice(5, 0, 'text "5", too many,1');
    const path = folder.write("numbered.csv", `${lines.join("\n")}\n`);
    const { ids, queries } = await readDataset(path, { skipBadRows: true });
    expect(ids.slice(3, 6)).toEqual(["4", "6", "7"]);
    const records = [];
    for await (const { row, record } of readRecords(path, { bad: new BadRows(true) }))
      records.push([String(row), record.get("query")]);
    expect(records).toEqual(ids.map((id, q) => [id, queries[q]]));
  });

  it("counts the lines that an open quote took, and refuses them where they are many", async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `q${i},text ${i},1`);
    lines[50] = 'q50,"text 50,1';
    const text = (all: string[]): string => `id,query,a__cost\n${all.join("\n")}\n`;
    await expect(readDataset(folder.write("open.csv", text(lines)), { skipBadRows: true })).rejects.toThrow(
      /50 of 100 rows cannot be read/,
    );
    lines[52] = 'q52,"text 52",1';
    const { ids } = await readDataset(folder.write("open.csv", text(lines)), { skipBadRows: true });
    expect(ids).toEqual([...lines.keys()].filter((i) => i < 50 || i > 52).map((i) => `q${i}`));
  });

  it("takes nothing of a record whose later part is bad", async () => {
    const row = (i: number, cost: unknown): string =>
      `sample_${i},"text ${i}",mbpp,a,b,1,0.5,0.1,${String(cost)}\n`;
    const header =
      "sample_id,prompt,eval_name,x|model_response,y|model_response,x,y,x|total_cost,y|total_cost\n";
    const all = Array.from({ length: 40 }, (_, i) => row(i, i === 7 ? -3 : 0.2));
    const path = folder.write("bench.csv", header + all.join(""));
    const { dataset, format, skipped } = await importDataset(path, { skipBadRows: true });
    expect(format).toBe("routerbench");
    expect(dataset.ids).toHaveLength(39);
    expect([...skipped.keys()].join()).toContain("cost is -3");
  });

  it("leaves out a row of Parquet, whose numbers are else read a column at a time", async () => {
    const column = (name: string, data: unknown[]) => ({ name, data });
    const cost = Array.from({ length: 60 }, (_, i) => (i === 20 ? -1 : 0.25));
    const id = cost.map((_, i) => `q${i}`);
    const bytes = parquetWriteBuffer({ columnData: [column("id", id), column("a__cost", cost)] });
    const path = folder.write("rows.parquet", new Uint8Array(bytes));
    await expect(readDataset(path)).rejects.toThrow(/row 21: a__cost is -1; .* --skip-bad-rows/);
    const { ids } = await readDataset(path, { skipBadRows: true });
    expect(ids).toEqual(id.filter((_, i) => i !== 20));
  });
});

describe("a Parquet column that cannot be read", () => {
  const path = (): string => {
    const data = Array.from({ length: 50 }, (_, i) => `note number ${i} of this column`);
    const cost = data.map((_, i) => i);
    const bytes = Buffer.from(
      parquetWriteBuffer({
        codec: "UNCOMPRESSED",
        columnData: [
          { name: "query", data: data.map((text) => `query ${text}`) },
          { name: "note", data },
          { name: "a__cost", data: cost },
        ],
      }),
    );
    // The length of a text, far beyond the page.
    const at = bytes.indexOf("note number 0", bytes.indexOf("query note number 49") + 10);
    bytes.writeUInt32LE(0xffffff, at - 4);
    return folder.write("damaged.parquet", bytes);
  };

  it("is no obstacle where it is not needed, or is wanted only among all", async () => {
    const { dataset, notes } = await importDataset(path(), { columns: "all" });
    expect(dataset.ids).toHaveLength(50);
    expect([...notes].join()).toMatch(/blank, for its column cannot be read.*"?note.*,50/);
    await expect(readDataset(path())).resolves.toHaveProperty("queries.length", 50);
    for await (const { record } of readRecords(path())) {
      expect(record.get("query")).toContain("query note");
      expect(() => record.get("note")).toThrow("damaged Parquet");
    }
  });

  it("is an error where it is asked for", async () => {
    await expect(readDataset(path(), { columns: ["note"] })).rejects.toThrow(/column note: damaged/);
  });
});

function numbered(count: number): string {
  return Array.from({ length: count }, (_, i) => `q${i},1\n`).join("");
}
