import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, describe } from "vitest";
import { freePort } from "../../../freePort.js";

/** Whether one is installed. */
export const isRedisHere = spawnSync("redis-server", ["--version"]).status === 0;

/** Tests on a real Redis; skipped, and said so, where none is installed. */
export function describeRedis(title: string, tests: () => void): void {
  if (isRedisHere) {
    describe(title, () => {
      afterAll(() => running.forEach((child) => child.kill("SIGKILL")));
      tests();
    });
  } else describe.skip(`${title} (skipped: redis-server is not installed)`, tests);
}

/** Those that run. A test that ends by its time limit stops none itself. */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A Redis of the test's own, on a free port and in a folder that `stop` removes. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: string[],
  ) {}

  /** Every write is on file before it is confirmed, unless `settings` say otherwise. */
  static async start(...settings: string[]): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), "optllm-redis-"));
    for (let attempt = 1; ; attempt++) {
      const server = new RedisServer(await freePort(), folder, settings);
      try {
        await server.start();
        return server;
      } catch (error) {
        // In a cluster it listens at a second port as well, 10,000 above, which may be taken.
        if (attempt === 5) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const args = ["--port", `${this.port}`, "--dir", this.folder, "--bind", "127.0.0.1", "--save", ""];
    args.push("--appendonly", "yes", "--appendfsync", "always", ...this.settings);
    const child = spawn("redis-server", args, { stdio: "ignore" });
    this.child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    const client = new Redis(this.port, { retryStrategy: () => 10, maxRetriesPerRequest: null });
    client.on("error", () => undefined);
    let onExit = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      onExit = () => reject(new Error(`redis-server ended at once at port ${this.port}`));
      child.once("exit", onExit);
    });
    try {
      await Promise.race([client.ping(), ended]);
    } finally {
      child.off("exit", onExit);
      client.disconnect();
    }
  }

  /** Ends it as a crash does; what is on file stays. */
  kill(): Promise<void> {
    return this.signal("SIGKILL");
  }

  /** It neither answers nor closes its connections until `SIGCONT`. */
  pause(): void {
    this.child!.kill("SIGSTOP");
  }

  resume(): void {
    this.child!.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.signal("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async signal(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
