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
  /** From now on SIGHUP calls this, in place of ending the command. */
  onHangup?(listener: () => void): void;
}

/** Prints a result as one line of JSON, with a list under `name`, whose text comes in pieces. */
export function printJson(io: Io, result: object, name: string, list: Iterable<string>): void {
  io.out(`${JSON.stringify(result).slice(0, -1)},${JSON.stringify(name)}:`);
  for (const piece of list) io.out(piece.replaceAll("\n", ""));
  io.out("}\n");
}
