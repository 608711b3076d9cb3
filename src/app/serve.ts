import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InputError } from "../errors.js";

/** An address at which the app is served, on this machine alone. */
export interface Served {
  url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const HEADERS = {
  // With both of these, and only then, a browser lets the page's workers share memory.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/**
 * Serves the app's page until `close`. `port`: 0 … 65535; 0: any that is free.
 *
 * @throws InputError for a port that cannot be listened on.
 */
export async function serveApp(page: string, port = 0): Promise<Served> {
  const body = Buffer.from(page);
  const server = createServer((request, response) => answer(request, response, body));
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) =>
      reject(new InputError(`cannot listen on ${HOST}:${port} (${code}); give another --port`, { port })),
    );
    server.listen(port, HOST, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer({ method, url }: IncomingMessage, response: ServerResponse, page: Buffer): void {
  if (url !== "/" || (method !== "GET" && method !== "HEAD")) {
    response.writeHead(404, { ...HEADERS, "content-type": "text/plain" }).end("not found\n");
    return;
  }
  const headers = { ...HEADERS, "content-type": "text/html; charset=utf-8", "content-length": page.length };
  response.writeHead(200, headers).end(method === "HEAD" ? undefined : page);
}
