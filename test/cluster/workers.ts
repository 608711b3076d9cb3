import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = join(fileURLToPath(new URL("../..", import.meta.url)), "dist/src/cli/bin.js");

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A process of the command line, of another copy of it where its file is given first, and what it printed. */
export class CommandLine {
  out = "";
  err = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(...argv: string[]) {
    this.child = spawn(process.execPath, argv[0]?.endsWith(".js") ? argv : [BIN, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout!.on("data", (data) => (this.out += String(data)));
    this.child.stderr!.on("data", (data) => (this.err += String(data)));
    running.add(this.child);
    this.ended = once(this.child, "close").then(([code]) => {
      running.delete(this.child);
      return code as number | null;
    });
  }

  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await this.ended;
  }

  /** Resolves when a condition holds; fails when the process ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`ended: ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** A worker of one thread; `lock`: seconds after which a silent worker's task is given to another. */
export function worker(url: string, lock = 30): CommandLine {
  return new CommandLine(
    "cluster",
    "worker",
    "--queue",
    url,
    "--threads",
    "1",
    "--lock",
    `${lock}`,
    "--json",
  );
}
