/** Where a command's text goes; tests give their own. */
export interface Io {
  /** Results, for people or programs. */
  out(text: string): void;
  /** Progress, notes and errors. */
  err(text: string): void;
  /** Whether progress may redraw its line. */
  isTerminal: boolean;
  /** Whether results go to a terminal, for which charts are drawn; default false. */
  isOutTerminal?: boolean;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
}
