import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to connections (Linux: 32768 and up), so that none takes it meanwhile. */
const FIRST = 12_000;
const COUNT = 20_000;

/** A port of 127.0.0.1 that nobody listens on: any of many, so that tests beside each other rarely ask for the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    try {
      await once(server.listen(port, "127.0.0.1"), "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
