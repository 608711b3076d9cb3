import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { withCascade } from "../../src/plan/cascade.js";
import { readDataset } from "../../src/rows/dataset.js";
import { run } from "../cli/run.js";
import { temporaryFolder } from "../rows/folder.js";

const folder = temporaryFolder();
const CSV = `id,query,ok,s__score,s__cost,l__score,l__cost
a,what,true,1,0.1,0,1
b,what,PASS,0,0.1,1,1
c,what,0,0,0.1,1,1
d,what,no,1,0.1,,1
e,what,,1,0.1,1,1
f,what,1,1,0.1,1,
`;
const read = (content = CSV) =>
  readDataset(folder.write("rows.csv", content), { columns: ["ok"], blankCosts: true });
const CASCADE = { small: "s", large: "l", check: "ok" };

describe("a cascade", () => {
  it("takes the small answer where the check passed, and pays both where it failed", async () => {
    const rows = withCascade(await read(), { ...CASCADE, dollars: 0.01 });
    expect(rows.models).toEqual(["s", "l", "s then l"]);
    const arm = <T>(matrix: Iterable<T>): T[] => [...matrix].filter((_, i) => i % 3 === 2);
    expect(arm(rows.outcome)).toEqual([1, 0, 1, NaN, NaN, 1]);
    expect(arm(rows.cost)).toEqual([0.11, 0.11, 1.11, 1.11, Infinity, 0.11]);
    const before = await read();
    expect([...rows.outcome].filter((_, i) => i % 3 < 2)).toEqual([...before.outcome]);
  });

  it.each([
    [{ ...CASCADE, small: "x" }, /no model x; nearest: /],
    [{ ...CASCADE, large: "s" }, /already a model s/],
    [{ ...CASCADE, check: "none" }, /no row has a value in column none/],
    [{ ...CASCADE, dollars: -1 }, /costs -1; expected dollars ≥ 0/],
  ])("is refused with %j", async (cascade, message) => {
    const rows = await read();
    expect(() => withCascade(rows, cascade)).toThrow(InputError);
    expect(() => withCascade(rows, cascade)).toThrow(message);
  });

  it("names the row of a result that it cannot read", async () => {
    const rows = await read(CSV.replace("PASS", "0.7"));
    expect(() => withCascade(rows, CASCADE)).toThrow(/ok of query b is 0\.7; expected true or false/);
  });

  it("is made by import, once for each that is asked for", async () => {
    const path = folder.write("rows.csv", CSV.replace("f,what,1,1,0.1,1,\n", ""));
    const output = `${folder.path}/out.jsonl`;
    const { code, err } = await run(
      ...["import", path, "--columns", "id", "--cascade", "s,l,ok", "--cascade", "l,s,ok,0.5", "-o", output],
    );
    expect([code, err]).toEqual([0, expect.stringContaining("4 models")]);
    const [first] = readFileSync(output, "utf8").split("\n");
    expect(JSON.parse(first)).toMatchObject({ "s then l__score": 1, "l then s__cost": 1.5 });
    const wrong = await run("import", path, "--cascade", "s,l", "-o", output);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/SMALL,LARGE,COLUMN/)]);
  });
});
