import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { InputError } from "../../errors.js";
import { readError } from "../../text/fileError.js";
import { fileName, oneLine } from "../../text/shown.js";
import { checkConfig } from "./check.js";
import type { Path } from "./problem.js";
import type { CheckedConfig, ServerConfig } from "./types.js";

const MOST_BYTES = 16 * 2 ** 20;
/** Anchors that a file may use: a few lines must not become gigabytes. */
const MOST_ALIASES = 100;

/**
 * Reads the configuration of a server, YAML or JSON, and checks it. Paths in it become absolute: they are relative to
 * the folder of the file.
 *
 * @throws InputError naming the file, the line, the path, the value, and what is expected.
 */
export async function readConfig(path: string): Promise<ServerConfig> {
  return readChecked(path);
}

/** The same, with the type that says which defaults are filled in. */
export async function readChecked(path: string): Promise<CheckedConfig> {
  const name = fileName(path);
  const text = await textOf(path, name);
  const lines = new LineCounter();
  // JSON is YAML too, so both have lines.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    // The parser names the place as well.
    const problem = error.message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "");
    throw new InputError(`${name}: line ${line}: ${oneLine(problem)}`, {
      file: name,
      line,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw new InputError(`${name} uses its anchors more than ${MOST_ALIASES} times; write the values out`, {
      file: name,
    });
  }
  const where = (place: Path): string => {
    for (let length = place.length; length > 0; length--) {
      const node = document.getIn(place.slice(0, length), true) as { range?: [number] } | undefined;
      if (node?.range) return `${name}: line ${lines.linePos(node.range[0]).line}: `;
    }
    return `${name}: `;
  };
  return withPaths(await checkConfig(value, where), dirname(resolve(path)));
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new InputError(`${name} is larger than 16 MiB`, { file: name });
    return await readFile(path, "utf8");
  } catch (error) {
    throw readError(error, path);
  }
}

function withPaths(config: CheckedConfig, folder: string): CheckedConfig {
  const { predictor, prices, state, policies, log } = config;
  const policiesAt = Object.fromEntries(
    Object.entries(policies).map(([name, policy]) => [
      name,
      policy.plan === undefined ? policy : { ...policy, plan: resolve(folder, policy.plan) },
    ]),
  );
  return {
    ...config,
    predictor: resolve(folder, predictor),
    ...(prices !== undefined && { prices: resolve(folder, prices) }),
    policies: policiesAt,
    ...(log !== undefined && { log: { ...log, path: resolve(folder, log.path) } }),
    state: state.path === undefined ? state : { ...state, path: resolve(folder, state.path) },
  };
}
