import type { DatasetBuilder } from "./builder/builder.js";
import { CsvRows } from "./csvRows.js";
import type { Field } from "./builder/field.js";
import { notAnObject, type JsonPath, JsonWalker } from "../text/json.js";
import { parseObject } from "../text/jsonl.js";
import { blocksOf, linesOf, throwBad, withoutMark, type Block } from "../text/lines.js";

/** Keys that are remembered. A file may have ever new ones; what they mean is then found out each time. */
const KEY_LIMIT = 2 ** 16;
const BLANK = "NaN: read as a blank value";

/** Takes the blocks of a file one after another and hands rows to a builder. */
interface RowReader {
  push(block: Block): void;
  end(): void;
}

/**
 * Hands the native rows of a text to a builder: of CSV or JSONL, as the first character shows, or the elements at a
 * path of a JSON document. `onBlock`: called after each piece.
 */
export async function readTextRows(
  chunks: AsyncIterable<Buffer>,
  name: string,
  builder: DatasetBuilder,
  path: JsonPath | undefined,
  onBlock: () => void = () => undefined,
): Promise<void> {
  if (path !== undefined) return readElements(chunks, name, builder, path, onBlock);
  let rows: RowReader | undefined;
  for await (const block of blocksOf(chunks, name, true)) {
    rows ??= rowReader(block, name, builder);
    rows?.push(block);
    onBlock();
  }
  rows?.end();
}

/** A reader for the format that the first character shows: `{` is JSONL, anything else CSV; undefined for blank lines. */
function rowReader(block: Block, name: string, builder: DatasetBuilder): RowReader | undefined {
  const start = firstCharacter(block);
  if (start === undefined) return undefined;
  return start === "{" ? new JsonlRows(name, builder) : new CsvRows(name, builder);
}

function firstCharacter({ bytes }: Block): string | undefined {
  let at = 0;
  while (at < bytes.length && bytes[at] <= 32) at++;
  return at === bytes.length ? undefined : String.fromCharCode(bytes[at]);
}

async function readElements(
  chunks: AsyncIterable<Buffer>,
  name: string,
  builder: DatasetBuilder,
  path: JsonPath,
  onBlock: () => void,
): Promise<void> {
  const rows = new ObjectRows(builder);
  const walker = new JsonWalker(name, [path], () => builder.note(BLANK));
  let row = 0;
  for await (const chunk of withoutMark(chunks, name)) {
    for (const { at, value } of walker.push(chunk)) {
      row++;
      if (typeof value !== "object" || value === null || Array.isArray(value))
        builder.skipRow(notAnObject(name, at, value));
      else rows.put(value as Record<string, unknown>, row);
    }
    onBlock();
  }
  walker.end();
}

class JsonlRows implements RowReader {
  private readonly rows: ObjectRows;

  constructor(
    private readonly name: string,
    private readonly builder: DatasetBuilder,
  ) {
    this.rows = new ObjectRows(builder);
  }

  push(block: Block): void {
    linesOf(block).forEach((text, i) => {
      const line = block.first + i;
      let row: Record<string, unknown> | undefined;
      try {
        throwBad(block, line);
        row = parseObject(text, this.name, line, () => this.builder.note(BLANK));
      } catch (error) {
        return this.builder.skipRow(error);
      }
      if (row) this.rows.put(row, line);
    });
  }

  end(): void {
    // Each line was a complete row.
  }
}

/** Hands JSON objects to a builder. */
class ObjectRows {
  private readonly fieldOf = new Map<string, Field>();
  private lastKeys: string[] = [];
  private lastFields: Field[] = [];

  constructor(private readonly builder: DatasetBuilder) {}

  put(row: Record<string, unknown>, line: number): void {
    const keys = Object.keys(row);
    if (this.fieldOf.size === 0) this.builder.announce(keys);
    try {
      this.builder.startRow(line);
      for (let i = 0; i < keys.length; i++) {
        // Rows mostly have the same keys in the same order: comparing saves the look-up.
        if (keys[i] !== this.lastKeys[i]) this.lastFields[i] = this.field(keys[i]);
        this.builder.put(this.lastFields[i], row[keys[i]]);
      }
      this.lastKeys = keys;
      this.builder.endRow();
    } catch (error) {
      this.lastKeys = [];
      this.builder.skipRow(error);
    }
  }

  private field(key: string): Field {
    let field = this.fieldOf.get(key);
    if (!field) {
      field = this.builder.field(key);
      if (this.fieldOf.size < KEY_LIMIT) this.fieldOf.set(key, field);
    }
    return field;
  }
}
