import type { OnProgress } from "../types.js";
import type { Io } from "./io.js";
import { phaseName } from "../report/phases.js";
import { count } from "../text/amounts.js";

const WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 10_000;
/** A phase must run for this long before its remaining time is estimated. */
const GUESS_MS = 1_000;

/** Shows long work on stderr: on a terminal a bar with the time left, in a log a line for each phase and every 10 s. */
export class Progress {
  private lastShown = -Infinity;
  private lastPhase = "";
  private phaseBegan = 0;
  private hasBar = false;

  constructor(
    private readonly io: Io,
    private readonly isQuiet: boolean,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  readonly update: OnProgress = ({ phase, done, total }) => {
    if (this.isQuiet) return;
    const now = this.clock();
    const isNew = phase !== this.lastPhase;
    if (isNew) this.phaseBegan = now;
    this.lastPhase = phase;
    if (!isNew && now - this.lastShown < (this.io.isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.lastShown = now;
    const left = timeLeft(now - this.phaseBegan, done, total);
    const text = `${phaseName(phase)}${amount(done, total)}${left}`;
    if (this.io.isTerminal) this.draw(text, done, total);
    else this.io.err(`${text}\n`);
  };

  /** Prints a line that stays. */
  note(text: string): void {
    if (this.isQuiet) return;
    this.clear();
    this.io.err(`${text}\n`);
  }

  /** Removes the bar before other text is printed. */
  clear(): void {
    if (this.hasBar) this.io.err("\r\u001b[2K");
    this.hasBar = false;
  }

  private draw(text: string, done: number, total: number): void {
    const filled = total > 0 ? Math.round((Math.min(done, total) / total) * WIDTH) : 0;
    const bar = total > 0 ? `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ` : "";
    this.io.err(`\r\u001b[2K${bar}${text}`);
    this.hasBar = true;
  }
}

function amount(done: number, total: number): string {
  if (total > 0) return ` ${Math.floor((100 * Math.min(done, total)) / total)} %`;
  return done > 0 ? ` ${count(done)}` : "";
}

/** The remaining time of a phase at the pace so far. */
export function timeLeft(elapsedMs: number, done: number, total: number): string {
  if (elapsedMs < GUESS_MS || done <= 0 || done >= total) return "";
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  if (seconds < 90) return `, ${seconds} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `, ${minutes} min left` : `, ${Math.ceil(minutes / 60)} h left`;
}
