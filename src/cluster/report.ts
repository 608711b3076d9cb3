import type { ReportData, TableData } from "../report/data.js";
import { drawnText, explorerOf, markOf, pointsDrawn } from "../report/frontData.js";
import { originOf } from "../report/origin.js";
import { pickRounded } from "../report/rounded.js";
import { choiceFigures } from "../report/solveReport.js";
import { failedSentences, limitSentences } from "../report/limits/sentences.js";
import { limitsTables } from "../report/limits/table.js";
import { certificateOf, nameOf } from "../report/words.js";
import type { RunningOptions } from "../pool/running.js";
import type { Choice, Chosen } from "../solve/choice.js";
import type { Constraint } from "../solve/constraints/constraint.js";
import type { ChoiceUnder } from "../solve/constraints/result.js";
import type { Front } from "../solve/front.js";
import { count, dollars, percent } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import { fileName } from "../text/shown.js";
import type { Run } from "./run.js";
import type { Table } from "./table.js";

/** What was chosen of a run. */
export interface ChosenPlan {
  run: Run;
  table: Table;
  /** Without the limits. */
  front: Front;
  choice: Choice | ChoiceUnder;
  /** The limits; empty without any. */
  constraints: readonly Constraint[];
  notes: readonly string[];
}

/** The report of a run: the choice, the front with the models' shares, and what was read. One pass over the rows. */
export async function reportOf(plan: ChosenPlan, options: RunningOptions = {}): Promise<ReportData> {
  const { table, front, choice, constraints } = plan;
  const { target, predictorFile, command = "optllm cluster plan" } = plan.run;
  const chosen = choice.status === "chosen" ? choice : undefined;
  const { totalCost, expectedAccuracy } = choice.status === "chosen" ? choice : choice.closest;
  const isLimited = constraints.length > 0;
  const drawn = pointsDrawn(front, totalCost);
  const [cost, accuracy] = [front.totalCost, front.expectedAccuracy].map((values) =>
    pickRounded(values, drawn),
  );
  return {
    title: `Allocation of ${count(front.queries)} queries to ${table.models.length} models`,
    summary:
      chosen === undefined
        ? failedSentences(plan, target)
        : [
            `The queries are answered for ${dollars(totalCost)} with an expected accuracy of ${percent(expectedAccuracy)}.`,
            ...limitSentences(plan, chosen, target),
            certificateOf(chosen, target, undefined, isLimited),
          ],
    figures: chosen === undefined ? [] : choiceFigures(chosen, front.weight, undefined, isLimited),
    front: {
      accuracyTitle: "expected accuracy",
      text: `Each point of the front is the most accurate allocation for its cost, by the predictions. ${isLimited ? "The front and the slider are without the limits. " : ""}${drawnText(front, drawn)}`,
      curves: [{ name: "the front", kind: "front", cost, accuracy }],
      marks: [markOf(nameOf(target), totalCost, expectedAccuracy)],
      explorer: await explorerOf(front, drawn, totalCost, options),
    },
    tables: [...limitsTables(plan), ...(chosen === undefined ? [] : [sharesTable(chosen)])],
    notes: [...plan.notes],
    origin: originOf({ command, inputs: inputsOf(table) }, [
      ["target", nameOf(target)],
      ["predictor", predictorFile ?? "none: matrices were given"],
      ["front", `${front.algorithm}, resolution ${front.resolution}`],
    ]),
  };
}

/** What the pieces had to say, each sentence once. The counts that parts of a file begin with are added up. */
export function notesOf({ pieces }: Table): string[] {
  const found = new Map<string, { before: string; sum: number; after: string }>();
  for (const { path, notes } of pieces)
    for (const note of notes) {
      const before = `${fileName(path)}: `;
      const counted = note.startsWith(before) ? COUNTED.exec(note.slice(before.length)) : null;
      const [, number = "0", after = ""] = counted ?? [];
      const key = counted === null ? note : before + after;
      const sum = (found.get(key)?.sum ?? 0) + Number(number.replaceAll(",", ""));
      found.set(key, { before: counted === null ? note : before, sum, after });
    }
  return [...found.values()].map(({ before, sum, after }) =>
    after === "" ? before : before + count(sum) + after,
  );
}

/** A note on so many rows: "1,234 × priced from tokens". */
const COUNTED = /^([\d,]+)( × .*)$/s;

function sharesTable({ shares }: Chosen): TableData {
  return {
    heading: "The models",
    text: "Share: of the queries, in the plan.",
    columns: [
      { title: "model", unit: "text" },
      { title: "share", unit: "percent" },
    ],
    rows: Object.entries(shares).map(([model, share]) => [shownName(model), share]),
  };
}

/** A report lists some files; the manifest has all. */
const MOST_INPUTS = 50;

function inputsOf({ pieces }: Table) {
  return pieces.slice(0, MOST_INPUTS).map(({ path, bytes, digest }) => ({
    name: bytes === undefined ? path : `${path}, bytes ${bytes.from} to ${bytes.to}`,
    sha256: digest,
  }));
}
