import { describe, expect, it } from "vitest";
import { defaultPieceBytes, rowsOfShard } from "../../src/cluster/sizes.js";
import { shardRows } from "../../src/pool/jobs.js";

const MIB = 2 ** 20;
const models = Array.from({ length: 12 }, (_, m) => `m${m}`);
const unit = shardRows(models.length);

describe("sizes that nobody asked for", () => {
  it.each([1, unit, 100_000, 1_500_000, 3_000_000, 31 * unit, 20_000_000])(
    "make 16 to 32 shards of %d rows, unless they would be less than one of the solver",
    (rows) => {
      const size = rowsOfShard({ rows, models }, undefined);
      expect(size % unit).toBe(0);
      if (rows > 16 * unit) expect(Math.ceil(rows / size)).toBeGreaterThanOrEqual(16);
      expect(Math.ceil(rows / size)).toBeLessThanOrEqual(32);
    },
  );

  it("are bounded by what a worker's memory holds", () => {
    expect(rowsOfShard({ rows: 1e9, models }, undefined)).toBe(Math.floor(2_000_000 / unit) * unit);
    const sizes = [5, 3_200, 9_000].map((mib) => defaultPieceBytes([{ bytes: mib * MIB }]));
    expect(sizes).toEqual([32 * MIB, 100 * MIB, 128 * MIB]);
  });
});

it("an asked size of shards is rounded up to whole shards of the solver", () => {
  expect([1, unit, unit + 1].map((asked) => rowsOfShard({ rows: 10, models }, asked))).toEqual([
    unit,
    unit,
    2 * unit,
  ]);
});
