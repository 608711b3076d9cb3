import { backtest } from "../../backtest/backtest.js";
import type { JudgedRepeat } from "../../backtest/backtestTypes.js";
import { changeWords, targetWords } from "./words.js";
import { backtestReport, backtestSummary } from "../../report/backtestReport.js";
import { reportPage } from "../../report/html/page.js";
import { shellLine } from "../../report/origin.js";
import { readDataset } from "../../rows/dataset.js";
import type { Judge } from "../messages.js";
import { fittingOf, originOf, partOf, readingOf, scoreOf, settingWords, type Running } from "./reading.js";

/** Whether routing pays on labelled rows: the verdict first, then its report. Does what `optllm backtest` does. */
export async function judge(request: Judge, running: Running): Promise<void> {
  const { files, labelled, settings, targets, changes } = request;
  const { send, pool } = running;
  const reading = await readingOf(settings, running);
  const dataset = await readDataset(labelled, { ...reading, recorded: "keep", score: scoreOf(settings) });
  const { repeats, train, validation } = settings;
  let first: JudgedRepeat | undefined;
  const result = await backtest(dataset, {
    ...fittingOf(settings),
    ...{ repeats, train: partOf(train), validation: partOf(validation) },
    ...(targets.length > 0 && { targets }),
    changes,
    onJudged: (repeat) => (first ??= repeat),
    ...{ pool, onProgress: reading.onProgress },
  });
  const words = [
    "backtest",
    labelled,
    ...settingWords(settings),
    ...targets.flatMap(targetWords),
    ...changeWords(changes),
  ];
  const report = [...words, "--report", "report.html"];
  send({
    kind: "judged",
    decision: result.verdict.decision,
    sentences: backtestSummary(result),
    queries: result.dataset.queries,
    models: dataset.models,
    command: shellLine(["optllm", ...report]),
  });
  const origin = await originOf(report, [labelled], files);
  const data = await backtestReport(result, { judged: first!, origin }, { pool });
  send({ kind: "report", page: await reportPage(data) });
}
