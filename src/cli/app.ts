import { Command, CommanderError } from "commander";
import { OptllmError, type ErrorCode } from "../errors.js";
import { version } from "../package.js";
import { LONGEST_MESSAGE, messageLine } from "../text/shown.js";
import type { Io } from "./io.js";

const EXIT_HELP =
  "Exit codes: 0 done, 2 wrong input, 3 infeasible, 4 no plan found under the limits, 70 internal error, 74 output not writable, " +
  "75 overloaded, 130 cancelled.";
const EXIT_USAGE = 2;
/** The disk of an output is full, or fails. */
export const EXIT_OUTPUT = 74;
const EXIT_CANCELLED = 130;
/** Failures of writing that no other command line would avoid. */
const OUTPUT_FAILURES = ["ENOSPC", "EDQUOT", "EIO", "EFBIG"];
const EXIT_CODES: Record<ErrorCode, number> = { E_INPUT: 2, E_OVERLOADED: 75, E_CORE: 70 };

type Add = (program: Command, io: Io, argv: readonly string[], setExitCode: (code: number) => void) => void;

/** The commands in the order of the help. Each is loaded when it is run or its help is asked for. */
const COMMANDS: Record<string, () => Promise<Add>> = {
  solve: async () => (await import("./commands/solve.js")).addSolve,
  front: async () => (await import("./commands/front.js")).addFront,
  backtest: async () => (await import("./commands/backtest.js")).addBacktest,
  labels: async () => (await import("./commands/labels.js")).addLabels,
  fit: async () => (await import("./commands/fit.js")).addFit,
  predict: async () => (await import("./commands/predict.js")).addPredict,
  simulate: async () => (await import("./commands/simulate.js")).addSimulate,
  bench: async () => (await import("./commands/bench.js")).addBench,
  import: async () => (await import("./commands/import.js")).addImport,
  prices: async () => (await import("./commands/prices.js")).addPrices,
  export: async () => (await import("./commands/export.js")).addExport,
  replay: async () => (await import("./commands/replay.js")).addReplay,
  refit: async () => (await import("./commands/refit.js")).addRefit,
  collect: async () => (await import("./commands/collect.js")).addCollect,
  serve: async () => (await import("./commands/serve.js")).addServe,
  cluster: async () => (await import("./commands/cluster/cluster.js")).addCluster,
  app: async () => (await import("./commands/app.js")).addApp,
};

/** Runs one `optllm` command line (without node and script) and returns its exit code; see `runProgram`. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const commands = await Promise.all(namedBy(argv).map((name) => COMMANDS[name]()));
  return runProgram("optllm", argv, io, (program, setExitCode) => {
    program
      .description("Decides which large language model answers which query.")
      .addHelpText("after", `\n${EXIT_HELP}`);
    for (const add of commands) add(program, io, argv, setExitCode);
  });
}

/** The commands that a command line needs: its own, none for the version, and all to list them. */
function namedBy([first]: readonly string[]): string[] {
  if (first === "--version" || first === "-V") return [];
  return first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

/**
 * Runs one command line of the program that `add` describes. Returns the exit code: 0 done, 2 wrong input or usage,
 * 3 infeasible, 4 no plan found under the limits, 70 internal error, 74 output not writable, 75 overloaded, 130 cancelled. Never exits the process.
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
  for (const command of withCommandsOf(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(text.split("\n").map(messageLine).join("\n")),
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error, io, argv.includes("--json"));
  }
}

/** A command, and all below it. */
function withCommandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommandsOf)];
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
    if (isJson) io.out(`${JSON.stringify({ error: { code, message, details } }, cut)}\n`);
    io.err(`error: ${messageLine(message)}\n`);
    return OUTPUT_FAILURES.includes(details.cause as string) ? EXIT_OUTPUT : EXIT_CODES[code];
  }
  io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_CODES.E_CORE;
}

/** Bounds the texts of an error for programs, which may quote a whole file. */
function cut(_: string, value: unknown): unknown {
  return typeof value === "string" && value.length > LONGEST_MESSAGE
    ? value.slice(0, LONGEST_MESSAGE)
    : value;
}
