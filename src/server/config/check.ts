import { readFile } from "node:fs/promises";
import type { ErrorObject, ValidateFunction } from "ajv";
import { InputError } from "../../errors.js";
import { packageFile } from "../../package.js";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";
import { peer } from "../peers.js";
import { nameOf, type Path, type Problem } from "./problem.js";
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
/** Values of these fields may be secrets that were put in the wrong place: they are not repeated. */
const SECRET = /^(sha256|keyEnv|baseUrl)$/;

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
    const problem = problemOf(error);
    const key = problem.path.join("\n");
    if (!problems.has(key)) problems.set(key, problem);
  }
  return [...problems.values()];
}

function problemOf({
  keyword,
  instancePath,
  params,
  parentSchema,
  data,
  propertyName,
}: ErrorObject): Problem {
  const path = instancePath.split("/").slice(1).map(unescaped);
  const expected = String((parentSchema as { description?: string }).description ?? "another value");
  if (keyword === "additionalProperties") {
    const field = String((params as { additionalProperty: string }).additionalProperty);
    const known = Object.keys((parentSchema as { properties: object }).properties);
    const [closest] = nearest(field, known, 1);
    return {
      path: [...path, field],
      message: `${nameOf(path)} has ${shown(field)}, which is not known; did you mean ${closest}? It knows ${known.join(", ")}`,
    };
  }
  if (keyword === "required") {
    const field = String((params as { missingProperty: string }).missingProperty);
    return { path, message: `${nameOf(path)} lacks ${field}; expected ${expected}` };
  }
  if (propertyName !== undefined)
    return { path, message: `${nameOf(path)} has the name ${shown(propertyName)}; expected ${expected}` };
  const isSecret = path.some((key) => SECRET.test(key));
  const found = isSecret ? "something else" : shown(typeof data === "number" ? String(data) : data);
  return { path, message: `${nameOf(path)} is ${found}; expected ${expected}` };
}

function unescaped(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
