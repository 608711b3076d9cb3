import { describe, expect, it } from "vitest";
import { fitPredictor, predictProblem } from "../../src/plan/predictProblem.js";
import { importDataset, readDataset } from "../../src/rows/dataset.js";
import type { DatasetOptions } from "../../src/rows/reading.js";
import { parquetBytes } from "../../src/write/parquet.js";
import { writeOut } from "../../src/write/file.js";
import { parseCondition } from "../../src/rows/where.js";
import { run } from "../cli/run.js";
import { temporaryFolder } from "./folder.js";

const folder = temporaryFolder();

async function texts(name: string, content: string, options?: DatasetOptions) {
  const { dataset, notes } = await importDataset(folder.write(name, content), options);
  return { queries: dataset.queries, notes: [...notes.keys()] };
}

describe("the column of texts", () => {
  it.each(["prompt", "question", "input", "text", "Query", " USER PROMPT ", "messages", "instruction"])(
    "may be called %s, in CSV and JSONL, and a note says so",
    async (column) => {
      const csv = await texts("a.csv", `${column},m__score\nwhy?,1\n`);
      expect(csv).toEqual({ queries: ["why?"], notes: [`text from column ${column.trim()}`] });
      const row = JSON.stringify({ other: 1, [column]: "why?", m__score: 1 });
      expect((await texts("a.jsonl", row)).queries).toEqual(["why?"]);
    },
  );

  it("is found in Parquet", async () => {
    const path = `${folder.path}/a.parquet`;
    const schema = [{ name: "Question", type: "STRING" }, { name: "m__score", type: "FLOAT" }] as const; // prettier-ignore
    await writeOut(path, parquetBytes([...schema], [[["who?"], Float32Array.of(1)]]));
    expect((await readDataset(path)).queries).toEqual(["who?"]);
  });

  it("is query before others, and the one that is asked for before it", async () => {
    const content = "text,prompt,query,note,m__score\na,b,c,d,1\n";
    expect((await texts("b.csv", content)).queries).toEqual(["c"]);
    expect((await texts("b.csv", content, { queryColumn: "note" })).queries).toEqual(["d"]);
    expect((await texts("b.csv", content, { queryColumn: "absent" })).queries).toEqual(["c"]);
  });

  it("may hold chats: the messages of the user", async () => {
    const chat = [{ role: "system", content: "be brief" }, { role: "user", content: [{ type: "text", text: "hi" }] }]; // prettier-ignore
    const row = JSON.stringify({ messages: chat, m__score: 1 });
    expect((await texts("c.jsonl", row)).queries).toEqual(["hi"]);
    const cell = `"${JSON.stringify(chat).replaceAll('"', '""')}"`;
    expect((await texts("c.csv", `messages,m__score\n${cell},1\n`)).queries).toEqual(["hi"]);
  });

  it("is found in long tables in any case, as the other columns are", async () => {
    const { dataset, notes } = await importDataset(
      folder.write("d.csv", "Prompt,Model,Passed,Cost,Error\nhi,a,TRUE,0.5,0\nhi,b,0.0,0.25,none\n"),
    );
    expect(dataset).toMatchObject({ queries: ["hi"], models: ["a", "b"] });
    expect([...dataset.outcome, ...dataset.cost]).toEqual([1, 0, 0.5, 0.25]);
    expect([...notes]).toEqual([["text from column Prompt", 2]]);
  });

  it("refuses a decimal comma in a cost of a long table", async () => {
    const path = folder.write("e.csv", 'id,model,score,cost\n1,a,1,"0,25"\n');
    await expect(readDataset(path)).rejects.toThrow("e.csv:2: cost is 0,25; expected a number");
  });

  it("does not make work with a prompt a table of True and False", async () => {
    const work = '{"prompt":"a","tenant":"x"}\n{"prompt":"b","tenant":"y"}\n';
    const found = await importDataset(folder.write("f.jsonl", work), { blankCosts: true });
    expect(found).toMatchObject({ format: "native", dataset: { queries: ["a", "b"] } });
  });

  it("is told where rows lack it, and refused where texts are needed", async () => {
    const path = folder.write("g.csv", "id,topic,m__score\n1,x,1\n2,y,0\n");
    expect([...(await importDataset(path)).notes.keys()]).toEqual([
      "row without a text (its columns are id, topic, m__score)",
    ]);
    await expect(readDataset(path, { needsTexts: true })).rejects.toThrow(
      /has no texts to predict from: its columns are id, topic, m__score; expected a column query \(or prompt/,
    );
  });

  it("is never fitted to, or predicted from, when it is blank throughout", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2},0.1`).join("\n");
    const blank = await readDataset(folder.write("h.csv", `id,m__score,m__cost\n${rows}\n`));
    await expect(fitPredictor(blank, [], { predictor: "knn" })).rejects.toThrow(
      "every query of the sample is blank",
    );
    const withTexts = { ...blank, queries: blank.ids.map((id) => `question ${id}`) };
    const predictor = await fitPredictor(withTexts, [], { predictor: "knn" });
    await expect(predictProblem(blank, predictor)).rejects.toThrow("every query of the work is blank");
    await expect(fitPredictor(blank, [], { predictor: "base-rate" })).resolves.toBeDefined();
  });

  it("is refused by commands that learn, which name the columns and the option", async () => {
    const path = folder.write("i.csv", "id,topic,m__score,m__cost\n1,x,1,1\n2,y,0,1\n");
    const { code, err } = await run("fit", path, "-o", `${folder.path}/p.optllm`);
    expect(code).toBe(2);
    expect(err).toContain("its columns are id, topic, m__score, m__cost");
    expect(err).toContain("--query-column");
  });
});

describe("rows that the conditions leave out", () => {
  it("are not checked", async () => {
    const path = folder.write(
      "w.jsonl",
      '{"keep":1,"m__cost":1,"allowed_models":["m"]}\n' +
        '{"keep":0,"m__cost":-5,"allowed_models":["unknown"]}\n' +
        '{"allowed_models":7,"m__score":"bad","keep":0}\n',
    );
    const { dataset } = await importDataset(path, { where: [parseCondition("keep=1")] });
    expect([...dataset.cost]).toEqual([1]);
    await expect(readDataset(path)).rejects.toThrow("w.jsonl:2: m__cost is -5");
  });

  it.each(["[]", "[[]]", '" ; "', '"[]"'])(
    "refuses the list %s of allowed models, which names none",
    async (list) => {
      const path = folder.write("x.jsonl", `{"m__cost":1,"allowed_models":${list}}\n`);
      await expect(readDataset(path)).rejects.toThrow("or blank for all models");
    },
  );
});

describe("ids", () => {
  it("with half of a surrogate pair are refused, for they would be the same when written", async () => {
    const path = folder.write("y.jsonl", '{"id":"\\ud800","m__cost":1}\n{"id":"\\ud801","m__cost":1}\n');
    await expect(readDataset(path)).rejects.toThrow("expected text without half of a surrogate pair");
  });

  it("may be in a column Id or ID, which a note says", async () => {
    const { dataset, notes } = await importDataset(folder.write("z.csv", "ID,query,m__cost\na,x,1\n"));
    expect(dataset.ids).toEqual(["a"]);
    expect([...notes.keys()]).toEqual(["id from column ID"]);
  });
});
