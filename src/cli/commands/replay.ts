import { Option, type Command } from "commander";
import { InputError } from "../../errors.js";
import type { LoggedRequest } from "../../online/log/join.js";
import { readDecisions, type LoggedDecisions } from "../../online/log/reader.js";
import { estimatePolicy, type PolicyEstimate } from "../../online/offPolicy/estimatePolicy.js";
import { lambdaWithin } from "../../online/offPolicy/lambdaWithin.js";
import { readPolicy } from "../../online/offPolicy/readPolicy.js";
import { replayText } from "../../report/terminal/replayTables.js";
import { count, dollars } from "../../text/amounts.js";
import { someOf } from "../../text/names.js";
import { fileName, shown } from "../../text/shown.js";
import type { Io } from "../io.js";
import { withCommon, type CommonOptions } from "../options/common.js";
import { note } from "../options/fitting.js";
import { splitNames } from "../../rows/modelNames.js";
import { numberFrom0 } from "../parse.js";
import type { Progress } from "../progress.js";
import { showing } from "../running.js";

interface Options extends CommonOptions {
  policy?: string;
  lambda?: number;
  budget?: number;
  models?: string[];
}

/** What a log is replayed by. */
interface Target {
  lambda: number;
  models?: readonly string[];
  /** In words. */
  name: string;
  /** Limits of a policy, which are not followed: a log does not have what requests would have used of them. */
  limitsLeftOut?: string[];
}

export function addReplay(program: Command, io: Io): void {
  const command = program
    .command("replay")
    .description("estimate from a decision log what another policy would have reached and cost")
    .argument(
      "<log>",
      "decision log of a router; files put aside from it (LOG.1, LOG.2.parquet, …) are read as well",
    )
    .option("--policy <file>", "a policy that `optllm solve --policy-out` wrote")
    .option("--lambda <x>", "price of accuracy, probability per dollar", numberFrom0)
    .option("--budget <dollars>", "the λ at which the log's requests would have cost this much", numberFrom0)
    .addOption(
      new Option("--models <names>", "only these models, separated by commas").argParser((text: string) =>
        splitNames(text),
      ),
    );
  withCommon(command)
    .addHelpText(
      "after",
      "\nWithout --policy, --lambda and --budget: the logged policy itself." +
        "\n\nExample:\n  $ optllm replay decisions.jsonl --policy policy.json",
    )
    .action(async (log: string, options: Options) => {
      const given = [options.policy, options.lambda, options.budget].filter((one) => one !== undefined);
      if (given.length > 1) command.error("error: give at most one of --policy, --lambda and --budget");
      if (given.length === 0 && options.models !== undefined)
        command.error("error: --models needs --policy, --lambda or --budget");
      await showing(io, options, (progress) => run(log, options, io, progress));
    });
}

async function run(path: string, options: Options, io: Io, progress: Progress): Promise<void> {
  const { signal } = io;
  progress.update({ phase: "reading", done: 0, total: 0 });
  const log = await readDecisions(path, { signal });
  notesOf(log).forEach((text) => note(progress, text));
  const { requests, target } = await targetOf(log, path, options, io, progress);
  const logged = estimatePolicy({ requests }, "logged");
  const replayed = target && estimatePolicy({ requests }, target);
  progress.clear();
  if (options.json) io.out(`${JSON.stringify(jsonOf(path, log, logged, target, replayed))}\n`);
  else io.out(replayText(logged, target && { name: target.name, estimate: replayed! }));
}

/** The target of the options, and the requests that it can be judged on. */
async function targetOf(
  { requests }: LoggedDecisions,
  path: string,
  { policy: file, lambda, budget, models }: Options,
  { signal }: Io,
  progress: Progress,
): Promise<{ requests: LoggedRequest[]; target?: Target }> {
  if (lambda !== undefined) return { requests, target: { lambda, models, name: `λ = ${short(lambda)}` } };
  if (budget !== undefined) {
    const found = await lambdaWithin(requests, budget, { models, signal });
    return {
      requests,
      target: { lambda: found, models, name: `${dollars(budget)}, at λ = ${short(found)}` },
    };
  }
  if (file === undefined) return { requests };
  const policy = await readPolicy(file);
  const same = requests.filter(({ predictor }) => predictor === policy.predictor);
  if (same.length === 0 && requests.length > 0) {
    throw new InputError(
      `${fileName(file)} was made with another predictor than the decisions of ${fileName(path)}; give --lambda, or a log of that predictor`,
      { file },
    );
  }
  if (same.length < requests.length) {
    const left = count(requests.length - same.length);
    note(
      progress,
      `${left} requests were decided with another predictor than the policy's, and are left out`,
    );
  }
  const limits = policy.limits?.map(({ name }) => name) ?? [];
  if (limits.length > 0) note(progress, leftOutNote(limits, fileName(file)));
  const price = policy.lambda === "Infinity" ? Infinity : policy.lambda;
  const name = limits.length === 0 ? fileName(file) : `${fileName(file)} without its limits`;
  return {
    requests: same,
    target: {
      lambda: price,
      models: models ?? policy.models,
      name,
      ...(limits.length > 0 && { limitsLeftOut: limits }),
    },
  };
}

/** Says that a policy is replayed by its λ alone. */
function leftOutNote(limits: readonly string[], file: string): string {
  const named = someOf(limits, MOST_NAMED, (name) => `"${shown(name)}"`);
  return `the limits of ${file} are not followed, neither their prices nor their capacities (${named}): what is estimated is its λ alone`;
}

const MOST_NAMED = 5;

function notesOf({ refused, unmatched, cut, requests }: LoggedDecisions): string[] {
  const loops = requests.filter(({ reason }) => reason === "tool loop").length;
  return [
    refused > 0 && `${count(refused)} requests were refused, and are not counted`,
    unmatched > 0 && `${count(unmatched)} records belong to decisions that the log does not have`,
    cut > 0 && `the last line of ${count(cut)} files was cut, and is left out`,
    loops > 0 &&
      `${count(loops)} requests continued a tool loop, and are left out: they stay with their model`,
  ].filter((text) => text !== false);
}

function jsonOf(
  path: string,
  { files, refused, unmatched, cut }: LoggedDecisions,
  logged: PolicyEstimate,
  target: Target | undefined,
  replayed: PolicyEstimate | undefined,
) {
  const price = target && (target.lambda === Infinity ? "Infinity" : target.lambda);
  return {
    log: { path, files: files.length, refused, unmatched, cut },
    logged,
    ...(target !== undefined && {
      target: { lambda: price, models: target.models, limitsLeftOut: target.limitsLeftOut },
      replayed,
    }),
  };
}

function short(lambda: number): string {
  return lambda === Infinity ? "∞" : String(Number(lambda.toPrecision(4)));
}
