import { InputError } from "../errors.js";
import type { ReadOptions } from "./bytes.js";
import { CsvParser } from "./csv.js";
import { parseObject } from "./jsonl.js";
import { readLines } from "./lines.js";
import { fileName } from "./shown.js";

/** One row of a file: its fields by name. */
export interface FileRecord {
  /** Where it begins, from 1. */
  line: number;
  /** JSON values, or the texts of CSV cells. */
  record: Map<string, unknown>;
}

/**
 * The rows of a JSONL or CSV file ("-": standard input), gzip or not, one after another; the first character tells
 * which. Nothing is kept.
 *
 * @throws InputError as `readLines`, `parseObject` and `CsvParser` do.
 */
export async function* readRecords(path: string, options: ReadOptions = {}): AsyncGenerator<FileRecord> {
  const name = fileName(path);
  let csv: CsvParser | undefined;
  let isFirst = true;
  for await (const { first, lines } of readLines(path, options)) {
    for (let i = 0; i < lines.length; i++) {
      if (isFirst && lines[i].trim() !== "") {
        isFirst = false;
        const start = lines[i].trimStart()[0];
        if (start === "[")
          throw new InputError(`${name} is a JSON array; expected JSONL, one object a line (jq -c '.[]')`, {
            file: name,
          });
        if (start !== "{") csv = new CsvParser(name);
      }
      if (csv !== undefined) {
        const row = csv.push(lines[i], first + i);
        const { header } = csv;
        if (row !== undefined && header !== undefined)
          yield { line: row.line, record: new Map(header.map((column, c) => [column, row.cells[c]])) };
      } else {
        const row = parseObject(lines[i], name, first + i);
        if (row !== undefined) yield { line: first + i, record: new Map(Object.entries(row)) };
      }
    }
  }
  csv?.end();
}
