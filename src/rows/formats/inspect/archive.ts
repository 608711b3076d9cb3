import { resolve } from "node:path";
import type { Entry } from "yauzl";
import { InputError } from "../../../errors.js";
import { JsonWalker } from "../../../text/json.js";
import { fileName, shown } from "../../../text/shown.js";
import { isZip, openZip, type Archive } from "../../zip.js";
import { inspect } from "./inspect.js";
import type { Observations } from "../observations.js";
import type { Row } from "../values.js";

/** Where a log has what is true of all samples: at its end, or, while it is being written, at its beginning. */
const HEADERS = ["header.json", "_journal/start.json"];
const SAMPLE = /^samples\/.+\.json$/;
/** What is read of a sample. Its messages and events, which may be long, are skipped. */
const FIELDS = ["id", "epoch", "input", "scores", "score", "model_usage", "error", "limit", "invalidation"];

/** Whether a file is a log of Inspect in its own format: a zip archive with a header. */
export async function isEvalArchive(path: string): Promise<boolean> {
  if (!(await isZip(path))) return false;
  try {
    const archive = await openZip(path);
    archive.close();
    return HEADERS.some((name) => archive.entries.has(name)) || path.endsWith(".eval");
  } catch (error) {
    // What is damaged is reported where it is read.
    if (error instanceof InputError) return path.endsWith(".eval");
    throw error;
  }
}

/**
 * Reads the samples of an Inspect log in its own format (`.eval`), one after another.
 *
 * @throws InputError: damaged, without a header, or unpacking to far more than its size.
 */
export async function readEvalArchive(
  path: string,
  sink: Observations,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const name = fileName(path);
  const archive = await openZip(path);
  try {
    const header = HEADERS.map((part) => archive.entries.get(part)).find((entry) => entry !== undefined);
    if (header === undefined)
      throw new InputError(`${name} is a zip archive without ${HEADERS[0]}; expected a log of Inspect`, {
        file: name,
      });
    const around = await partsOf(archive, header, ["eval", "plan"], name);
    const context = { path: resolve(path).split("/"), around };
    const fields = [...new Set([...FIELDS, ...sink.columnsRead])];
    let count = 0;
    for (const [part, entry] of archive.entries) {
      if (!SAMPLE.test(part)) continue;
      signal?.throwIfAborted();
      const row = await partsOf(archive, entry, fields, name);
      count++;
      sink.take(row, `${name}, ${shown(part)}`, () => inspect.read(row, sink, context));
    }
    if (count === 0) sink.skipFile("file without samples");
  } finally {
    archive.close();
  }
}

/** The values of some keys at the top of an entry. */
async function partsOf(archive: Archive, entry: Entry, keys: readonly string[], name: string): Promise<Row> {
  const found = Object.create(null) as Row;
  const walker = new JsonWalker(
    `${name}, ${shown(entry.fileName)}`,
    keys.map((key) => [key]),
  );
  for await (const chunk of archive.read(entry))
    for (const part of walker.push(chunk)) found[keys[part.path]] = part.value;
  walker.end();
  return found;
}
