import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { simulate } from "../../src/simulate/simulate.js";
import { datasetRows, type NativeRow } from "../../src/write/dataset.js";
import { temporaryFolder, withStdin } from "./folder.js";
import { runs } from "../runs.js";

const folder = temporaryFolder();

interface Table {
  models: string[];
  rows: NativeRow[];
}

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"', "a,b", "x\r\ny", "é🚀", ";\t"),
);
/** Not blank, and nothing that a spreadsheet would take for a formula: CSV puts an apostrophe before it. */
const name = word.map((text) => `n${text}.`);
const amount = fc.float({ min: 0, noNaN: true, noDefaultInfinity: true });
const score = fc.oneof(fc.constantFrom(0, 1, NaN), fc.float({ min: 0, max: 1, noNaN: true }));

const table: fc.Arbitrary<Table> = fc
  .record({
    models: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    ids: fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
  })
  .chain(({ models, ids }) => {
    const floats = (values: fc.Arbitrary<number>): fc.Arbitrary<Float32Array> =>
      fc
        .array(values, { minLength: models.length, maxLength: models.length })
        .map((list) => Float32Array.from(list));
    const cost = fc.tuple(amount, floats(fc.oneof(amount, fc.constant(Infinity)))).map(([first, costs]) => {
      costs[0] = first;
      return costs;
    });
    const rows = ids.map((id) => fc.record({ id: fc.constant(id), query: name, cost, score: floats(score) }));
    return fc.record({ models: fc.constant(models), rows: fc.tuple(...rows) });
  });

function expected({ models, rows }: Table): unknown {
  const matrix = (key: "cost" | "score"): Float32Array =>
    Float32Array.from(rows.flatMap((row) => [...row[key]]));
  return {
    ids: rows.map((row) => row.id),
    queries: rows.map((row) => row.query),
    models,
    cost: matrix("cost").map((dollars) => dollars + 0),
    outcome: matrix("score"),
  };
}

describe("native rows", () => {
  it.each(["csv", "jsonl"] as const)(
    "read back from %s as they were written, to the last bit",
    async (format) => {
      await fc.assert(
        fc.asyncProperty(table, fc.boolean(), async (written, isPacked) => {
          const bytes = Buffer.from([...datasetRows(written, format)].join(""));
          const dataset = await withStdin([isPacked ? gzipSync(bytes) : bytes], () => readDataset("-"));
          expect(dataset).toEqual(expected(written));
        }),
        { numRuns: runs(300) },
      );
    },
  );

  it("of a simulated workload are the same in CSV and JSONL", async () => {
    const workload = simulate({ queries: 3000, models: 5, seed: 7 });
    const read = (format: "csv" | "jsonl") => {
      const text = [...datasetRows({ models: workload.models, rows: workload.rows() }, format)].join("");
      return readDataset(folder.write(`work.${format}`, text));
    };
    const dataset = await read("csv");
    expect(dataset).toEqual(await read("jsonl"));
    expect(dataset).toEqual(expected({ models: workload.models, rows: [...workload.rows()] }));
  });

  it("without scores are work to allocate", async () => {
    const workload = simulate({ queries: 3, models: 2, seed: 7 });
    for (const format of ["csv", "jsonl"] as const) {
      const source = { models: workload.models, rows: workload.rows() };
      const text = [...datasetRows(source, format, { scores: false })].join("");
      expect(text).not.toContain("__score");
      const { outcome, cost } = await readDataset(folder.write("work", text));
      expect(outcome.every(Number.isNaN)).toBe(true);
      expect(cost.every((dollars) => dollars > 0 && dollars < Infinity)).toBe(true);
    }
  });
});
