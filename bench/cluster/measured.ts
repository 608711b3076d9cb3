import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../src/cli/bin.js", import.meta.url));
const POLL_MS = 50;

/** What a process took. */
export interface Taken {
  what: string;
  seconds: number;
  /** User and system together. */
  cpuSeconds: number;
  /** The most memory that it had, in MiB; 0 where the system does not tell (only Linux does). */
  peakMiB: number;
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A process that is measured from its start. */
export class Measured {
  out = "";
  readonly child: ChildProcess;
  private readonly began = performance.now();
  private err = "";
  private peakMiB = 0;
  private ticks = 0;
  private readonly ended: Promise<number | null>;

  constructor(
    private readonly what: string,
    argv: readonly string[],
    { heapMiB }: { heapMiB?: number } = {},
  ) {
    const node = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`];
    this.child = spawn(process.execPath, [...node, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.child);
    this.child.stdout!.on("data", (data) => (this.out += String(data)));
    this.child.stderr!.on("data", (data) => (this.err += String(data)));
    const timer = setInterval(() => this.look(), POLL_MS);
    this.ended = once(this.child, "close").then(([code]) => {
      clearInterval(timer);
      running.delete(this.child);
      return code as number | null;
    });
  }

  /** Its peak is read while it runs. */
  private look(): void {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
      this.peakMiB = Math.max(this.peakMiB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      this.ticks = Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended, or the system has no such files.
    }
  }

  /** Resolves when a text has appeared on its standard error. */
  async says(text: string): Promise<void> {
    while (!this.err.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`${this.what} ended: ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<Taken> {
    this.look();
    this.child.kill("SIGTERM");
    await this.ended;
    return this.taken();
  }

  /** Resolves when it has ended well. */
  async end(): Promise<Taken> {
    const code = await this.ended;
    if (code !== 0) throw new Error(`${this.what} ended with ${code}: ${this.out}${this.err}`);
    return this.taken();
  }

  private taken(): Taken {
    const seconds = (performance.now() - this.began) / 1000;
    // Linux counts 100 ticks a second for programs, whatever its clock does.
    return { what: this.what, seconds, cpuSeconds: this.ticks / 100, peakMiB: this.peakMiB };
  }
}

/** The command line as a process. */
export function commandLine(what: string, argv: readonly string[], options?: { heapMiB?: number }): Measured {
  return new Measured(what, [BIN, ...argv], options);
}
