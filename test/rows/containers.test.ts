import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { importDataset, readDataset } from "../../src/rows/dataset.js";
import { modelsAtBeginning, modelsIn } from "../../src/rows/modelNames.js";
import { readNpy } from "../../src/rows/npy.js";
import { isZip } from "../../src/rows/zip.js";
import { writeOut } from "../../src/write/file.js";
import { parquetBytes } from "../../src/write/parquet.js";
import { processorMs } from "../processor.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(join(folder.path, name)), { recursive: true });
  return folder.write(name, content);
}

const at = (name: string): string => join(folder.path, name);

describe("a folder of files", () => {
  it("of Parquet parts is one table in the order of their names, with the columns of its folders' names", async () => {
    const schema = [{ name: "prompt", type: "STRING" }, { name: "m__cost", type: "FLOAT" }] as const; // prettier-ignore
    for (const [name, text] of [
      ["day=b%20c/part-1", "third"],
      ["day=a/part-1", "second"],
      ["day=a/part-0", "first"],
    ]) {
      // prettier-ignore
      write(`spark/${name}.parquet`, "");
      await writeOut(at(`spark/${name}.parquet`), parquetBytes([...schema], [[[text], Float32Array.of(1)]]));
    }
    write("spark/_SUCCESS", "");
    write("spark/.part-9.parquet.crc", "x");
    write("spark/_temporary/part-8.parquet", "x");
    const { queries, columns, ids } = await readDataset(at("spark"), { columns: ["day"] });
    expect(queries).toEqual(["first", "second", "third"]);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(columns!.get("day")).toEqual(["a", "a", "b c"]);
  });

  it("of CSV or JSONL parts, also packed, is one table; other kinds of files beside them do not count", async () => {
    write("csv/a.csv", "id,query,m__cost\n1,x,1\n");
    write("csv/b.csv.gz", gzipSync("m__cost,id,query\n2,2,y\n"));
    write("csv/README.md", "# rows");
    expect((await readDataset(at("csv"))).queries).toEqual(["x", "y"]);
    write("long/model=a/0.jsonl", '{"query_id":"1","prompt":"x","score":1}\n');
    write("long/model=b/0.jsonl", '{"query_id":"1","prompt":"x","score":0}\n');
    const { dataset, format } = await importDataset(at("long"));
    expect({ format, models: dataset.models, outcome: [...dataset.outcome] }).toEqual({
      ...{ format: "long", models: ["a", "b"], outcome: [1, 0] },
    });
  });

  it("with columns that differ is joined by their names, blank where a file lacks one, and says so", async () => {
    const rows = [
      { id: "1", query: "x", topic: "t", m__score: 1, m__cost: 0.5 },
      { id: "2", query: "y", m__score: 0, m__cost: 0.25, n__score: 1, n__cost: 4 },
    ];
    const header = (row: object) => Object.keys(row).join();
    rows.forEach((row, i) => {
      write(`differ/${i}.csv`, `${header(row)}\n${Object.values(row).join()}\n`);
      write(`same/${i}.jsonl`, JSON.stringify(row));
    });
    const notes: string[] = [];
    const read = await readDataset(at("differ"), { columns: ["topic"], onNote: (text) => notes.push(text) });
    expect(read).toEqual(await readDataset(at("same"), { columns: ["topic"] }));
    expect([...read.cost, ...read.outcome]).toEqual([0.5, Infinity, 0.25, 4, 1, NaN, 0, 1]);
    expect(read.columns!.get("topic")).toEqual(["t", ""]);
    expect(notes.map((note) => note.slice(note.indexOf("1 ×")))).toEqual([
      "1 × file without the column topic, blank in its rows (1.csv)",
      "1 × file without the column n__score, blank in its rows (0.csv)",
      "1 × file without the column n__cost, blank in its rows (0.csv)",
    ]);
  });

  it("names some of the columns and files that differ, and counts the others", async () => {
    for (let i = 0; i < 9; i++) write(`many/${i}.csv`, `id,m__cost${i === 0 ? ",a,b,c,d,e,f,g" : ""}\n${i},1${i === 0 ? ",1,1,1,1,1,1,1" : ""}\n`); // prettier-ignore
    const { notes } = await importDataset(at("many"));
    expect([...notes].filter(([note]) => note.includes("column"))).toEqual([
      ...["a", "b", "c", "d", "e"].map((name) => [
        `file without the column ${name}, blank in its rows (1.csv, 2.csv, 3.csv, 4.csv, 5.csv, …)`,
        8,
      ]),
      ["further column that not every file has: blank where it is missing", 2],
      [expect.stringContaining("row without a text (its columns are"), 9],
    ]);
  });

  it("of another tool's CSV with a column missing is joined too", async () => {
    write("parts/a.csv", "query_id,prompt,model,score,cost\n1,x,m,1,0.5\n");
    write("parts/b.csv", "query_id,prompt,model,cost\n2,y,m,0.25\n");
    const { dataset, notes } = await importDataset(at("parts"));
    expect([...dataset.outcome, ...dataset.cost]).toEqual([1, NaN, 0.5, 0.25]);
    expect(notes.get("file without the column score, blank in its rows (b.csv)")).toBe(1);
  });

  it.each<[string, Record<string, string>, string]>([
    ["an id that comes twice", { "a.csv": "id,m__cost\n1,1\n", "b.csv": "id,m__cost\n1,1\n" }, "b.csv:2: id 1 is already there above or in a file before"],
    ["a wrong value", { "a.csv": "m__cost\n1\n", "b.csv": "m__cost\n1\n-1\n" }, "b.csv:3: m__cost is -1"],
    ["several kinds", { "a.csv": "m__cost\n1\n", "b.jsonl": "{}\n" }, "has files of several kinds: CSV (a.csv) and JSON (b.jsonl)"],
    ["a Delta table", { "a.csv": "m__cost\n1\n", "_delta_log/0.json": "{}" }, "is a Delta Lake table"],
    ["nothing to read", { "a.txt": "x" }, "is a folder without files of rows"],
  ])("with %s is refused", async (name, files, message) => {
    for (const [file, content] of Object.entries(files)) write(`${name}/${file}`, content);
    await expect(readDataset(at(name))).rejects.toThrow(message);
  }); // prettier-ignore
});

