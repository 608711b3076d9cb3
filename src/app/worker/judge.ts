import { backtest } from "../../backtest/backtest.js";
import type { JudgedRepeat } from "../../backtest/backtestTypes.js";
import { changesOf } from "../../plan/whatIf.js";
import { backtestReport, backtestSummary } from "../../report/backtestReport.js";
import { groupCells } from "../../report/groups.js";
import { reportPage } from "../../report/html/page.js";
import { shellLine } from "../../report/origin.js";
import type { Judge } from "../messages.js";
import {
  askedOf,
  checkVectors,
  fittingOf,
  knownOf,
  LIMITS,
  partOf,
  readLabelled,
  type Running,
} from "./reading.js";
import {
  changeWords,
  fitWords,
  originOf,
  shownWords,
  splitWords,
  targetWords,
  word,
  words,
} from "./words.js";

/** Whether routing pays on labelled rows: the verdict first, then its report. Does what `optllm backtest` does. */
export async function judge(request: Judge, running: Running): Promise<void> {
  const { labelled, settings, targets, group } = request;
  const { send, pool } = running;
  const { vectors, repeats, train, validation } = settings;
  checkVectors(settings);
  const { limits, ...asked } = await askedOf(settings.where, request);
  const { reading, own, given } = await knownOf(settings, [labelled], running);
  const dataset = await readLabelled(labelled, { ...reading, ...asked, recorded: "keep" }, settings);
  let first: JudgedRepeat | undefined;
  const result = await backtest(dataset, {
    ...fittingOf(settings),
    ...{ repeats, train: partOf(train), validation: partOf(validation) },
    ...(targets.length > 0 && { targets }),
    ...{ changes: changesOf({ ...request.changes, price: own }, given), limits, group },
    onJudged: (repeat) => (first ??= repeat),
    ...{ pool, onProgress: reading.onProgress },
  });
  const argv = [
    "backtest",
    labelled,
    ...splitWords(settings),
    ...words("--where", settings.where),
    ...word("--vectors", vectors),
    ...fitWords(settings),
    ...targets.flatMap(targetWords),
    ...changeWords(request.changes),
    ...shownWords(request),
    ...["--report", "report.html"],
  ];
  send({
    kind: "judged",
    decision: result.verdict.decision,
    sentences: backtestSummary(result),
    queries: result.dataset.queries,
    models: dataset.models,
    groups: result.groups && groupCells(result.groups, group!, "recorded"),
    command: shellLine(["optllm", ...argv]),
  });
  const paths = [labelled, vectors, settings.prices, limits && LIMITS];
  const origin = await originOf(argv, paths);
  const data = await backtestReport(result, { judged: first!, origin }, { pool });
  send({ kind: "report", page: await reportPage(data) });
}
