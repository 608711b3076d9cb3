import { describe, expect, it } from "vitest";
import { peer } from "../../src/server/peers.js";
import { fails } from "./mockUpstream.js";
import { HELLO, running } from "./running.js";

const f = await running("server-limits");
const ask = (body: object = HELLO) => f.post("/v1/chat/completions", body);

describe("a server's limits", () => {
  it("let a tenth of the requests be asked again of another model, and no more", async () => {
    const failing = async (): Promise<Response> => {
      // A model that fails five times in a row would not be asked.
      await (await ask({ ...HELLO, model: "large" })).arrayBuffer();
      f.mock.next.push(fails(500));
      const answer = await ask();
      await answer.arrayBuffer();
      f.mock.next = [];
      return answer;
    };
    // Ten are saved up, and each turn earns a fifth of one: 12 turns.
    for (let turn = 0; turn < 12; turn++) {
      const answer = await failing();
      expect([answer.status, answer.headers.get("x-optllm-model")]).toEqual([200, "medium"]);
    }
    const over = await failing();
    expect([over.status, over.headers.get("x-should-retry")]).toEqual([502, "false"]);
    for (let k = 0; k < 10; k++) await (await ask()).arrayBuffer();
    expect((await failing()).status).toBe(200);
  });

  it("reserve for each of the answers that are asked for", async () => {
    const worst = async (body: object): Promise<number> => {
      const answer = await f.post("/v1/route", { ...HELLO, model: "large", ...body });
      return ((await answer.json()) as { worstCase: number }).worstCase;
    };
    expect((await worst({ n: 4 })) - (await worst({ n: 1 }))).toBeCloseTo((3 * 50 * 12) / 1e6, 9);
    const unlimited = { max_tokens: undefined };
    const [one, four] = [await worst(unlimited), await worst({ ...unlimited, n: 4 })];
    expect(four).toBeGreaterThan(2 * one);
  });

  it("that need a new start are named when the configuration is read again", async () => {
    await f.server.reload({ ...f.config, limits: { bodyBytes: 5_000, solveQueue: 3, jsonDepth: 60 } });
    const notes = f.notes.filter((note) => note.includes("has changed"));
    expect(notes).toEqual([
      "bodyBytes has changed: that takes effect when the server is started again",
      "solveQueue has changed: that takes effect when the server is started again",
    ]);
  });
});

describe("a package that is not installed", () => {
  it("is named with the command that installs it", async () => {
    const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(peer("fastify", () => Promise.reject(missing))).rejects.toThrow(
      "the server needs the package fastify: npm install fastify undici ajv",
    );
    await expect(peer("fastify", () => Promise.reject(new TypeError("broken")))).rejects.toThrow("broken");
  });
});
