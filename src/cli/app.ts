import { Command, CommanderError } from "commander";
import { OptllmError, type ErrorCode } from "../errors.js";
import { version } from "../package.js";
import { oneLine } from "../text/shown.js";
import { addBacktest } from "./backtest.js";
import { addBench } from "./bench.js";
import { addExport } from "./export.js";
import { addFit } from "./fit.js";
import { addFront } from "./front.js";
import { addImport } from "./import.js";
import type { Io } from "./io.js";
import { addPredict } from "./predict.js";
import { addPrices } from "./prices.js";
import { addSimulate } from "./simulate.js";
import { addSolve } from "./solve.js";

const EXIT_HELP =
  "Exit codes: 0 done, 2 wrong input, 3 infeasible, 70 internal error, 75 overloaded, 130 cancelled.";
const EXIT_USAGE = 2;
const EXIT_CANCELLED = 130;
const EXIT_CODES: Record<ErrorCode, number> = { E_INPUT: 2, E_OVERLOADED: 75, E_CORE: 70 };

/** Runs one `optllm` command line (without node and script) and returns its exit code; see `runProgram`. */
export function runCli(argv: readonly string[], io: Io): Promise<number> {
  return runProgram("optllm", argv, io, (program, setExitCode) => {
    program
      .description("Decides which large language model answers which query.")
      .addHelpText("after", `\n${EXIT_HELP}`);
    addSolve(program, io, argv, setExitCode);
    addFront(program, io);
    addBacktest(program, io, argv);
    addFit(program, io);
    addPredict(program, io);
    addSimulate(program, io);
    addBench(program, io);
    addImport(program, io);
    addPrices(program, io);
    addExport(program, io);
  });
}

/**
 * Runs one command line of the program that `add` describes. Returns the exit code: 0 done, 2 wrong input or usage,
 * 3 infeasible, 70 internal error, 75 overloaded, 130 cancelled. Never exits the process.
 */
export async function runProgram(
  name: string,
  argv: readonly string[],
  io: Io,
  add: (program: Command, setExitCode: (code: number) => void) => void,
): Promise<number> {
  let exitCode = 0;
  const program = new Command(name).version(version).showHelpAfterError("(add --help for usage)");
  add(program, (code) => (exitCode = code));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error, io, argv.includes("--json"));
  }
}

/** Prints an error in one line, or as JSON, and gives its exit code. A bug keeps its stack. */
function explain(error: unknown, io: Io, isJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (io.signal.aborted) {
    io.err("cancelled\n");
    return EXIT_CANCELLED;
  }
  if (error instanceof OptllmError) {
    const { code, message, details } = error;
    if (isJson) io.out(`${JSON.stringify({ error: { code, message, details } })}\n`);
    io.err(`error: ${oneLine(message)}\n`);
    return EXIT_CODES[code];
  }
  io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_CODES.E_CORE;
}
