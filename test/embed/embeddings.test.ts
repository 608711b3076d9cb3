import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embedTexts, KEY_VARIABLE } from "../../src/embed/embeddings.js";
import { InputError } from "../../src/errors.js";
import { temporaryFolder } from "../rows/folder.js";

interface Asked {
  model: string;
  input: string[];
}
type Handler = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void;

/** What an honest service answers: length and first code unit of each text. */
const vectorOf = (text: string): number[] => [text.length, text.charCodeAt(0), -0.5];
const honest: Handler = ({ input }, response) => {
  const data = input.map((text, index) => ({ index, embedding: vectorOf(text) }));
  // In another order than asked: the index counts.
  response.end(JSON.stringify({ data: data.reverse() }));
};

let handler: Handler = honest;
let asked: Asked[] = [];
let keys: (string | undefined)[] = [];
let url = "";
let inFlight = 0;
let mostInFlight = 0;

const server = createServer((request, response) => {
  let body = "";
  inFlight++;
  mostInFlight = Math.max(mostInFlight, inFlight);
  response.on("close", () => inFlight--);
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const one = JSON.parse(body) as Asked;
    asked.push(one);
    keys.push(request.headers.authorization);
    handler(one, response, request);
  });
});

beforeEach(async () => {
  handler = honest;
  asked = [];
  keys = [];
  mostInFlight = 0;
  delete process.env[KEY_VARIABLE];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/embeddings`;
});
afterEach(async () => {
  delete process.env[KEY_VARIABLE];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const quick = { backoffMs: 1, retries: 3, timeoutMs: 60_000 };
const embed = (texts: string[], more: object = {}) =>
  embedTexts(texts, { url, model: "m", ...quick, ...more });
const failure = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("did not fail"),
    (error: unknown) => error as Error,
  );

describe("embedTexts", () => {
  it("asks for each distinct text once, in batches, and puts answers where they belong", async () => {
    const progress: number[] = [];
    const texts = ["aa", "b", "aa", " \n", "cccc", "ddddd"];
    const { rows, columns, value } = await embed(texts, {
      batch: 2,
      onProgress: ({ done }: { done: number }) => progress.push(done),
    });
    expect([rows, columns]).toEqual([6, 3]);
    const expected = texts.flatMap((text) => (text.trim() === "" ? [0, 0, 0] : vectorOf(text)));
    expect([...value]).toEqual(expected);
    expect(asked.map(({ input }) => input)).toEqual([
      ["aa", "b"],
      ["cccc", "ddddd"],
    ]);
    expect(progress).toEqual([2, 4]);
    expect(keys).toEqual([undefined, undefined]);
  });

  it("runs as many concurrent requests as allowed", async () => {
    // Answers wait until three have come, and for a fourth that must not come.
    const waiting: (() => void)[] = [];
    handler = (one, response, request) => {
      waiting.push(() => honest(one, response, request));
      if (waiting.length === 3) setTimeout(() => waiting.splice(0).forEach((answer) => answer()), 30);
    };
    await embed(
      Array.from({ length: 12 }, (_, k) => `t${k}`),
      { batch: 1, concurrency: 3 },
    );
    expect(mostInFlight).toBe(3);
  });

  it("retries after 429, 500 and a broken connection, and respects Retry-After", async () => {
    const times: number[] = [];
    handler = (one, response, request) => {
      times.push(Date.now());
      if (times.length === 1) response.writeHead(429, { "retry-after": "1" }).end();
      else if (times.length === 2) response.writeHead(500).end("oops");
      else if (times.length === 3) request.socket.destroy();
      else honest(one, response, request);
    };
    expect([...(await embed(["a"])).value]).toEqual(vectorOf("a"));
    expect(times).toHaveLength(4);
    expect(times[1] - times[0]).toBeGreaterThanOrEqual(990);
  });

  it("gives up after the last retry, and at once if a retry cannot help", async () => {
    handler = (_, response) => response.writeHead(503).end();
    const error = await failure(embed(["a"]));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(`${url}: answered 503, after 4 tries`);
    asked = [];
    handler = (_, response) => response.writeHead(401).end("no");
    expect((await failure(embed(["a"]))).message).toBe(`${url} answered 401; expected 200`);
    handler = (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect((await failure(embed(["a"]))).message).toBe(`${url} answered 302; expected 200`);
    expect(asked).toHaveLength(2);
  });

  it("refuses answers that are not the requested vectors", async () => {
    const answers: [string, RegExp][] = [
      ["<html>", /no JSON/],
      ["null", /not a "data" list of 2/],
      ['{"data":[]}', /not a "data" list of 2/],
      ['{"data":[{"embedding":[1]},{"embedding":[1,2]}]}', /different lengths/],
      ['{"data":[{"embedding":[1]},{"embedding":["x"]}]}', /not finite/],
      ['{"data":[{"embedding":[1]},{"embedding":[1e999]}]}', /not finite/],
      ['{"data":[{"embedding":[1]},{"embedding":[1e39]}]}', /not finite/],
      ['{"data":[{"embedding":[1]},{"embedding":[]}]}', /list of 1/],
      ['{"data":[{"embedding":[1]},{"__proto__":{"embedding":[1]}}]}', /list of 1/],
      ['{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}', /index 0 twice/],
      ['{"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]}', /outside the batch/],
    ];
    for (const [answer, message] of answers) {
      handler = (_, response) => response.end(answer);
      const error = await failure(embed(["a", "b"]));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(message);
    }
    expect(asked).toHaveLength(answers.length);
  });

  it("stops reading an answer that is far too long", async () => {
    handler = (_, response) => {
      const chunk = "[".repeat(1 << 16);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
    expect((await failure(embed(["a"]))).message).toMatch(/more bytes than/);
  });

  it("does not wait for a service that hangs, and stops when asked to", async () => {
    handler = () => {};
    expect((await failure(embed(["a"], { timeoutMs: 30, retries: 1 }))).message).toMatch(
      /no answer within 30 ms, after 2 tries/,
    );
    const reason = new Error("enough");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 20);
    expect(await failure(embed(["a"], { signal: stop.signal }))).toBe(reason);
    handler = (_, response) => response.writeHead(429, { "retry-after": "60" }).end();
    const again = new AbortController();
    setTimeout(() => again.abort(reason), 20);
    expect(await failure(embed(["a"], { signal: again.signal }))).toBe(reason);
  });

  it("sends the key to the service and shows it nowhere else", async () => {
    process.env[KEY_VARIABLE] = "sk-secret";
    await embed(["a"]);
    expect(keys).toEqual(["Bearer sk-secret"]);
    handler = (_, response) => response.writeHead(400).end("bad key sk-secret");
    const errors = [await failure(embed(["a"]))];
    handler = (_, response) => response.end('{"data":"sk-secret"}');
    errors.push(await failure(embed(["a"])));
    process.env[KEY_VARIABLE] = "sk-secret\nx: y";
    errors.push(await failure(embed(["a"])));
    for (const error of errors) {
      expect(error).toBeInstanceOf(InputError);
      expect(JSON.stringify([error.message, error, error.cause ?? ""])).not.toContain("secret");
    }
  });

  it("refuses invalid addresses and numbers before any request", async () => {
    for (const bad of ["nowhere", "file:///etc/passwd", "http://user:secret@127.0.0.1/"]) {
      const error = await failure(embed(["a"], { url: bad }));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).not.toContain("secret");
    }
    for (const more of [{ batch: 0 }, { concurrency: 1.5 }, { timeoutMs: NaN }, { retries: -1 }]) {
      expect(await failure(embed(["a"], more))).toBeInstanceOf(InputError);
    }
    expect(asked).toEqual([]);
  });
});

describe("the cache", () => {
  it("answers repeated requests, by model and text, and asks again if a file is damaged", async () => {
    const cacheFolder = join(temporaryFolder().path, "cache");
    const first = await embed(["a", "bb"], { cacheFolder });
    const again = await embed(["bb", "a"], { cacheFolder });
    expect([...again.value]).toEqual([...first.value.subarray(3), ...first.value.subarray(0, 3)]);
    expect(asked).toHaveLength(1);
    await embed(["a"], { cacheFolder, model: "other" });
    expect(asked).toHaveLength(2);

    const names = readdirSync(cacheFolder);
    expect(names).toHaveLength(3);
    for (const name of names) {
      const file = join(cacheFolder, name);
      const bytes = readFileSync(file);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(file, bytes);
    }
    expect([...(await embed(["a", "bb"], { cacheFolder })).value]).toEqual([...first.value]);
    expect(asked).toHaveLength(3);
  });

  it("passes over a file that another process deletes meanwhile", async () => {
    const cacheFolder = temporaryFolder().path;
    // What a listing names and is not there any more.
    symlinkSync("gone", join(cacheFolder, `${"0".repeat(64)}.f32`));
    expect((await embed(["a"], { cacheFolder })).value).toHaveLength(3);
  });

  it("stays within its limit by deleting only its oldest files", async () => {
    const folder = temporaryFolder();
    folder.write("mine.txt", "keep");
    // A file holds 16 bytes of digest and 3 numbers.
    const limit = { cacheFolder: folder.path, maxCacheBytes: 2 * 28 };
    await embed(["a", "bb", "ccc"], limit);
    expect(readdirSync(folder.path)).toHaveLength(3);
    await embed(["dddd"], limit);
    expect(readdirSync(folder.path)).toHaveLength(3);
    asked = [];
    await embed(["dddd"], limit);
    expect(asked).toEqual([]);
    expect(readdirSync(folder.path)).toContain("mine.txt");
  });
});
