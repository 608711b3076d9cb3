import type { Io } from "./io.js";

/** Runs a command line on this process's streams and sets its exit code. */
export async function runProcess(run: (argv: readonly string[], io: Io) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  // The first Ctrl-C stops cleanly; the second ends at once.
  process.once("SIGINT", () => controller.abort(new Error("cancelled")));
  process.once("SIGTERM", () => controller.abort(new Error("cancelled")));
  // A reader that went away (`optllm … | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    isOutTerminal: process.stdout.isTTY === true,
    signal: controller.signal,
  });
}
