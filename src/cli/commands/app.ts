import type { Command } from "commander";
import { openBrowser } from "../../app/openBrowser.js";
import { appPage } from "../../app/page.js";
import { serveApp } from "../../app/serve.js";
import { oneLine } from "../../text/shown.js";
import { writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { wholeNumber } from "../parse.js";

interface Options {
  output?: string;
  port: number;
  open: boolean;
}

export function addApp(program: Command, io: Io): void {
  const command = program
    .command("app")
    .description("judge, plan and look at reports in a browser, where no file leaves this machine")
    .option("-o, --output <file>", "write the page to this file, which works from anywhere, and end")
    .option(
      "--port <n>",
      "port to serve it on, at 127.0.0.1 (default: any that is free)",
      wholeNumber(0, 65535),
      0,
    )
    .option("--no-open", "do not open a browser")
    .addHelpText(
      "after",
      "\nServed by this command the page works on several threads; as a file it works on one. Ctrl-C ends the command." +
        "\n\nExample:\n  $ optllm app -o app.html",
    )
    .action((options: Options) => {
      if (options.output !== undefined && options.port !== 0)
        command.error("error: --output writes a file, and serves nothing on a --port");
      return run(options, io);
    });
}

async function run({ output, port, open }: Options, io: Io): Promise<void> {
  await checkOutputs([output], []);
  const page = await appPage();
  if (output === undefined) return serve(page, port, open, io);
  await writeOut(output, [page], { signal: io.signal });
  if (output !== "-") io.out(`page written to ${oneLine(output)}\n`);
}

/** Serves until the signal to end. */
async function serve(page: string, port: number, open: boolean, io: Io): Promise<void> {
  const served = await serveApp(page, port);
  io.out(`serving at ${served.url}\n`);
  // Without a terminal nobody sits there.
  if (open && io.isTerminal)
    void openBrowser(served.url).then((isOpen) => {
      if (!isOpen) io.err("no browser could be opened: go to this address\n");
    });
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await served.close();
}
