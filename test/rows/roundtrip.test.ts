import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import type { Dataset } from "../../src/types.js";
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
const amount = fc.oneof(
  fc.constantFrom(0, 0.1, 1e-12, 1e12),
  fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
);
const score = fc.oneof(fc.constantFrom(0, 1, NaN), fc.float({ min: 0, max: 1, noNaN: true }));

const table: fc.Arbitrary<Table> = fc
  .record({
    models: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    ids: fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
  })
  .chain(({ models, ids }) => {
    const list = (values: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
      fc.array(values, { minLength: models.length, maxLength: models.length });
    const cost = fc
      .tuple(amount, list(fc.oneof(amount, fc.constant(Infinity))))
      .map(([first, costs]) => Float64Array.from([first, ...costs.slice(1)]));
    const scores = list(score).map((row) => Float32Array.from(row));
    const rows = ids.map((id) => fc.record({ id: fc.constant(id), query: name, cost, score: scores }));
    return fc.record({ models: fc.constant(models), rows: fc.tuple(...rows) });
  });

function expected({ models, rows }: Table): Dataset {
  return {
    ids: rows.map((row) => row.id),
    queries: rows.map((row) => row.query),
    models,
    cost: Float64Array.from(rows.flatMap((row) => [...row.cost])),
    outcome: Float32Array.from(rows.flatMap((row) => [...row.score])),
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
    const costs = Float32Array.from(dataset.cost);
    const rows = [...workload.rows()];
    expect(costs).toEqual(Float32Array.from(rows.flatMap((row) => [...row.cost])));
    expect({ ...dataset, cost: null }).toEqual({
      ...expected({ models: workload.models, rows }),
      cost: null,
    });
  });

  it.each(["csv", "jsonl", "parquet"] as const)(
    "of float32 costs have the decimals that these stand for: %s",
    async (format) => {
      const cost = Float32Array.of(0.1, 0.0005, 1e-12, 1e12);
      const row = { id: "a", query: "x", cost, score: Float32Array.of(1, 1, 0, 0) };
      const chunks: Buffer[] = [];
      for await (const chunk of datasetRows({ models: ["a", "b", "c", "d"], rows: [row] }, format))
        chunks.push(Buffer.from(chunk));
      const bytes = Buffer.concat(chunks);
      const dataset = await readDataset(folder.write("float32", bytes));
      expect([...dataset.cost]).toEqual([0.1, 0.0005, 1e-12, 1e12]);
    },
  );

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
