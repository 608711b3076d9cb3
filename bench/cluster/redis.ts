import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

const PORT = 7_392;

/** A Redis of the benchmark's own, that keeps its data as the guide's does. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "optllm-bench-redis-"));
  const args = ["--port", `${PORT}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn("redis-server", [...args, "--appendonly", "yes"], { stdio: "ignore" });
  const kill = (): void => void server.kill("SIGKILL");
  process.on("exit", kill);
  const client = new Redis(PORT, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  await client.ping();
  return {
    url: `redis://127.0.0.1:${PORT}`,
    /** The most memory that its data took, in MiB. */
    peakMiB: async (): Promise<number> =>
      Number(/used_memory_peak:(\d+)/.exec(await client.info("memory"))?.[1] ?? 0) / 2 ** 20,
    stop: async (): Promise<void> => {
      client.disconnect();
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
