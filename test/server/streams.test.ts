import { beforeEach, describe, expect, it } from "vitest";
import {
  chunk,
  completion,
  cuts,
  DONE,
  event,
  fails,
  json,
  openStream,
  pause,
  ROLE,
  silent,
  stalls,
  STOP,
  streams,
  USAGE_CHUNK,
  type Behaviour,
} from "./mockUpstream.js";
import { COST, HELLO, running, until, type Fixture } from "./running.js";

const f = await running("streams");
const { mock } = f;
/** With an upstream of large that may be silent for so long only; no other answer has to come in time. */
const impatient = (name: string, times: { firstByteSeconds: number } | { idleSeconds: number }) =>
  running(name, (config) => ({
    ...config,
    upstreams: { ...config.upstreams, impatient: { ...config.upstreams.one, ...times } },
    models: { ...config.models, large: { ...config.models.large, upstream: "impatient" } },
  }));
const forHeaders = await impatient("impatient-for-headers", { firstByteSeconds: 0.3 });
const forMore = await impatient("impatient-for-more", { idleSeconds: 0.3 });
const STREAM = { ...HELLO, stream: true };
const ask = (body: object = {}, of = f) => of.post("/v1/chat/completions", { ...STREAM, ...body });
/** Failures are forgiven with the next success. */
beforeEach(async () => {
  mock.next = [];
  const { headers } = await f.post("/v1/chat/completions", { ...HELLO, model: "large" });
  expect(headers.get("x-optllm-model")).toBe("large");
});
const hello = chunk({ content: "Grüße 👋" });

/** The error that ends a stream, and that no [DONE] follows. */
function errorAtEnd(text: string): { message: string; type: string; code: string } {
  expect(text).not.toContain("[DONE]");
  const last = text.trimEnd().split("\n\n").at(-1)!;
  expect(last).toMatch(/^data: \{"error":/);
  return (JSON.parse(last.slice(6)) as { error: { message: string; type: string; code: string } }).error;
}

describe("1. bytes of a stream", () => {
  const sent = [
    ": keep-alive\n\n",
    ROLE,
    hello,
    `data: {"choices":\ndata: [{"index":0,"delta":{"content":"two lines"}}]}\n\n`,
    `id: 7\r\nevent: message\r\ndata: {"choices":[{"index":0,"delta":{"content":"crlf"}}]}\r\n\r\n`,
    STOP,
    DONE,
  ].join("");
  const bytes = Buffer.from(sent);

  it.each([1, 2, 3, 7, 64, 100_000])("are passed unchanged in chunks of %s bytes", async (size) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) =>
      bytes.subarray(k * size, (k + 1) * size),
    );
    mock.next.push((response) => {
      openStream(response);
      for (const piece of pieces) response.write(piece);
      response.end();
    });
    const answer = await ask();
    expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe(sent);
  });

  it("come without compression and with headers that keep proxies from holding them back", async () => {
    const answer = await f.post("/v1/chat/completions", STREAM, {
      headers: { "accept-encoding": "gzip, br" },
    });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(mock.seen.at(-1)!.headers["accept-encoding"]).toBe("identity");
    await answer.text();
  });

  it("arrive as they come, not when the stream ends", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    mock.next.push(async (response) => {
      openStream(response);
      response.write(ROLE + hello);
      await held;
      response.end(STOP + DONE);
    });
    const reader = (await ask()).body!.getReader();
    const first = Buffer.from((await reader.read()).value!).toString();
    expect(first).toBe(ROLE + hello);
    release();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read())
      rest += Buffer.from(part.value).toString();
    expect(rest).toBe(STOP + DONE);
  });

  it("end with one [DONE], whether the upstream sends none, two, or one without a blank line", async () => {
    for (const end of ["", DONE + DONE, "data: [DONE]\n", "data: [DONE]"]) {
      mock.next.push(streams(ROLE, hello, STOP, ...(end === "" ? [] : [end])));
      const text = await (await ask()).text();
      expect(text.match(/\[DONE\]/g), end).toHaveLength(1);
      expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    }
  });
});

