import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, it } from "vitest";
import { CommandLine } from "./workers.js";

it.each(["redis", "postgres"])(
  "a server that takes connections and never answers ends a command: %s",
  async (kind) => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const command = new CommandLine("cluster", "worker", "--queue", `${kind}://127.0.0.1:${port}/x`);
    expect(await command.ended).toBe(2);
    expect(command.err).toMatch(/cannot be reached: no answer in 30 s/);
    server.close();
  },
  120_000,
);
