import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvRows } from "../../src/rows/csvRows.js";
import { DatasetBuilder } from "../../src/rows/builder/builder.js";
import { CsvParser } from "../../src/text/csv.js";
import { written } from "../text/decimals.js";

describe("CsvRows", () => {
  const number = fc.oneof(
    written,
    fc.constantFrom(
      "",
      "1",
      "0",
      "0.5",
      " 1",
      "1 ",
      '"0.25"',
      '""',
      '" "',
      "true",
      "FALSE",
      "inf",
      "-0",
      "-1",
      "+1",
      "1.5",
      "x",
      "NaN",
      "0x1",
      '"1',
      '1"',
      "1e12",
      "1.1e12",
      "1e-12",
      "9e-13",
    ),
  );
  const text = fc.constantFrom(
    "a",
    "",
    " ",
    "é",
    '"a,b"',
    '"x\ny"',
    '"q""q"',
    '"open',
    '5" pipe',
    "a;b",
    "\u3000",
    '"z"x',
    "tab\tbed",
  );
  const end = fc.constantFrom("\n", "\r\n", "\n\n", ",\n", "\n \n");
  const file = fc
    .tuple(
      fc.constantFrom(
        "id,query,note,m__score,m__cost",
        "m__cost",
        "m__score,query,n__cost,m__cost",
        "query\tm__cost",
      ),
      fc.array(fc.tuple(fc.array(fc.oneof(number, text), { minLength: 1, maxLength: 6 }), end), {
        maxLength: 8,
      }),
    )
    .map(([header, rows]) => {
      const delimiter = header.includes("\t") ? "\t" : ",";
      const columns = header.split(delimiter);
      const lines = rows.map(([cells, end], r) => {
        const full = columns.map((name, i) => (name === "id" ? `q${r}` : (cells[i] ?? cells[0])));
        return (cells.length === 6 ? cells : full).join(delimiter) + end;
      });
      return `${header}\n${lines.join("")}`;
    });

  /** What the line parser and `put` alone would give, without the way through bytes. */
  function slow(text: string): unknown {
    const parser = new CsvParser("f");
    const builder = new DatasetBuilder("f");
    let fields;
    const refused = (error: unknown): undefined => builder.skipRow(error) as undefined;
    for (const [i, line] of text.replace(/\n$/, "").split("\n").entries()) {
      const record = tried(() => parser.push(line, i + 1), refused);
      fields ??= parser.header?.map((column) => builder.field(column));
      if (!record || !fields) continue;
      const names = fields;
      tried(() => {
        builder.startRow(record.line);
        names.forEach((field, k) => builder.put(field, record.cells[k]));
        builder.endRow();
      }, refused);
    }
    tried(() => parser.end(), refused);
    return builder.finish();
  }

  function fast(text: string): unknown {
    const builder = new DatasetBuilder("f");
    const rows = new CsvRows("f", builder);
    const bytes = Buffer.from(text.endsWith("\n") ? text : `${text}\n`);

    rows.push({ first: 1, bytes, isAscii: /^[\0-\x7f]*$/.test(text) });
    rows.end();
    return builder.finish();
  }

  function tried<T>(run: () => T, otherwise: (error: unknown) => undefined): T | undefined {
    try {
      return run();
    } catch (error) {
      return otherwise(error);
    }
  }

  const outcome = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("gives the same rows or error as the line parser, for any mixture of cells", () => {
    fc.assert(
      fc.property(file, (text) => {
        expect(outcome(() => fast(text))).toEqual(outcome(() => slow(text)));
      }),
      {
        numRuns: 10_000,
        // Rows of nothing but blanks, which are no rows.
        examples: [['query\tm__cost\n""\t\n 1\t 1\n'], ['query,m__cost\n\u3000,\n," "\n"\n",\nx,1\n']],
      },
    );
  });
});