describe("2. usage of a stream", () => {
  it("is always asked of the upstream, and stripped unless the client asked", async () => {
    const text = await (await ask()).text();
    expect(mock.seen.at(-1)!.body.stream_options).toEqual({ include_usage: true });
    expect(text).not.toContain("prompt_tokens");
    const options = { stream_options: { include_usage: true, include_obfuscation: false } };
    const answer = await ask(options);
    const asked = await answer.text();
    expect(mock.seen.at(-1)!.body.stream_options).toEqual({
      include_usage: true,
      include_obfuscation: false,
    });
    expect(asked).toContain(USAGE_CHUNK);
    expect(await f.outcomeOf(answer)).toMatchObject({ cost: COST.large, isEstimated: false });
  });

  it("is not asked of an upstream that does not know it", async () => {
    const plain = await running("no-usage", (config) => ({
      ...config,
      upstreams: { one: { ...config.upstreams.one, streamUsage: false }, two: config.upstreams.two },
    }));
    await (await plain.post("/v1/chat/completions", STREAM)).text();
    expect(plain.mock.seen.at(-1)!.body).not.toHaveProperty("stream_options");
  });

  it("that is null is no usage", async () => {
    mock.next.push(
      streams(
        chunk({ content: "one two" }, { usage: null }),
        STOP,
        event({ choices: [], usage: null }),
        DONE,
      ),
    );
    const answer = await ask();
    expect(await answer.text()).toContain('"usage":null');
    expect(await f.outcomeOf(answer)).toMatchObject({ isEstimated: true });
  });
});

it("3. a stream without usage is settled by counted tokens and marked estimated", async () => {
  mock.next.push(streams(ROLE, ...Array(40).fill(chunk({ content: "word and " })), STOP, DONE));
  const before = await f.money();
  const answer = await ask();
  await answer.text();
  const { cost, isEstimated } = await f.outcomeOf(answer);
  expect(isEstimated).toBe(true);
  // 80 words are about 80 tokens at $12 a million; the request is about 12 at $3.
  expect(cost).toBeGreaterThan(70 * 12e-6);
  expect(cost).toBeLessThan(140 * 12e-6);
  expect((await f.money()).spent - before.spent).toBeCloseTo(cost, 5);
});

