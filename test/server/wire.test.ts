import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { chunk, DONE, openStream, ROLE, stalls, STOP, streams, USAGE_CHUNK } from "./mockUpstream.js";
import { COST, HELLO, KEY, running, sha256, until } from "./running.js";

const f = await running("wire", (config) => ({
  ...config,
  keys: Array.from({ length: 1_000 }, (_, k) => ({
    name: `key-${k}`,
    sha256: sha256(k === 999 ? KEY : `key-${k}`),
    policies: ["best"],
  })),
}));
const { mock } = f;
const { hostname, port } = new URL(f.url);
const WORD = chunk({ content: "one" });

/** A connection, and all that came through it. */
async function open(): Promise<{ socket: Socket; text: () => string; closed: () => boolean }> {
  const socket = connect(Number(port), hostname);
  let text = "";
  let isClosed = false;
  socket.on("data", (data) => (text += String(data)));
  socket.on("close", () => (isClosed = true));
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, text: () => text, closed: () => isClosed };
}
function written(body: object, version = "1.1", path = "/v1/chat/completions"): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/${version}\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

describe("11. the cost of a stream", () => {
  const streamed = (): Promise<{
    headers: IncomingHttpHeaders;
    trailers: NodeJS.Dict<string>;
    text: string;
  }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
      const asked = httpRequest(`${f.url}/v1/chat/completions`, { method: "POST", headers }, (answer) => {
        let text = "";
        answer.on("data", (data) => (text += String(data)));
        answer.on("end", () => resolve({ headers: answer.headers, trailers: answer.trailers, text }));
        answer.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(JSON.stringify({ ...HELLO, stream: true }));
    });

  it("is in a trailer, and the bytes stay the upstream's", async () => {
    mock.next.push(streams(ROLE, WORD, STOP, USAGE_CHUNK, DONE));
    const { headers, trailers, text } = await streamed();
    expect(text).toBe(ROLE + WORD + STOP + DONE);
    expect(headers.trailer).toBe("x-optllm-cost");
    expect(headers).not.toHaveProperty("x-optllm-cost");
    expect(Number(trailers["x-optllm-cost"])).toBeCloseTo(COST.large, 12);
  });

  it("is there too when the stream breaks off", async () => {
    mock.next.push(streams(ROLE, WORD));
    const { trailers, text } = await streamed();
    expect(text).toContain('"error"');
    expect(Number(trailers["x-optllm-cost"])).toBeGreaterThan(0);
  });
});

it("HTTP/1.0 gets whole answers and streams, without chunks and trailers, and its connection is closed", async () => {
  for (const stream of [false, true]) {
    const { socket, text, closed } = await open();
    socket.write(written({ ...HELLO, stream }, "1.0"));
    await until(closed, "the end");
    const [head, body] = text().split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(head.toLowerCase()).not.toMatch(/chunked|trailer/);
    expect(text()).toContain("Good day");
    if (stream) expect(text().trimEnd().endsWith("data: [DONE]")).toBe(true);
    else expect(JSON.parse(body)).toMatchObject({ object: "chat.completion" });
  }
});

describe("requests one after another on one connection", () => {
  it("without waiting are answered in their order", async () => {
    const { socket, text } = await open();
    const slow = (part: string) => async (response: Parameters<typeof openStream>[0]) => {
      openStream(response);
      response.write(ROLE + chunk({ content: part }));
      await new Promise((resolve) => setTimeout(resolve, part === "first" ? 60 : 0));
      response.end(STOP + DONE);
    };
    mock.next.push(slow("first"), slow("second"));
    socket.write(
      written({ ...HELLO, stream: true }) + written({ ...HELLO, stream: true }) + written({ model: 5 }),
    );
    await until(() => text().split("HTTP/1.1 ").length === 4 && text().includes('"error"'), "three answers");
    const [first, second, third] = text().split("HTTP/1.1 ").slice(1);
    expect([first, second].map((answer) => /first|second/.exec(answer)![0])).toEqual(["first", "second"]);
    expect(third).toMatch(/^400 /);
    socket.destroy();
  });

  it("end with their connection, also those whose turn had not come", async () => {
    const before = f.outcomes.length;
    const big = chunk({ content: "x".repeat(64_000) });
    const endless = async (response: Parameters<typeof openStream>[0]) => {
      openStream(response);
      response.setMaxListeners(0);
      while (!response.destroyed) {
        if (!response.write(big))
          await Promise.race([
            new Promise((resolve) => response.once("drain", resolve)),
            new Promise((resolve) => response.once("close", resolve)),
          ]);
      }
    };
    mock.next.push(stalls(ROLE, WORD), endless);
    const { socket } = await open();
    const { length } = mock.seen;
    socket.write(written({ ...HELLO, stream: true }) + written({ ...HELLO, stream: true }));
    await until(() => mock.seen.length === length + 2, "both requests");
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await until(() => f.outcomes.length === before + 2, "both ends");
    await until(() => mock.open === 0, "the upstreams' ends");
    expect((await f.money()).reserved).toBe(0);
  });
});

it("what is no HTTP, has too long headers, or lies about its length is refused in OpenAI's form", async () => {
  for (const [bytes, status] of [
    ["hello\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    [
      "POST /v1/route HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["POST /v1/route HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400],
    ["GET /v1/models HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", 400],
  ] as const) {
    const { socket, text, closed } = await open();
    socket.write(bytes);
    await until(closed, "the end");
    expect(text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const { error } = JSON.parse(text().split("\r\n\r\n")[1]) as { error: object };
    expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
  }
});

it("an upstream whose chunks are malformed, or that answers a plain request with a stream, is an error to the client", async () => {
  mock.next.push((response) => {
    openStream(response);
    response.write(ROLE + WORD);
    response.socket!.write("zz\r\nnot a chunk");
  });
  const broken = await (await f.post("/v1/chat/completions", { ...HELLO, stream: true })).text();
  expect(broken).toContain('"content":"one"');
  expect(broken).toContain('"error"');
  expect(broken).not.toContain("[DONE]");
  mock.next.push(streams(ROLE, WORD, STOP, DONE));
  const answer = await f.post("/v1/chat/completions", { ...HELLO, model: "large" });
  expect([answer.status, await answer.text()]).toEqual([
    502,
    expect.stringContaining("did not answer with JSON"),
  ]);
});

it("a configuration that is read again under load loses no request and no money", async () => {
  await f.post("/v1/chat/completions", { ...HELLO, model: "large" });
  const { spent } = await f.money();
  const before = f.outcomes.length;
  let asked = 0;
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const answer = await f.post("/v1/chat/completions", { ...HELLO, stream: asked++ % 2 === 0 });
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain('"error"');
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let k = 0; k < 8; k++) {
    const upstreams = { ...f.config.upstreams, one: { ...f.config.upstreams.one, maxInFlight: 100 + k } };
    await f.server.reload({ ...f.config, upstreams });
  }
  isOver = true;
  await Promise.all(clients);
  await until(() => f.outcomes.length === before + asked, "all outcomes");
  const cost = f.outcomes.slice(before).reduce((sum, outcome) => sum + outcome.cost, 0);
  const money = await f.money();
  expect(money.reserved).toBe(0);
  expect(money.spent - spent).toBeCloseTo(cost, 4);
});
