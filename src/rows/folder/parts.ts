import { join } from "node:path";
import { InputError } from "../../errors.js";
import { fileName, shown } from "../../text/shown.js";

/** A file of a table that is kept as a folder of files. */
export interface Part {
  /** The whole path. */
  path: string;
  /** Columns that the names of its folders give, such as `day=monday/`. */
  constants: ReadonlyMap<string, string>;
}

const KINDS: Readonly<Record<string, string>> = {
  parquet: "Parquet",
  pq: "Parquet",
  csv: "CSV",
  tsv: "CSV",
  jsonl: "JSON",
  ndjson: "JSON",
  json: "JSON",
};
const ENDING = /\.([a-z]+)(?:\.(?:gz|zst|snappy))?$/;
/** What Hive, Spark and others write for a blank value in the name of a folder. */
const BLANK = "__HIVE_DEFAULT_PARTITION__";

/**
 * The files of a folder that together are one table, in the order of their names: all that hold rows by their ending, but
 * none whose name or folder begins with "_" or ".". `all`: paths below the folder with "/".
 *
 * @throws InputError for a folder without such files, with files of several kinds, or of a Delta Lake table.
 */
export function partsOf(folder: string, all: readonly string[]): Part[] {
  const name = fileName(folder);
  const refuse = (problem: string): InputError => new InputError(`${name} ${problem}`, { file: name });
  if (all.some((path) => path.split("/").includes("_delta_log")))
    throw refuse("is a Delta Lake table, whose files include old rows; save it as Parquet");
  const kinds = new Map<string, string>();
  const chosen = all.filter((path) => {
    const kind = path.split("/").some((part) => /^[._]/.test(part)) ? undefined : kindOf(path);
    if (kind !== undefined && !kinds.has(kind)) kinds.set(kind, path);
    return kind !== undefined;
  });
  if (chosen.length === 0)
    throw refuse(
      "is a folder without files of rows (Parquet, CSV, JSON or JSON Lines) or of another tool's results",
    );
  if (kinds.size > 1) {
    const examples = [...kinds].map(([kind, path]) => `${kind} (${shown(path)})`).join(" and ");
    throw refuse(`has files of several kinds: ${examples}; give one of the files, or a folder of one kind`);
  }
  return chosen.map((path) => ({ path: join(folder, path), constants: constantsOf(path) }));
}

function kindOf(path: string): string | undefined {
  const ending = ENDING.exec(path.toLowerCase())?.[1] ?? "";
  return Object.hasOwn(KINDS, ending) ? KINDS[ending] : undefined;
}

function constantsOf(path: string): Map<string, string> {
  const constants = new Map<string, string>();
  for (const folder of path.split("/").slice(0, -1)) {
    const at = folder.indexOf("=");
    if (at < 1) continue;
    const value = folder.slice(at + 1);
    constants.set(decoded(folder.slice(0, at)), value === BLANK ? "" : decoded(value));
  }
  return constants;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
