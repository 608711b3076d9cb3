import { InputError } from "../errors.js";
import { isReadOnce } from "../text/bytes.js";
import { openText } from "../text/openText.js";
import { importDataset } from "./dataset.js";
import { formatLike } from "./formats/formats.js";
import { isParquetFile } from "./parquet/parquetFile.js";

const COLUMN = /^(.+)__(?:score|cost|input_tokens|output_tokens)$/s;

/**
 * The models that the beginning of a file of native rows names: its columns, or the keys of its first row. None of what can
 * be read only once, here and in `modelsIn`.
 */
export async function modelsAtBeginning(path: string): Promise<string[]> {
  if (await isReadOnce(path)) return [];
  const names = [...(await columnsOf(path))].flatMap((column) => COLUMN.exec(column)?.[1] ?? []);
  return [...new Set(names)];
}

/** The models of a file, read whole; none where it cannot be read, which the reader that follows tells. */
export async function modelsIn(path: string, signal?: AbortSignal): Promise<string[]> {
  if (await isReadOnce(path)) return [];
  try {
    const format = formatLike(await columnsOf(path));
    const { dataset } = await importDataset(path, {
      signal,
      ...(format === undefined && { blankCosts: true }),
    });
    return dataset.models;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

async function columnsOf(path: string): Promise<ReadonlySet<string>> {
  try {
    if (await isParquetFile(path)) {
      const { openParquet } = await import("./parquet/parquet.js");
      const table = await openParquet(path);
      await table.close();
      return new Set(table.columns);
    }
    const { opening, close } = await openText(path, {});
    await close();
    return opening.keys;
  } catch (error) {
    if (error instanceof InputError) return new Set();
    throw error;
  }
}

/** Names separated by commas; one in double quotes may hold commas, and two double quotes mean one. */
export function splitNames(text: string): string[] {
  const parts = text.match(/\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]+/g) ?? [];
  return parts
    .map((part) => part.trim())
    .map((name) => (/^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name))
    .filter((name) => name !== "");
}

/** Options that list models, as they were typed. */
interface Listed {
  models?: string[];
  without?: string[];
  only?: string[];
}

/**
 * Turns each text of --models, --without and --only into names. A text that is itself a model of the files is one name,
 * however many commas it has; otherwise commas separate the names. The files are only looked at where a text has a comma.
 * `more`: other models there are, such as those of a saved predictor.
 */
export async function settleNames(
  options: Listed,
  files: readonly (string | undefined)[],
  { signal }: { signal?: AbortSignal } = {},
  more: () => Promise<readonly string[]> = () => Promise.resolve([]),
): Promise<void> {
  const paths = files.filter((path) => path !== undefined);
  const all = async (read: (path: string) => Promise<string[]>): Promise<ReadonlySet<string>> =>
    new Set([...(await Promise.all(paths.map(read))).flat(), ...(await more())]);
  const atBeginning = once(() => all(modelsAtBeginning));
  const inWhole = once(() => all((path) => modelsIn(path, signal)));
  const namesIn = async (text: string): Promise<string[]> => {
    const parts = splitNames(text);
    if (parts.length === 1 || text.includes('"')) return parts;
    for (const find of [atBeginning, inWhole]) {
      const known = await find();
      if (known.has(text)) return [text];
      if (parts.every((part) => known.has(part))) return parts;
    }
    return parts;
  };
  for (const list of ["models", "without", "only"] as const) {
    const texts = options[list];
    if (texts !== undefined) options[list] = (await Promise.all(texts.map(namesIn))).flat();
  }
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= run());
}
