import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Random } from "../../src/random.js";
import { chunk } from "../serve/content.js";

/** Shares of the requests that go wrong. */
export const FAULTS = { fail: 0.05, stall: 0.02, cut: 0.02 };
/** Micro-dollars a token, by the model's name at the upstream: whole ones, so that every bill is exact. */
export const PRICES: Record<string, { input: number; output: number }> = {
  small: { input: 1, output: 2 },
  large: { input: 3, output: 12 },
  vectors: { input: 1, output: 0 },
};
/** Below what the server counts: it reserves for its own count. */
const INPUT_TOKENS = 15;
const MOST_TOKENS = 40;
const MOST_PAUSE_MS = 12;

type Fate = "well" | "fail" | "stall" | "cut";

/** An upstream that fails, stalls and breaks off, and keeps the bill of every request. */
export class FaultyUpstream {
  readonly counts: Record<Fate, number> = { well: 0, fail: 0, stall: 0, cut: 0 };
  /** Requests under way. */
  open = 0;
  private readonly bills = new Map<string, number>();
  private readonly random: Random;

  private constructor(
    private readonly server: Server,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  static async start(seed: number): Promise<FaultyUpstream> {
    const server = createServer((request, response) => void mock.answer(request, response));
    const mock = new FaultyUpstream(server, seed);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return mock;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Micro-dollars that all attempts of a request cost, which is then forgotten. */
  takeBill(id: string): number {
    const bill = this.bills.get(id) ?? 0;
    this.bills.delete(id);
    return bill;
  }

  /** Requests whose bill nobody took. */
  get unclaimed(): number {
    return this.bills.size;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open++;
    response.on("close", () => this.open--);
    response.on("error", () => undefined);
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
    const id = String(request.headers["x-request-id"]);
    const fate = this.fate();
    this.counts[fate]++;
    if (fate === "fail") return this.fail(response);
    const price = PRICES[String(body.model)];
    const charge = (input: number, output: number): void => {
      this.bills.set(id, (this.bills.get(id) ?? 0) + input * price.input + output * price.output);
    };
    charge(INPUT_TOKENS, 0);
    if (request.url!.endsWith("/embeddings")) await this.vectors(response, fate);
    else if (body.stream === true) await this.stream(response, fate, tokensOf(body, this.random), charge);
    else await this.complete(response, fate, tokensOf(body, this.random), charge);
  }

  private fate(): Fate {
    const u = this.random.uniform();
    if (u < FAULTS.fail) return "fail";
    if (u < FAULTS.fail + FAULTS.stall) return "stall";
    return u < FAULTS.fail + FAULTS.stall + FAULTS.cut ? "cut" : "well";
  }

  private fail(response: ServerResponse): void {
    const u = this.random.uniform();
    if (u < 0.2) {
      response.destroy();
      return;
    }
    const status = u < 0.5 ? 500 : u < 0.7 ? 429 : u < 0.9 ? 503 : 400;
    response.writeHead(status, {
      "content-type": "application/json",
      ...(status === 429 && { "retry-after-ms": "20" }),
    });
    response.end(JSON.stringify({ error: { message: "no", type: "mock", param: null, code: null } }));
  }

  private async complete(
    response: ServerResponse,
    fate: Fate,
    tokens: number,
    charge: (input: number, output: number) => void,
  ): Promise<void> {
    const isSilent = fate === "stall" && this.random.uniform() < 0.5;
    await this.pause(5);
    if (isSilent || response.destroyed) return;
    const text = JSON.stringify({
      id: "c",
      object: "chat.completion",
      choices: [
        { index: 0, message: { role: "assistant", content: "word ".repeat(tokens) }, finish_reason: "stop" },
      ],
      usage: usage(tokens),
    });
    charge(0, tokens);
    this.sendBody(response, fate, text);
  }

  private async vectors(response: ServerResponse, fate: Fate): Promise<void> {
    await this.pause(3);
    if (response.destroyed) return;
    const data = [{ object: "embedding", index: 0, embedding: [0.25, 0.5] }];
    const { prompt_tokens, total_tokens } = usage(0);
    this.sendBody(
      response,
      fate,
      JSON.stringify({ object: "list", data, usage: { prompt_tokens, total_tokens } }),
    );
  }

  /** All of a body, or half of it and then nothing more, or the end of the connection. */
  private sendBody(response: ServerResponse, fate: Fate, text: string): void {
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    });
    if (fate === "well") {
      response.end(text);
      return;
    }
    response.write(text.slice(0, text.length / 2), () => {
      if (fate === "cut") response.destroy();
    });
  }

  private async stream(
    response: ServerResponse,
    fate: Fate,
    tokens: number,
    charge: (input: number, output: number) => void,
  ): Promise<void> {
    const last = fate === "well" ? tokens : Math.floor(this.random.uniform() * tokens);
    if (fate === "stall" && this.random.uniform() < 0.3) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk(""));
    for (let k = 0; k < last; k++) {
      await this.pause();
      if (response.destroyed) return;
      charge(0, 1);
      response.write(chunk(`w${k} `));
    }
    if (fate === "cut") response.destroy();
    if (fate !== "well") return;
    const stop = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    response.write(`data: ${JSON.stringify(stop)}\n\n`);
    await this.pause(2);
    response.end(`data: ${JSON.stringify({ choices: [], usage: usage(tokens) })}\n\ndata: [DONE]\n\n`);
  }

  private pause(most = MOST_PAUSE_MS): Promise<void> {
    const ms = this.random.uniform() * most;
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

function tokensOf(body: Record<string, unknown>, random: Random): number {
  const most = Math.min(MOST_TOKENS, Number(body.max_completion_tokens));
  return 1 + Math.floor(random.uniform() * most);
}

function usage(tokens: number): Record<string, number> {
  return { prompt_tokens: INPUT_TOKENS, completion_tokens: tokens, total_tokens: INPUT_TOKENS + tokens };
}
