import { readFile } from "node:fs/promises";
import type { ErrorObject, ValidateFunction } from "ajv";
import { InputError } from "../../errors.js";
import { packageFile } from "../../package.js";
import { peer } from "../peers.js";
import { schemaProblem, type Path, type Problem } from "./problem.js";
import { referenceProblems } from "./references.js";
import type { CheckedConfig } from "./types.js";

/** A configuration that is wrong: all that is wrong with it. */
export class ConfigError extends InputError {
  constructor(
    readonly problems: readonly Problem[],
    where: (path: Path) => string = () => "",
  ) {
    const lines = problems.slice(0, MOST).map(({ path, message }) => `${where(path)}${message}`);
    const more = problems.length > MOST ? `; and ${problems.length - MOST} more` : "";
    super(lines.join("; ") + more, { field: problems[0].path.join(".") });
  }
}

const MOST = 10;

/** The JSON Schema of the configuration, as this package publishes it. */
export async function configSchema(): Promise<string> {
  return readFile(packageFile("src/server/config/config.schema.json"), "utf8");
}

/**
 * A configuration with its defaults, checked. The value itself is left as it is.
 *
 * @throws ConfigError with everything that is wrong, each with its path and what is expected.
 */
export async function checkConfig(value: unknown, where?: (path: Path) => string): Promise<CheckedConfig> {
  const validate = await (compiled ??= compile());
  const config = structuredClone(value) as CheckedConfig;
  if (!validate(config)) throw new ConfigError(schemaProblems(validate.errors ?? []), where);
  const problems = referenceProblems(config);
  if (problems.length > 0) throw new ConfigError(problems, where);
  return config;
}

let compiled: Promise<ValidateFunction> | undefined;

async function compile(): Promise<ValidateFunction> {
  const { Ajv } = await peer("ajv", () => import("ajv"));
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    useDefaults: true,
    strict: true,
    strictRequired: false,
  });
  return ajv.compile(JSON.parse(await configSchema()) as object);
}

function schemaProblems(errors: readonly ErrorObject[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    // Only a frame around errors that say more.
    if (error.keyword === "if" || error.keyword === "propertyNames") continue;
    const problem = schemaProblem(error);
    const key = problem.path.join("\n");
    if (!problems.has(key)) problems.set(key, problem);
  }
  return [...problems.values()];
}
