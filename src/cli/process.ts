import { writeError } from "../text/fileError.js";
import { messageLine, printable } from "../text/shown.js";
import { EXIT_OUTPUT } from "./app.js";
import type { Io } from "./io.js";

/** Runs a command line on this process's streams and sets its exit code. */
export async function runProcess(run: (argv: readonly string[], io: Io) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  // The first Ctrl-C stops cleanly; the second ends at once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => controller.abort(new Error("cancelled")));
  const failed = watchStdout();
  // Work goes on when nobody reads its notes.
  process.stderr.on("error", () => undefined);
  const code = await run(process.argv.slice(2), {
    out: (text) => process.stdout.write(printable(text)),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    isOutTerminal: process.stdout.isTTY === true,
    signal: controller.signal,
    onHangup: (listener) => void process.removeAllListeners("SIGHUP").on("SIGHUP", listener),
  });
  process.exitCode = code;
  failed((error) => {
    if (code === EXIT_OUTPUT) return;
    const { message } = writeError(error, undefined) as Error;
    process.stderr.write(`error: ${messageLine(message)}\n`);
    process.exitCode = EXIT_OUTPUT;
  });
}

/** Listens for the first failure of standard output, before or after a handler is given. */
function watchStdout(): (handler: (error: NodeJS.ErrnoException) => void) => void {
  let first: NodeJS.ErrnoException | undefined;
  let handle: ((error: NodeJS.ErrnoException) => void) | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that went away (`optllm … | head`) is no error.
    if (error.code === "EPIPE" || first !== undefined) return;
    first = error;
    handle?.(error);
  });
  return (handler) => {
    handle = handler;
    if (first !== undefined) handler(first);
  };
}
