import { modelsAtBeginning, modelsIn } from "../../rows/modelNames.js";
import type { Io } from "../io.js";
import { splitNames } from "../parse.js";

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
  { signal }: Io,
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