describe("a JSON document", () => {
  const rows = [{ id: "a", query: "x", m__score: 1, m__cost: 0.5 }, { id: "b", query: "y", m__score: null, m__cost: 1 }]; // prettier-ignore

  it.each<[string, string]>([
    ["an array", JSON.stringify(rows)],
    ["an array over several lines", JSON.stringify(rows, null, 2)],
    ["an object with one array of rows", JSON.stringify({ version: 2, tags: ["t"], data: rows })],
    ["such an object over several lines", JSON.stringify({ rows, total: 2 }, null, 1)],
    ["an object with several arrays", JSON.stringify({ schema: [{ name: "id" }], data: rows })],
  ])("of our own rows is read: %s", async (_, text) => {
    const { ids, queries, outcome } = await readDataset(write("rows.json", text));
    expect({ ids, queries, outcome: [...outcome] }).toEqual({
      ids: ["a", "b"],
      queries: ["x", "y"],
      outcome: [1, NaN],
    });
  });

  it("names the row of a wrong value, and counts each NaN", async () => {
    const wrong = write("wrong.json", JSON.stringify([rows[0], { ...rows[1], m__cost: -1 }]));
    await expect(readDataset(wrong)).rejects.toThrow("wrong.json, row 2: m__cost is -1");
    const { notes } = await importDataset(write("nan.json", '[{"m__score":NaN,"m__cost":1,"x":[NaN]}]'));
    expect(notes.get("NaN: read as a blank value")).toBe(2);
  });

  it("is not taken for one where a row has a list of objects", async () => {
    const row = { id: "a", m__cost: 1, m__score: 1, tools: [{ prompt: "p", id: "z" }] };
    expect((await readDataset(write("one.jsonl", JSON.stringify(row)))).ids).toEqual(["a"]);
  });
});

describe("bounds", () => {
  it("ever new keys take little memory and blank lines little time", async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `{"m__cost":1,"key${i}":0}\n`);
    const path = write("keys.jsonl", lines.join(""));
    expect((await readDataset(path)).ids).toHaveLength(100_000);
    const start = processorMs();
    const blank = write("blank.jsonl.gz", gzipSync(Buffer.alloc(2 ** 26, "\n")));
    await expect(readDataset(blank)).rejects.toThrow("has no rows");
    expect(processorMs() - start).toBeLessThan(6000);
  });

  it("a header of a .npy file full of blanks is refused at once", async () => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)${" ".repeat(65_000)}x`;
    const head = Buffer.from("\x93NUMPY\x01\0\0\0", "latin1");
    head.writeUInt16LE(header.length, 8);
    const start = processorMs();
    await expect(readNpy(write("v.npy", Buffer.concat([head, Buffer.from(header)])))).rejects.toThrow(
      "expected <f4",
    );
    expect(processorMs() - start).toBeLessThan(1000);
  });
});

describe.skipIf(process.platform === "win32")("a named pipe", () => {
  it("is read", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    write("source.csv", "id,query,m__cost\n1,x,1\n");
    const writer = spawn("cp", [at("source.csv"), at("pipe")], { stdio: "ignore" });
    expect((await readDataset(at("pipe"))).queries).toEqual(["x"]);
    writer.kill();
  });

  // What is read by one who then closes it is lost to the reader that follows.
  it("is opened by no one who only looks at its beginning", async () => {
    execFileSync("mkfifo", [at("once")]);
    // To open it would wait for a writer.
    expect(await isZip(at("once"))).toBe(false);
    expect(await modelsAtBeginning(at("once"))).toEqual([]);
    expect(await modelsIn(at("once"))).toEqual([]);
  });

  it("without a writer is waited for until the reader is told to stop", async () => {
    execFileSync("mkfifo", [at("silent")]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("stopped")), 50);
    await expect(readDataset(at("silent"), { signal: stop.signal })).rejects.toThrow("stopped");
  });
});

describe("an unreadable column of a Parquet file of another tool", () => {
  it("matters only where it is needed", async () => {
    const columns = ["query_id", "model", "note"].map((name) => ({ name, type: "STRING" as const }));
    const schema = [...columns, { name: "score", type: "FLOAT" as const }];
    const path = at("damaged.parquet");
    await writeOut(path, parquetBytes(schema, [[["1"], ["m"], ["a note that is long"], Float32Array.of(1)]]));
    const bytes = readFileSync(path);
    const damage = (text: string): Buffer => {
      const copy = Buffer.from(bytes);
      // The header of the page before the text claims a size that it cannot have.
      copy.fill(0xff, copy.indexOf(text) - 12, copy.indexOf(text) - 4);
      return copy;
    };
    writeFileSync(path, damage("a note that is long"));
    expect((await readDataset(path)).models).toEqual(["m"]);
    await expect(readDataset(path, { columns: ["note"] })).rejects.toThrow("damaged Parquet");
  });
});
