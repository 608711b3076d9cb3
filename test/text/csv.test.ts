import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvParser, type CsvRecord } from "../../src/text/csv.js";

function parse(text: string): { header: string[] | undefined; records: CsvRecord[] } {
  const parser = new CsvParser("work.csv");
  const records = text.split("\n").map((line, i) => parser.push(line, i + 1));
  parser.end();
  return { header: parser.header, records: records.filter((record) => record !== undefined) };
}

const cells = (text: string): string[][] => parse(text).records.map((record) => record.cells);

describe("CsvParser", () => {
  it.each([
    ["plain cells", "a,b\n1,2\n3,4\n", [["1", "2"], ["3", "4"]]], // prettier-ignore
    ["CRLF", "a,b\r\n1,2\r\n", [["1", "2"]]],
    ["empty cells", "a,b,c\n,,2\n1,,\n", [["", "", "2"], ["1", "", ""]]], // prettier-ignore
    ["rows of blank cells as nothing", 'a,b\n,\n1,2\n , \r\n"",\n,,,,\n', [["1", "2"]]],
    ["a first column without a name", ",a,b\n0,1,2\n1,3,4\n", [["0", "1", "2"], ["1", "3", "4"]]], // prettier-ignore
    ["delimiters too many at the end", "a,b,,\n1,2,,\n3,4\n5,6,,,\n", [["1", "2", "", ""], ["3", "4", "", ""], ["5", "6", "", ""]]], // prettier-ignore
    ["delimiters too many in the rows alone", "a,b\n1,2,,\n", [["1", "2"]]],
    ["delimiters in a quoted name, after a doubled quote", 'a,"b"";;"\n1,2\n', [["1", "2"]]],
    ["the delimiter of a first line", "sep=;\r\na,1;b\r\n1,5;2\r\n", [["1,5", "2"]]],
    ["a tab as the delimiter of a first line", '"sep=\t"\na\tb\n1\t2\n', [["1", "2"]]],
    ["semicolons, with quoted commas in the header", 'a;"b, c, d, e";f\n1;2;3\n', [["1", "2", "3"]]],
    ["semicolons, with fewer commas in the names", "a;b;c,d;e,f\n1;2;3;4,5\n", [["1", "2", "3", "4,5"]]],
    ["bars", "a|b\n1|2,3\n", [["1", "2,3"]]],
    ["commas, with a bar in a name", "a,b|c\n1,2\n", [["1", "2"]]],
    ["quotes and doubled quotes", 'a,b\n"1,5","say ""hi"""\r\n', [["1,5", 'say "hi"']]],
    ["line ends within quotes, unchanged", 'a,b\n"x\r\ny\n\nz",2\r\n', [["x\r\ny\n\nz", "2"]]],
    ["an empty quoted cell at the end", 'a,b\n1,""\n', [["1", ""]]],
    ["a quoted cell before an empty one", 'a,b\n"1",\n', [["1", ""]]],
    ["a quote within an unquoted cell as it is", 'a,b\n5" pipe,2\n', [['5" pipe', "2"]]],
    ["blank lines as nothing", "\n \na,b\n\n1,2\n\r\n", [["1", "2"]]],
    ["semicolons", 'a;b\n1,5;"x;y"\n', [["1,5", "x;y"]]],
    ["tabs", "a\tb\n1;5\t2\n", [["1;5", "2"]]],
  ])("reads %s", (_, text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it("says what it passed over", () => {
    const notes: string[] = [];
    const parser = new CsvParser("work.csv", (what) => notes.push(what));
    [",a", "0,1", ",", ","].forEach((line, i) => parser.push(line, i + 1));
    expect(notes).toEqual([
      "first column without a name, such as a row number: not read",
      ...["row without any value: not read", "row without any value: not read"],
    ]);
  });

  it("reads a quoted header, over several lines too", () => {
    expect(parse('"a,\n1", b \n1,2\n').header).toEqual(["a,\n1", "b"]);
  });

  it("gives the line on which each record begins", () => {
    expect(parse('a,b\n1,2\n\n"x\n\ny",3\n4,5').records.map((record) => record.line)).toEqual([2, 4, 7]);
  });

  it.each([
    ['a,b\n1,2\n3,"x\ny\n', 'work.csv:3: b: the quote opened here is never closed'], // prettier-ignore
    ['a,b\n1,"x" y\n', 'work.csv:2: b: text after a closing quote: " y"'.replaceAll('"', "")],
    ['a,b\n"x\ny"z,2\n', "work.csv:3: a: text after a closing quote: z,2"],
    ["a,b,c\n1,2\n", "work.csv:2: 2 cells, but the header has 3; c is missing"],
    ["a,b\n1,2,3\n", "work.csv:2: 3 cells, but the header has 2"],
    ['a,b\n1,2\n"x\ny",2,3\n', "work.csv:3: 3 cells, but the header has 2"],
    ["a,,c\n1,,2\n1,x,2\n", "work.csv:3: column 2 has no name in the header, but holds x here"],
    [",,\n1,2,3\n", "work.csv:1: no column of the header has a name"],
    ["a,b,\n1\n", "work.csv:2: 1 cells, but the header has 3; b is missing"],
    ["a;b,c\n", 'work.csv:1: the header has as many "," as ";"; put names that hold one in quotes, or sep=;'],
    ["\na,b, a\n", "work.csv:2: column 3 of the header is a, as is column 1"],
    ['"a\n', "work.csv:1: column 1: the quote opened here is never closed"],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("reads back what RFC 4180 writes, for any cells", () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom("", '"', '""', ",", "\r\n", "\n", "\r", "a\r", " x "));
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })));
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const header = Array.from({ length: rows[0]?.length ?? 1 }, (_, i) => `column,${i}`);
        const text = [header, ...rows].map((row) => row.map(quoted).join(",") + end).join("");
        const kept = rows.filter((row) => row.some((cell) => cell.trim() !== ""));
        expect(cells(text)).toEqual(kept);
      }),
    );
  });
});
