import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { CsvParser } from "../../src/text/csv.js";
import { csvHead, csvStarts } from "../../src/cluster/pieces/csvStarts.js";
import { lineStart, newlinesIn } from "../../src/text/newlines.js";
import { runs } from "../runs.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-starts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "table.csv");

/** Where records begin after the header, by the parser that reads them, and the end. */
function recordStarts(text: string): number[] {
  const parser = new CsvParser("table.csv");
  const starts: number[] = [];
  let at = 0;
  for (const [i, line] of text.split("\n").entries()) {
    if (parser.header !== undefined && !parser.isOpen) starts.push(at);
    parser.push(line, i + 1);
    at += Buffer.byteLength(line) + 1;
  }
  return starts;
}

const cell = fc.oneof(
  fc.constantFrom("a", '5" disk', "é", "", "x y", 'say ""no""'.replaceAll('""', '"')),
  fc.constantFrom('"q"', '"a\nb"', '"a,b\r\n"', '"say ""hi"""', '"\n\n"', '""', '"""\n"""'),
);
const record = fc.tuple(cell, fc.constantFrom("1", '"2"', "x")).map(([a, b]) => `${a},${b}`);
const end = fc.constantFrom("\n", "\r\n", "\n\n");

it("starts of parts are starts of records, the first after each step", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(record, end), { minLength: 1, maxLength: 30 }),
    fc.constantFrom("a,b\n", '"a\n",b\r\n', "\n\na,b\n", "\ufeffa,b\n"),
    fc.integer({ min: 1, max: 60 }),
    async (records, header, step) => {
      const text = header + records.map(([row, newline]) => row + newline).join("");
      writeFileSync(path, text);
      const bytes = Buffer.from(text);
      const { end: from, delimiter } = csvHead(bytes)!;
      const known = recordStarts(text);
      // The mark at the beginning is no part of the header.
      expect(known[0]).toBe(from);
      const starts = await csvStarts(path, { from, to: bytes.length, delimiter, step });
      const expected: number[] = [];
      for (let target = from + step; target <= bytes.length;) {
        const start = known.find((one) => one >= target) ?? bytes.length;
        expected.push(start);
        while (target <= start) target += step;
      }
      expect(starts.filter((start) => start < bytes.length)).toEqual(
        expected.filter((start) => start < bytes.length),
      );
    },
  );
  await fc.assert(property, { numRuns: runs(500) });
});

it("quotes across the pieces of a file that are read at a time are followed", async () => {
  const long = "x".repeat(700_000);
  const rows = Array.from({ length: 9 }, (_, k) => `"${long}\n""${k}""","${k}"\n`);
  writeFileSync(path, `a,b\n${rows.join("")}`);
  const sizes = rows.map((row) => row.length);
  const places = sizes.map((_, k) => 4 + sizes.slice(0, k).reduce((sum, size) => sum + size, 0));
  const to = 4 + sizes.reduce((sum, size) => sum + size, 0);
  const starts = await csvStarts(path, { from: 4, to, delimiter: 44, step: 100_000 });
  expect(starts.filter((start) => start < to)).toEqual(places.slice(1));
});

it("lines are found and counted", async () => {
  writeFileSync(path, "ab\ncd\n\nef");
  expect(await lineStart(path, 3, 9)).toBe(3);
  expect(await lineStart(path, 4, 9)).toBe(6);
  expect(await lineStart(path, 8, 9)).toBe(9);
  expect([await newlinesIn(path, 0, 9), await newlinesIn(path, 3, 6), await newlinesIn(path, 5, 5)]).toEqual([3, 1, 0]); // prettier-ignore
});
