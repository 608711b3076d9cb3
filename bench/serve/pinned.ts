import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { openSync, readdirSync, readFileSync } from "node:fs";
import { ticksOf } from "./others.js";

/** Clock ticks of /proc a second, on every Linux that Node runs on. */
const TICKS = 100;
const LINE = /listening (?:on|at) (http:\S+)/i;

/** A server in a process of its own, on one core. */
export interface Pinned {
  url: string;
  pid: number;
  /** CPU seconds so far, of the program and of the system for it. */
  cpu(): number;
  /** MiB in memory. */
  memory(): number;
  /** Open files and sockets. */
  descriptors(): number;
  stop(): Promise<void>;
}

/**
 * Starts `node ARGS` on this core and waits until it says where it listens, or answers at `url`. What it prints goes to
 * this file.
 */
export async function startPinned(
  core: number,
  args: readonly string[],
  output: string,
  options: { url?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Pinned> {
  const file = openSync(output, "w");
  const child = spawn("taskset", ["-c", String(core), process.execPath, ...args], {
    stdio: ["ignore", file, file],
    env: { ...process.env, ...options.env },
  });
  const pid = child.pid!;
  const url = await ready(child, output, options.url);
  return {
    url,
    pid,
    cpu: () => ticksOf(pid) / TICKS,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1_024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(impatience);
    },
  };
}

async function ready(child: ChildProcess, output: string, url: string | undefined): Promise<string> {
  for (let k = 0; k < 600; k++) {
    const said = LINE.exec(readFileSync(output, "utf8"))?.[1];
    if (url === undefined && said !== undefined) return said;
    if (url !== undefined && (await answers(url))) return url;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  throw new Error(`it does not begin to listen: ${readFileSync(output, "utf8").slice(-2_000)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}

/** From now on this process runs on this core. */
export function pinSelf(core: number): void {
  execFileSync("taskset", ["-a", "-cp", String(core), String(process.pid)], { stdio: "ignore" });
}
