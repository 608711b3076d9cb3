import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that reached the upstream. */
export interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** Resolves when the other side hangs up before the answer is complete. */
  hungUp: Promise<void>;
}

export type Behaviour = (response: ServerResponse, seen: Seen) => void | Promise<void>;

/** An OpenAI-compatible upstream, over real HTTP, that does what a test tells it. */
export interface Mock {
  baseUrl: string;
  seen: Seen[];
  /** How the next requests are answered, one each; then `usually`. */
  next: Behaviour[];
  usually: Behaviour;
  /** Requests that are open. */
  open: number;
  close(): Promise<void>;
}

export async function startMock(): Promise<Mock> {
  const mock: Mock = { baseUrl: "", seen: [], next: [], usually: answersWell, open: 0, close };
  const server = createServer((request, response) => void serve(mock, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mock.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return mock;
}

async function serve(mock: Mock, request: IncomingMessage, response: ServerResponse): Promise<void> {
  mock.open++;
  const hungUp = new Promise<void>((resolve) =>
    response.on("close", () => {
      mock.open--;
      if (!response.writableFinished) resolve();
    }),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>;
  const seen = { path: request.url!, headers: request.headers, body, hungUp };
  mock.seen.push(seen);
  await (mock.next.shift() ?? mock.usually)(response, seen);
}

export const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };

export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}

export function completion(model: unknown, content = "Good day to you", extra: object = {}) {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: USAGE,
    ...extra,
  };
}

/** A chunk of a stream. */
export function chunk(delta: object, extra: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: null }];
  return event({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices, ...extra });
}

export const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
export const ROLE = chunk({ role: "assistant", content: "" });
export const STOP = event({ id: "c1", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
export const USAGE_CHUNK = event({ id: "c1", choices: [], usage: USAGE });
export const DONE = "data: [DONE]\n\n";

export function openStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

/** Streams these pieces, each in a packet of its own, and ends. */
export function streams(...pieces: (string | Buffer)[]): Behaviour {
  return async (response) => {
    openStream(response);
    for (const piece of pieces) {
      response.write(piece);
      await pause();
    }
    response.end();
  };
}

/** Streams these pieces, and then breaks the connection off. */
export function cuts(...pieces: string[]): Behaviour {
  return async (response) => {
    openStream(response);
    for (const piece of pieces) {
      response.write(piece);
      await pause();
    }
    response.destroy();
  };
}

/** Streams these pieces, and then says nothing more. */
export function stalls(...pieces: string[]): Behaviour {
  return async (response) => {
    openStream(response);
    response.flushHeaders();
    for (const piece of pieces) {
      response.write(piece);
      await pause();
    }
  };
}

/** Takes the request, and says nothing. */
export const silent: Behaviour = () => undefined;

export const fails =
  (
    status: number,
    error: unknown = { error: { message: "no" } },
    headers: Record<string, string> = {},
  ): Behaviour =>
  (response) =>
    json(response, error, status, headers);

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const answersWell: Behaviour = (response, { body }) => {
  if (body.stream === true)
    return streams(ROLE, chunk({ content: "Good day" }), STOP, USAGE_CHUNK, DONE)(response, {} as Seen);
  json(response, completion(body.model));
};
