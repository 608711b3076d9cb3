import { readFileSync } from "node:fs";

/** The share of the machine, 0 … 1, that other processes than these and this one took since it was called. */
export function otherWork(pids: readonly number[]): () => number {
  const own = (): number => [process.pid, ...pids].reduce((sum, pid) => sum + ticksOf(pid), 0);
  const before = machine();
  const ownBefore = own();
  return () => {
    const { busy, all } = machine();
    return Math.max(0, (busy - before.busy - (own() - ownBefore)) / (all - before.all));
  };
}

/** Clock ticks of a process so far, of the program and of the system for it. */
export function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Clock ticks of all processors, and those in which they worked. */
function machine(): { busy: number; all: number } {
  const [first] = readFileSync("/proc/stat", "utf8").split("\n");
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  // Idle, and waiting for a disk.
  return { busy: all - ticks[3] - ticks[4], all };
}
