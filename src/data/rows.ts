import { InputError } from "../errors.js";
import type { DatasetBuilder, Field } from "./builder.js";
import { CsvParser } from "./csv.js";
import { parseObject } from "./jsonl.js";

/** Takes the lines of a file one after another and hands rows to a builder. */
export interface RowReader {
  push(text: string, line: number): void;
  end(): void;
}

/**
 * A reader for the format that the first line shows: `{` is JSONL, anything else CSV. Undefined if the line is blank.
 *
 * @throws InputError for `[`, a JSON array.
 */
export function rowReader(text: string, name: string, builder: DatasetBuilder): RowReader | undefined {
  const start = text.trimStart()[0];
  if (start === undefined) return undefined;
  if (start === "[")
    throw new InputError(`${name} is a JSON array; expected JSONL, one object a line (jq -c '.[]')`, {
      file: name,
    });
  return start === "{" ? new JsonlRows(name, builder) : new CsvRows(name, builder);
}

class CsvRows implements RowReader {
  private readonly parser: CsvParser;
  private fields: Field[] | undefined;

  constructor(
    name: string,
    private readonly builder: DatasetBuilder,
  ) {
    this.parser = new CsvParser(name);
  }

  push(text: string, line: number): void {
    const record = this.parser.push(text, line);
    this.fields ??= this.parser.header?.map((column) => this.builder.field(column));
    if (!record || !this.fields) return;
    const { fields, builder } = this;
    builder.startRow(record.line);
    for (let i = 0; i < fields.length; i++) {
      const { kind } = fields[i];
      if (kind === "ignored") continue;
      const cell = record.cells[i];
      builder.put(fields[i], kind === "id" || kind === "query" ? detached(cell) : cell);
    }
    builder.endRow();
  }

  end(): void {
    this.parser.end();
  }
}

class JsonlRows implements RowReader {
  private readonly fieldOf = new Map<string, Field>();
  private lastKeys: string[] = [];
  private lastFields: Field[] = [];

  constructor(
    private readonly name: string,
    private readonly builder: DatasetBuilder,
  ) {}

  push(text: string, line: number): void {
    const row = parseObject(text, this.name, line);
    if (!row) return;
    this.builder.startRow(line);
    const keys = Object.keys(row);
    const values = Object.values(row);
    for (let i = 0; i < keys.length; i++) {
      // Rows mostly have the same keys in the same order: comparing saves the look-up.
      if (keys[i] !== this.lastKeys[i]) this.lastFields[i] = this.field(keys[i]);
      this.builder.put(this.lastFields[i], values[i]);
    }
    this.lastKeys = keys;
    this.builder.endRow();
  }

  end(): void {
    // Every line was complete in itself.
  }

  private field(key: string): Field {
    let field = this.fieldOf.get(key);
    if (!field) {
      field = this.builder.field(key);
      this.fieldOf.set(key, field);
    }
    return field;
  }
}

/** A copy: V8 makes a slice of 13 characters or more keep the whole text it was cut from, a megabyte here. */
function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
