import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdIndex } from "../../src/rows/builder/ids.js";

describe("IdIndex", () => {
  it("finds what a Map finds, with the first line, at any size", () => {
    const names = fc.array(fc.oneof(fc.nat(2000).map(String), fc.string({ maxLength: 3 })), {
      minLength: 1,
      maxLength: 4000,
      size: "max",
    });
    fc.assert(
      fc.property(names, fc.nat(2 ** 31), (all, offset) => {
        const ids: string[] = [];
        const index = new IdIndex(ids);
        const lineOf = new Map<string, number>();
        for (const [i, id] of all.entries()) {
          const line = offset + i + 1;
          expect(index.findOrAdd(id, ids.length, line)).toBe(lineOf.get(id) ?? 0);
          if (lineOf.has(id)) continue;
          lineOf.set(id, line);
          ids.push(id);
        }
      }),
      { numRuns: 30 },
    );
  });
});
