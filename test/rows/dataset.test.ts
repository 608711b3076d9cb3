import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import type { DatasetOptions } from "../../src/rows/reading.js";
import { InputError } from "../../src/errors.js";
import { temporaryFolder, withStdin } from "./folder.js";

const folder = temporaryFolder();
const read = (text: string | Uint8Array, options?: DatasetOptions) =>
  readDataset(folder.write("work", text), options);

const CSV =
  "id,query,note,a/b.c d__cost,a/b.c d__score,gpt__4__cost,gpt__4__score\n" +
  'é1,"Hi, you",x,0.5,1,,\n' +
  "🚀,,y,inf,,1e-3,0.25\n";

describe("readDataset", () => {
  it.skipIf(!existsSync("/proc/self/fd"))("closes a file that it refuses at first sight", async () => {
    const long = "id,a__score,a__cost\n" + "q,1,1\n".repeat(2 ** 19);
    const zip = Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(2 ** 21)]);
    const refused: [string | Uint8Array, DatasetOptions][] = [
      [zip, {}],
      [gzipSync(zip), {}],
      [long, { models: [] }],
      [long, { from: "promptfoo", models: ["a", "a"] }],
    ];
    for (const [bytes, options] of refused) {
      const path = folder.write("refused", bytes);
      await expect(readDataset(path, options)).rejects.toThrow(InputError);
      const open = readdirSync("/proc/self/fd").filter((fd) => {
        const link = join("/proc/self/fd", fd);
        return existsSync(link) && readlinkSync(link) === path;
      });
      expect(open).toEqual([]);
    }
  });

  it("reads CSV: names, texts, costs and scores, blank ones too", async () => {
    const dataset = await read(CSV);
    expect(dataset).toEqual({
      ids: ["é1", "🚀"],
      queries: ["Hi, you", ""],
      models: ["a/b.c d", "gpt__4"],
      cost: Float64Array.of(0.5, Infinity, Infinity, 0.001),
      outcome: Float32Array.of(1, NaN, NaN, 0.25),
    });
  });

  it("reads the same from JSONL, whatever the name of the file", async () => {
    const rows = [
      { id: "é1", query: "Hi, you", note: [1], "a/b.c d__cost": 0.5, "a/b.c d__score": true },
      { id: "🚀", query: null, "a/b.c d__cost": "Infinity", gpt__4__cost: 0.001, gpt__4__score: 0.25 },
    ];
    expect(await read("\n" + rows.map((row) => JSON.stringify(row) + "\r\n").join("\n"))).toEqual(
      await read(CSV),
    );
  });

  it("reads the same with a byte order mark, packed, and from standard input", async () => {
    const expected = await read(CSV);
    expect(await read(`\ufeff${CSV}`)).toEqual(expected);
    expect(await read(gzipSync(CSV.replaceAll("\n", "\r\n")))).toEqual(expected);
    expect(await withStdin([gzipSync(CSV)], () => readDataset("-"))).toEqual(expected);
  });

  it("puts the matrices into shared memory", async () => {
    const { cost, outcome } = await read(CSV);
    expect(cost.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(outcome.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("reads one row of one model", async () => {
    expect(await read("m__cost\n3")).toEqual({
      ids: ["1"],
      queries: [""],
      models: ["m"],
      cost: Float64Array.of(3),
      outcome: Float32Array.of(NaN),
    });
  });

  it("numbers rows from 1 where there is no id column, not counting blank lines", async () => {
    expect((await read("m__cost\n\n3\n\n4\n")).ids).toEqual(["1", "2"]);
    expect((await read('{"m__cost":1}\n\n{"m__cost":1}\n')).ids).toEqual(["1", "2"]);
  });

  it("takes the text of a query from any row", async () => {
    const { queries } = await read('{"m__cost":1}\n{"m__cost":1,"query":"b"}\n{"m__cost":1}\n');
    expect(queries).toEqual(["", "b", ""]);
  });

  it("takes numbers as ids", async () => {
    expect(
      (await read('{"id":7,"m__cost":1}\n{"id":"8","m__cost":1}\n{"id":1.5,"m__cost":1}\n')).ids,
    ).toEqual(["7", "8", "1.5"]);
  });

  it("leaves a model blank on the rows before it first appears, over many rows", async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) =>
      i < 19_999 ? '{"a__cost":1}' : '{"b__cost":2,"a__cost":1}',
    );
    const { models, cost } = await read(rows.join("\n"));
    expect(models).toEqual(["a", "b"]);
    expect(cost.filter((_, i) => i % 2 === 0).every((value) => value === 1)).toBe(true);
    expect(cost.filter((_, i) => i % 2 === 1).findIndex((value) => value === 2)).toBe(19_999);
    expect(cost.filter((value) => value === Infinity).length).toBe(19_999);
  });

  it("reads rows whose keys differ in order and number", async () => {
    const { cost } = await read(
      '{"a__cost":1,"b__cost":2}\n{"b__cost":3}\n{"x":0,"b__cost":4,"a__cost":5}\n{"a__cost":6}\n',
    );
    expect([...cost]).toEqual([1, 2, Infinity, 3, 5, 4, 6, Infinity]);
  });

  it("accepts models named like properties of every object", async () => {
    const { models, cost } = await read(
      '{"__proto____cost":1,"constructor__cost":2,"__proto__":3,"toString":4}\n',
    );
    expect(models).toEqual(["__proto__", "constructor"]);
    expect([...cost]).toEqual([1, 2]);
  });

  it("limits and orders the models as asked, and does not check the others", async () => {
    const { models, cost } = await read("a__cost,b__cost,c__cost\n1,oops,3\n", { models: ["c", "a"] });
    expect(models).toEqual(["c", "a"]);
    expect([...cost]).toEqual([3, 1]);
  });

  it("takes a labelled sample without any cost", async () => {
    const { cost, outcome } = await read("a__score,b__score\n1,\n,0\n");
    expect([...cost]).toEqual([Infinity, Infinity, Infinity, Infinity]);
    expect([...outcome]).toEqual([1, NaN, NaN, 0]);
  });

  it("takes 255 models and refuses one more", async () => {
    const header = (models: number): string =>
      Array.from({ length: models }, (_, m) => `m${m}__cost`).join(",");
    const row = (models: number): string => Array.from({ length: models }, () => "1").join(",");
    expect((await read(`${header(255)}\n${row(255)}\n`)).models.length).toBe(255);
    await expect(read(`${header(256)}\n${row(256)}\n`)).rejects.toThrow("more than 255 models");
  });

  it("keeps texts of several lines and quotes", async () => {
    const { queries, ids } = await read(
      'id,query,m__cost\n"a\nb","x\r\n""y"", z",1\nc,long enough to be a slice,1\n',
    );
    expect(ids).toEqual(["a\nb", "c"]);
    expect(queries).toEqual(['x\r\n"y", z', "long enough to be a slice"]);
  });

  it("refuses a blank text only where texts are required", async () => {
    const text = "query,m__cost\nhi,1\n ,1\n";
    expect((await read(text)).queries).toEqual(["hi", " "]);
    await expect(read(text, { requireText: true })).rejects.toThrow("work:3: query is blank");
    await expect(read("m__cost\n1\n", { requireText: true })).rejects.toThrow("work:2: query is blank");
    expect((await read("query,m__cost\nhi,1\n", { requireText: true })).queries).toEqual(["hi"]);
  });

  it.each<[string, string, string, DatasetOptions?]>([
    ["an empty file", "", "work has no rows"],
    ["blank lines", "\n \n", "work has no rows"],
    ["a header alone", "id,m__cost\n", "work has no rows"],
    ["no model columns", "id,query\n1,hi\n", "work has no model columns; expected columns <model>__score"],
    ["no model columns in JSONL", '{"id":1}\n', "work has no model columns"],
    ["a JSON array of other things than rows", '[{"m__cost":1},[2]]\n', "work, byte 15: [2] is not an object"],
    ["an object over several lines", '{\n"m__cost":1}\n', "work:1: not valid JSON"],
    ["a cost in words", "id,m__cost\na,1\nb,cheap\n", "work:3: m__cost is cheap; expected dollars ≥ 0"],
    ["a negative cost", "m__cost\n-1\n", "work:2: m__cost is -1; expected dollars ≥ 0"],
    ["a hexadecimal cost", "m__cost\n0x1f\n", "m__cost is 0x1f;"],
    ["a decimal comma", "m__cost;n__cost\n1,5;1\n", "m__cost is 1,5;"],
    ["a cost above float32", '{"m__cost":3.5e38}\n', "work:1: m__cost is 3.5e+38;"],
    ["a cost that is a list", '{"m__cost":[1]}\n', "m__cost is [1];"],
    ["a score above 1", "m__score\n1.5\n", "work:2: m__score is 1.5; expected 0 … 1, true, false"],
    ["a score in words", "m__score\nyes\n", "m__score is yes;"],
    ["a repeated id", "id,m__cost\na,1\n\nb,1\na,1\n", "work:5: id a is already on line 2"],
    ["an id as number and as text", '{"id":1,"m__cost":1}\n{"id":"1","m__cost":1}\n', "work:2: id 1 is already on line 1"],
    ["a blank id", "id,m__cost\n,1\n", 'work:2: id is ""; expected text'],
    ["an id of null", '{"id":null,"m__cost":1}\n', "work:1: id is null; expected text"],
    ["an id that lost digits", '{"id":12345678901234567890,"m__cost":1}\n', "id is 12345678901234567000;"],
    ["a missing id", '{"id":1,"m__cost":1}\n{"m__cost":1}\n', "work:2: no id, though rows above have one"],
    ["a late id", '{"m__cost":1}\n{"id":1,"m__cost":1}\n', "work:2: id, though rows above have none"],
    ["a query that is a list", '{"query":[{"role":"user"}],"m__cost":1}\n', 'query is [{"role":"user"}]; expected text'],
    ["a row without any cost", "id,m__cost,n__cost\na,1,\nb,,inf\n", "work:3: no model may answer query b;"],
    ["a row before the first cost", '{"id":"a","m__score":1}\n{"id":"b","m__cost":1}\n', "work:1: no model may answer query a"],
    ["a row without cost among the chosen models", "a__cost,b__cost\n1,1\n,1\n", "work:3: no model may answer", { models: ["a"] }],
    ["a model without name", "id,__cost\na,1\n", "column __cost names no model"],
    ["a ragged row", "id,m__cost\na\n", "work:2: 1 cells, but the header has 2; m__cost is missing"],
    ["an open quote", 'id,query,m__cost\na,"hi,1\nb,x,1\n', "work:2: query: the quote opened here is never closed"],
    ["an unknown model", "gpt-4__cost,claude__cost\n1,1\n", "work has no model gpt4; nearest of its 2 models: gpt-4, claude", { models: ["gpt4"] }],
    ["a model asked for twice", "a__cost\n1\n", "model a is named twice", { models: ["a", "a"] }],
    ["no models asked for", "a__cost\n1\n", "models is empty", { models: [] }],
    ["control characters in a value", '{"m__cost":"\\u001b[31m\\n"}\n', "m__cost is \\u001b[31m\\u000a;"],
    ["a long value", `{"m__cost":"${"x".repeat(1000)}"}\n`, `m__cost is ${"x".repeat(59)}…; expected`],
  ])("refuses %s in one line", async (_, text, message, options) => {
    const error = await read(text, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.replace(`${folder.path}/`, "")).toContain(message);
    expect((error as Error).message).toMatch(/^[^\p{Cc}]+$/u);
  }); // prettier-ignore

  it("holds place and value in its details", async () => {
    const file = folder.write("work.csv", "id,m__cost\na,oops\n");
    const details = { file, line: 2, column: "m__cost", value: "oops" };
    await expect(readDataset(file)).rejects.toMatchObject({ code: "E_INPUT", details });
  });

  it("throws the reason of an aborted signal", async () => {
    const reason = new Error("enough");
    await expect(read(CSV, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    const rows = "m__cost\n" + "1\n".repeat(2_000_000);
    await expect(read(rows, { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });

  it("reports progress in bytes up to the whole file", async () => {
    const seen: unknown[] = [];
    await read(CSV, { onProgress: (progress) => seen.push(progress) });
    const bytes = Buffer.byteLength(CSV);
    expect(seen).toEqual([{ phase: "read", done: bytes, total: bytes }]);
  });
});
