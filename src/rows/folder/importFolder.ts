import { join, relative } from "node:path";
import { InputError } from "../../errors.js";
import { fileName } from "../../text/shown.js";
import type { Format } from "../formats/format.js";
import { formats } from "../formats/formats.js";
import type { Observations } from "../formats/observations.js";
import { aroundOf } from "../formats/source.js";
import {
  importedOf,
  nativeBuilder,
  nativeOf,
  observations,
  type Imported,
  type Reading,
} from "../reading.js";
import { openRowFile } from "../rowFile.js";
import { filesBelow } from "./filesBelow.js";
import { PartColumns } from "./partColumns.js";
import { partsOf, type Part } from "./parts.js";

/**
 * Reads the files of a folder that belong to the requested format, or else to the first format that matches one of
 * them.
 */
export async function importFolder(
  path: string,
  asked: Format | "native" | undefined,
  options: Reading,
): Promise<Imported> {
  const name = fileName(path);
  const all = await filesBelow(path, options.onNote);
  const candidates = asked === undefined ? formats : asked === "native" ? [] : [asked];
  for (const format of candidates) {
    const chosen = format.files?.(all) ?? [];
    const sink = await observations(name, options);
    let isLike = asked !== undefined && chosen.length > 0;
    for (const [i, alternatives] of chosen.entries()) {
      for (const file of alternatives) {
        const problem = await readFileOf(join(path, file), format, sink, options);
        if (problem !== OTHER) isLike = true;
        if (problem === undefined) break;
        sink.skipFile(problem);
      }
      options.onProgress?.({ phase: "read", done: i + 1, total: chosen.length });
    }
    if (isLike) return importedOf(format, sink, options);
  }
  return importParts(path, partsOf(path, all), asked, options);
}

/** Reads the files of a folder as one table. The first shows the format. */
async function importParts(
  path: string,
  parts: readonly Part[],
  asked: Format | "native" | undefined,
  options: Reading,
): Promise<Imported> {
  const name = fileName(path);
  const columns = new PartColumns();
  const builder = nativeBuilder(name, options);
  const sink = await observations(name, options);
  let format = asked;
  for (const [i, { path: whole, constants }] of parts.entries()) {
    const file = await openRowFile(whole, { signal: options.signal }, [...constants.keys()]);
    try {
      format ??= file.format;
      if (asked === undefined && file.format !== format) throw otherFormat(whole, file.format, parts[0].path);
      if (file.columns) columns.add(fileName(relative(path, whole)), file.columns);
      if (format === "native") {
        builder.startPart(fileName(whole), file.unit, constants);
        await file.readNative(builder);
      } else {
        sink.startPart(constants);
        await file.readForeign(format, sink);
      }
    } finally {
      await file.close();
    }
    options.onProgress?.({ phase: "read", done: i + 1, total: parts.length });
  }
  if (format === undefined || format === "native") {
    columns.notes((what, files) => builder.note(what, files));
    return nativeOf(builder, options);
  }
  columns.notes((what, files) => sink.note(what, files));
  return importedOf(format, sink, options);
}

function otherFormat(path: string, format: Format | "native", first: string): InputError {
  const name = fileName(path);
  const which = format === "native" ? format : format.name;
  return new InputError(
    `${name} has the format ${which}, unlike ${fileName(first)}; the files of a folder are read as one table`,
    { file: name },
  );
}

const OTHER = "file of another format";

/** Reads one file of a folder. Returns why it is left out, if it is. */
async function readFileOf(
  path: string,
  format: Format,
  sink: Observations,
  { signal }: Reading,
): Promise<string | undefined> {
  const file = await openRowFile(path, { signal });
  try {
    if (file.format !== format && !format.isLike(file.keys)) return OTHER;
    const problem = format.refuses && format.refuses(await aroundOf(path, format, signal));
    if (problem !== undefined) return problem;
    await file.readForeign(format, sink);
    return undefined;
  } finally {
    await file.close();
  }
}
