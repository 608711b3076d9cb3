// An upstream that always answers, in a process of its own: complete answers at once, streams one token each 50 ms.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chunk, completion, ending } from "./content.js";

const EVERY_MS = 50;
const TOKENS = 40;
/** Streams by the millisecond, of the 50, in which they write: so that they do not all write at once. */
const turns: Set<() => void>[] = Array.from({ length: EVERY_MS }, () => new Set());

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

let last = Math.floor(performance.now());
setInterval(() => {
  // Milliseconds that the timer missed are made up for; more than a round is not.
  const now = Math.floor(performance.now());
  for (last = Math.max(last, now - EVERY_MS); last < now; last++)
    for (const write of turns[last % EVERY_MS]) write();
}, 1);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
  const tokens = Number(body.max_completion_tokens ?? body.max_tokens ?? TOKENS);
  if (body.stream === true) stream(response, tokens);
  else {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(completion(body.model, TOKENS));
  }
}

let streams = 0;

/** The content of every token is when it was sent. */
function stream(response: ServerResponse, tokens: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const turn = turns[streams++ % EVERY_MS];
  let sent = 0;
  const write = (): void => {
    response.write(chunk(String(Date.now())));
    if (++sent < tokens) return;
    turn.delete(write);
    response.end(ending(tokens));
  };
  turn.add(write);
  response.on("close", () => turn.delete(write));
}
