import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { InputError } from "../../errors.js";
import type { Address } from "../config/types.js";

/**
 * Begins to take requests; the address. `field`: of the configuration.
 *
 * @throws InputError for an address that cannot be used.
 */
export async function listenAt(
  app: FastifyInstance,
  field: string,
  { host, port }: Required<Address>,
): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") throw error;
    throw new InputError(`${field}: ${host}:${port} cannot be used (${code}); give another port`, { field });
  }
  const { address, port: open, family } = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${open}`;
}
