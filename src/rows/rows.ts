import type { DatasetBuilder } from "./builder/builder.js";
import { CsvRows } from "./csvRows.js";
import type { Field } from "./builder/field.js";
import { parseObject } from "../text/jsonl.js";
import { linesOf, type Block } from "../text/lines.js";
import { rowKind } from "./rowKind.js";

/** Takes the blocks of a file one after another and hands rows to a builder. */
export interface RowReader {
  push(block: Block): void;
  end(): void;
}

/**
 * A reader for the format that the first character shows: `{` is JSONL, anything else CSV. Undefined if the block is
 * blank.
 *
 * @throws InputError for `[`, a JSON array.
 */
export function rowReader(block: Block, name: string, builder: DatasetBuilder): RowReader | undefined {
  const start = firstCharacter(block);
  if (start === undefined) return undefined;
  return rowKind(start, name) === "jsonl" ? new JsonlRows(name, builder) : new CsvRows(name, builder);
}

function firstCharacter({ bytes }: Block): string | undefined {
  const start = bytes.findIndex((c) => c > 32);
  return start < 0 ? undefined : bytes.toString("utf8", start).trimStart()[0];
}

class JsonlRows implements RowReader {
  private readonly fieldOf = new Map<string, Field>();
  private lastKeys: string[] = [];
  private lastFields: Field[] = [];

  constructor(
    private readonly name: string,
    private readonly builder: DatasetBuilder,
  ) {}

  push(block: Block): void {
    linesOf(block).forEach((text, i) => this.row(text, block.first + i));
  }

  end(): void {
    // Each line was a complete row.
  }

  private row(text: string, line: number): void {
    const row = parseObject(text, this.name, line);
    if (!row) return;
    this.builder.startRow(line);
    const keys = Object.keys(row);
    for (let i = 0; i < keys.length; i++) {
      // Rows mostly have the same keys in the same order: comparing saves the look-up.
      if (keys[i] !== this.lastKeys[i]) this.lastFields[i] = this.field(keys[i]);
      this.builder.put(this.lastFields[i], row[keys[i]]);
    }
    this.lastKeys = keys;
    this.builder.endRow();
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
