import { InputError } from "../errors.js";

/**
 * Loads a package that only the server needs. `load` imports it by name, so that compilers see it.
 *
 * @throws InputError with the command that installs it.
 */
export async function peer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError(
      `the server needs the package ${name}: npm install fastify undici ajv pino prom-client`,
      {
        package: name,
      },
    );
  }
}
