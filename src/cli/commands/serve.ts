import type { Command } from "commander";
import { InputError } from "../../errors.js";
import { memoryLedger } from "../../online/ledger/memory.js";
import { readPredictor } from "../../plan/savedPredictor.js";
import { readPrices } from "../../prices/table.js";
import { configSchema } from "../../server/config/check.js";
import { initialConfig } from "../../server/config/init.js";
import { readChecked } from "../../server/config/read.js";
import { openRequestLog } from "../../server/requestLog.js";
import { serveFile } from "../../server/serveFile.js";
import { setUp } from "../../server/setup/setup.js";
import { messageLine } from "../../text/shown.js";
import type { Io } from "../io.js";

interface Options {
  check?: boolean;
  init?: boolean;
  schema?: boolean;
  dryRun?: string;
}

export function addServe(program: Command, io: Io): void {
  const command = program
    .command("serve")
    .description("answer requests over HTTP in OpenAI's protocol, each by the model that is decided for")
    .argument("[file]", "configuration, YAML or JSON; with --init a predictor")
    .option("--check", "read and check the configuration, say what it does, and end")
    .option("--init", "print a commented configuration for a predictor that `optllm fit` wrote")
    .option("--dry-run <model>", "decide and log, but pass every request to this model")
    .option("--schema", "print the JSON Schema of the configuration")
    .addHelpText(
      "after",
      "\nReads the configuration again on SIGHUP and when it or the predictor changes; SIGTERM lets open requests end." +
        "\n\nExample:\n  $ optllm serve --init predictor.optllm",
    )
    .action((file: string | undefined, options: Options) => {
      if ([options.check, options.init, options.schema].filter(Boolean).length > 1)
        command.error("error: --check, --init and --schema cannot be used together");
      if (options.dryRun !== undefined && (options.init ?? options.schema) === true)
        command.error("error: --dry-run is for a server: it cannot be used with --init or --schema");
      if (options.schema !== true && file === undefined)
        command.error("error: missing argument 'file': the configuration");
      return run(file!, options, io);
    });
}

async function run(file: string, { check, init, schema, dryRun }: Options, io: Io): Promise<void> {
  if (schema === true) io.out(await configSchema());
  else if (init === true) io.out(await initial(file));
  else if (check === true) await checkOnly(file, dryRun, io);
  else await serve(file, dryRun, io);
}

async function initial(file: string): Promise<string> {
  const { models } = await readPredictor(file);
  const prices = await readPrices();
  const priced = models.filter((name) => {
    try {
      return prices.find(name).price.output !== undefined;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  });
  return initialConfig(file, models, new Set(priced));
}

async function checkOnly(file: string, dryRun: string | undefined, io: Io): Promise<void> {
  const config = await readChecked(file);
  const around = {
    ledger: memoryLedger(),
    now: Date.now,
    env: process.env,
    learned: () => undefined,
    dryRun,
  };
  const { policies, upstreams, notes } = await setUp(config, around);
  for (const note of notes) io.err(`note: ${messageLine(note)}\n`);
  for (const { name, models } of policies.values())
    io.out(`policy ${name}: decides among ${[...models.keys()].join(", ")}\n`);
  if (dryRun !== undefined) io.out(`would pass every request to ${dryRun}\n`);
  const { host, port } = config.listen;
  io.out(`would listen on ${host}:${port}, with ${config.keys?.length ?? "no"} keys\n`);
  for (const upstream of upstreams.values()) await upstream.destroy();
}

/** Serves until the signal to end. */
async function serve(file: string, dryRun: string | undefined, io: Io): Promise<void> {
  const server = await serveFile(file, {
    dryRun,
    onNote: (text) => io.err(`note: ${messageLine(text)}\n`),
    onRequest: await openRequestLog((lines) => io.out(lines)),
  });
  if (dryRun !== undefined)
    io.err(`note: dry run: every request goes to ${messageLine(dryRun)}, and no budget refuses one\n`);
  io.err(`listening on ${server.url}\n`);
  if (server.adminUrl !== undefined) io.err(`metrics and status at ${server.adminUrl}\n`);
  io.onHangup?.(() => void server.reload());
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  io.err("ending: no more requests are taken\n");
  await server.close();
}