describe("4. what is not read passes through", () => {
  it("in a stream: tool calls, choices, log probabilities, refusals, unknown fields", async () => {
    const sent = [
      ROLE,
      chunk({
        tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
      event({
        choices: [
          { index: 1, delta: { content: "b" }, logprobs: { content: [{ token: "b", logprob: -0.1 }] } },
        ],
      }),
      chunk({ refusal: "I cannot" }),
      chunk({ reasoning_content: "hm" }, { x_new: { deep: [1, 2.5, null] } }),
      event({ choices: [0, 1].map((index) => ({ index, delta: {}, finish_reason: "tool_calls" })) }),
      DONE,
    ];
    mock.next.push(streams(...sent));
    const body = {
      n: 2,
      tools: [{ type: "function", function: { name: "f" } }],
      logprobs: true,
      x_unknown: { a: [1] },
    };
    expect(await (await ask(body)).text()).toBe(sent.join(""));
    expect(mock.seen.at(-1)!.body).toMatchObject(body);
  });

  it("in a buffered answer, byte for byte", async () => {
    const odd = `{ "choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[]},"x":1e2}],\n"usage":{"prompt_tokens":12,"completion_tokens":3}, "system_fingerprint":"ü" }`;
    mock.next.push((response) => json(response, odd));
    const answer = await f.post("/v1/chat/completions", HELLO);
    expect(await answer.text()).toBe(odd);
    expect((await f.outcomeOf(answer)).cost).toBeCloseTo(COST.large, 12);
  });
});

describe("5. an upstream that breaks off in mid-stream", () => {
  const broken: [string, Behaviour, code: string, of?: Fixture][] = [
    ["cuts the connection", cuts(ROLE, hello), "upstream_error"],
    ["ends without finishing", streams(ROLE, hello), "upstream_error"],
    ["says nothing more", stalls(ROLE + hello), "upstream_timeout", forMore],
    ["sends what is not JSON", streams(ROLE, hello, 'data: {"choices": [\n\n', STOP, DONE), "upstream_error"],
    [
      "reports an error",
      streams(hello, event({ error: { message: "sk-upstream-secret-0123456789" } })),
      "upstream_error",
    ],
    ["cuts within an event", cuts(ROLE, hello, 'data: {"choices":[{"in'), "upstream_error"],
  ];

  it.each(broken)(
    "and %s ends in an error event, without [DONE] and without a replay",
    async (_, behaviour, code, of = f) => {
      const { mock } = of;
      const { length } = mock.seen;
      mock.next.push(behaviour);
      const answer = await ask({}, of);
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(text.split("Grüße 👋")).toHaveLength(2);
      const error = errorAtEnd(text);
      expect(error).toMatchObject({ code, type: "server_error" });
      expect(text).not.toContain("secret");
      expect(mock.seen).toHaveLength(length + 1);
      // What came is charged, and nothing stays reserved.
      const outcome = await of.outcomeOf(answer);
      expect(outcome).toMatchObject({ status: 200, error: code, isEstimated: true });
      expect(outcome.cost).toBeGreaterThan(0);
      expect((await of.money()).reserved).toBe(0);
    },
  );
});

describe("6. a failure before the first content", () => {
  const early: [string, Behaviour, of?: Fixture][] = [
    ["a status of 500", fails(500)],
    ["a status of 429", fails(429, { error: { message: "slow down" } }, { "retry-after-ms": "1" })],
    ["a cut connection", (response) => void response.destroy()],
    ["silence", silent, forHeaders],
    ["silence after the role", stalls(": ping\n\n", ROLE), forMore],
    ["a cut after the role", cuts(ROLE)],
    ["an error in the first event", streams(event({ error: { message: "overloaded" } }))],
    ["an empty stream", streams()],
    ["something that is no stream", (response) => json(response, completion("m"))],
    ["what is not JSON", streams("data: <html>\n\n")],
  ];

  it.each(early)(
    "such as %s goes to the next model, and the client sees only its answer",
    async (_, behaviour, of = f) => {
      const { mock } = of;
      const { length } = mock.seen;
      mock.next.push(behaviour);
      const answer = await ask({}, of);
      const text = await answer.text();
      expect(answer.headers.get("x-optllm-model")).not.toBe("large");
      expect(text).toBe(ROLE + chunk({ content: "Good day" }) + STOP + DONE);
      const [first, second] = mock.seen.slice(length).map(({ body }) => body.model);
      expect([first, second]).toEqual(["large-2026", `${answer.headers.get("x-optllm-model")}-2026`]);
      expect(await of.outcomeOf(answer)).toMatchObject({ attempts: 2, status: 200 });
      expect((await of.money()).reserved).toBe(0);
    },
  );
});

describe("7. a client that hangs up", () => {
  const phases: [string, Behaviour, stream: boolean, after: number][] = [
    ["before the headers", silent, true, 0],
    ["before the first token", stalls(ROLE), true, 0],
    ["in mid-stream", stalls(ROLE, hello), true, 1],
    ["on a buffered call", silent, false, 0],
    [
      "while a buffered answer comes",
      (r) => void (r.writeHead(200, { "content-type": "application/json" }), r.write("{")),
      false,
      0,
    ],
  ];

  it.each(phases)(
    "%s aborts the upstream, is settled, and is no strike",
    async (_, behaviour, stream, reads) => {
      const before = await f.money();
      const { length } = mock.seen;
      const { length: done } = f.outcomes;
      // More often than it takes to close a model off.
      for (let k = 0; k < 6; k++) {
        mock.next.push(behaviour);
        const controller = new AbortController();
        const asked = f.post("/v1/chat/completions", { ...HELLO, stream }, { signal: controller.signal });
        asked.catch(() => undefined);
        await until(() => mock.seen.length === length + k + 1, "the request");
        if (reads > 0) await (await asked).body!.getReader().read();
        await pause();
        controller.abort();
        await mock.seen.at(-1)!.hungUp;
        await until(() => f.outcomes.length === done + k + 1, "the end");
      }
      // No retries, and the cost of each.
      expect(mock.seen).toHaveLength(length + 6);
      const { spent, reserved } = await f.money();
      expect(reserved).toBe(0);
      expect(spent).toBeGreaterThan(before.spent);
      expect(f.outcomes.at(-1)!.isEstimated).toBe(true);
      // The model is still the first choice.
      expect((await f.post("/v1/chat/completions", HELLO)).headers.get("x-optllm-model")).toBe("large");
    },
  );
});

it("14. a slow reader holds the upstream back instead of filling the memory", async () => {
  const piece = chunk({ content: "x".repeat(64_000) });
  let written = 0;
  mock.next.push(async (response) => {
    openStream(response);
    while (written < 400 && !response.destroyed) {
      const isFree = response.write(piece);
      written++;
      if (!isFree) await new Promise((resolve) => response.once("drain", resolve));
    }
    response.end(STOP + DONE);
  });
  const answer = await ask();
  const reader = answer.body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300));
  // 25 MB were to come; what waits is in the buffers of sockets.
  expect(written).toBeLessThan(300);
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
  expect(written).toBe(400);
  expect(bytes).toBeGreaterThan(25_000_000 - 200_000);
});
