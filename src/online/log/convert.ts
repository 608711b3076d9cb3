import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { writeError } from "../../text/fileError.js";
import { parquetBytes, type ParquetValues } from "../../write/parquet.js";
import { PARQUET } from "./parts.js";
import { LOG_NOTE, LOG_VERSION, type LogRecord } from "./record.js";
import { recordsOf } from "./records.js";
import { RecordTable } from "./table.js";

/** Records of a row group. */
const RECORDS = 8_192;

/**
 * Writes a part of a decision log, JSON lines, as Parquet: PART.parquet, which has its name only when it is whole and on
 * the disk. Then the lines are removed. A part that is not there is left out. Holds some 10,000 records at a time.
 *
 * @throws InputError naming the file: a damaged line, a file that cannot be written. The part is then as it was.
 */
export async function convertPart(part: string): Promise<void> {
  if (!existsSync(part)) return;
  const temporary = `${part}${PARQUET}.tmp`;
  try {
    const table = new RecordTable(await modelsOf(part));
    const file = await open(temporary, "w", 0o600);
    try {
      const notes = { [LOG_NOTE]: String(LOG_VERSION) };
      for await (const bytes of parquetBytes(table.columns, groupsOf(part, table), notes))
        await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, `${part}${PARQUET}`);
    await rm(part, { force: true });
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, temporary);
  }
}

/** All models of the decisions, in the order in which they come. */
async function modelsOf(part: string): Promise<string[]> {
  const models = new Set<string>();
  for await (const records of recordsOf(part, {}))
    for (const { record } of records)
      if (record.type === "decision") record.models.forEach((name) => models.add(name));
  return [...models];
}

async function* groupsOf(part: string, table: RecordTable): AsyncGenerator<ParquetValues[]> {
  let waiting: LogRecord[] = [];
  for await (const records of recordsOf(part, {})) {
    waiting.push(...records.map(({ record }) => record));
    if (waiting.length < RECORDS) continue;
    yield table.valuesOf(waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield table.valuesOf(waiting);
}
