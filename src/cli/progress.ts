import type { OnProgress } from "../types.js";
import type { Io } from "./io.js";
import { count } from "../report/format.js";

const WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 5_000;

/** Shows long work on stderr: a bar that redraws itself on a terminal, else a plain line now and then. */
export class Progress {
  private lastShown = -Infinity;
  private lastPhase = "";
  private hasBar = false;

  constructor(
    private readonly io: Io,
    private readonly isQuiet: boolean,
  ) {}

  readonly update: OnProgress = ({ phase, done, total }) => {
    if (this.isQuiet) return;
    const now = performance.now();
    const isNew = phase !== this.lastPhase;
    if (!isNew && now - this.lastShown < (this.io.isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.lastShown = now;
    this.lastPhase = phase;
    if (this.io.isTerminal) this.draw(phase, done, total);
    else this.io.err(`${phase}${amount(done, total)}\n`);
  };

  /** A line that stays, said once. */
  note(text: string): void {
    if (this.isQuiet) return;
    this.clear();
    this.io.err(`${text}\n`);
  }

  /** Takes the bar away before other text is printed. */
  clear(): void {
    if (this.hasBar) this.io.err("\r\u001b[2K");
    this.hasBar = false;
  }

  private draw(phase: string, done: number, total: number): void {
    const filled = total > 0 ? Math.round((Math.min(done, total) / total) * WIDTH) : 0;
    const bar = total > 0 ? `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ` : "";
    this.io.err(`\r\u001b[2K${bar}${phase}${amount(done, total)}`);
    this.hasBar = true;
  }
}

function amount(done: number, total: number): string {
  if (total > 0) return ` ${count(done)}/${count(total)}`;
  return done > 0 ? ` ${count(done)}` : "";
}
