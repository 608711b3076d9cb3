// An upstream that always answers, in a process of its own: complete answers at once, streams one token each few ms.
// It speaks as much HTTP as that takes, so that it does not use up the core that it shares with the load.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { chunk, completion, ending } from "./content.js";

/** Milliseconds between two tokens of a stream. */
const EVERY_MS = Number(process.argv[2] ?? 50);
const TOKENS = 40;
const HEAD_END = Buffer.from("\r\n\r\n");
/** Streams by the millisecond, of those between two tokens, in which they write: so that they do not all write at once. */
const turns: Set<(token: Buffer) => void>[] = Array.from({ length: EVERY_MS }, () => new Set());

const server = createServer({ noDelay: true }, serve);
server.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

let last = Math.floor(performance.now());
setInterval(() => {
  // Milliseconds that the timer missed are made up for; more than a round is not.
  const now = Math.floor(performance.now());
  // The content of every token is when it was sent.
  const token = framed(chunk(String(Date.now())));
  for (last = Math.max(last, now - EVERY_MS); last < now; last++)
    for (const write of turns[last % EVERY_MS]) write(token);
}, 1);

function serve(socket: Socket): void {
  let waiting: Buffer = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    for (;;) {
      const end = waiting.indexOf(HEAD_END);
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(waiting.toString("latin1", 0, end))?.[1] ?? 0);
      const from = end + HEAD_END.length;
      if (waiting.length < from + length) return;
      const body = waiting.toString("utf8", from, from + length);
      waiting = waiting.subarray(from + length);
      answer(socket, JSON.parse(body) as Record<string, unknown>);
    }
  });
}

function answer(socket: Socket, body: Record<string, unknown>): void {
  if (body.stream === true) {
    stream(socket, Number(body.max_completion_tokens ?? body.max_tokens ?? TOKENS));
    return;
  }
  const text = completion(body.model, TOKENS);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}`;
  socket.write(`${head}\r\n\r\n${text}`);
}

let streams = 0;

function stream(socket: Socket, tokens: number): void {
  socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
  const turn = turns[streams++ % EVERY_MS];
  let sent = 0;
  const stop = (): void => void turn.delete(write);
  const write = (token: Buffer): void => {
    socket.write(token);
    if (++sent < tokens) return;
    stop();
    socket.off("close", stop);
    socket.write(Buffer.concat([framed(ending(tokens)), Buffer.from("0\r\n\r\n")]));
  };
  turn.add(write);
  socket.on("close", stop);
}

/** A chunk of a chunked body. */
function framed(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
