import type { ReportData, TableData } from "../report/data.js";
import { drawnText, markOf, pointsDrawn } from "../report/frontData.js";
import { originOf } from "../report/origin.js";
import { pickRounded, rounded } from "../report/rounded.js";
import { choiceFigures } from "../report/solveReport.js";
import { certificateOf, infeasibleSentence, nameOf } from "../report/words.js";
import type { Choice, Chosen } from "../solve/choice.js";
import type { Front } from "../solve/front.js";
import { count, dollars, percent } from "../text/amounts.js";
import { shownName } from "../text/names.js";
import type { Run } from "./run.js";
import type { Table } from "./table.js";

/** The report of a run: the choice, the front without shares, and what was read. */
export function reportOf(
  { target, predictorFile }: Run,
  table: Table,
  front: Front,
  choice: Choice,
): ReportData {
  const chosen = choice.status === "chosen" ? choice : undefined;
  const { totalCost, expectedAccuracy } = chosen ?? (choice as Exclude<Choice, Chosen>).closest;
  const drawn = pointsDrawn(front, totalCost);
  const [cost, accuracy] = [front.totalCost, front.expectedAccuracy].map((values) =>
    pickRounded(values, drawn),
  );
  return {
    title: `Allocation of ${count(front.queries)} queries to ${table.models.length} models`,
    summary:
      chosen === undefined
        ? [infeasibleSentence(target, { totalCost, expectedAccuracy })]
        : [
            `The queries are answered for ${dollars(totalCost)} with an expected accuracy of ${percent(expectedAccuracy)}.`,
            certificateOf(chosen, target),
          ],
    figures: chosen === undefined ? [] : choiceFigures(chosen, front.weight),
    front: {
      accuracyTitle: "expected accuracy",
      text: `Each point of the front is the most accurate allocation for its cost, by the predictions. ${drawnText(front, drawn)}`,
      curves: [{ name: "the front", kind: "front", cost, accuracy }],
      marks: [markOf(nameOf(target), totalCost, expectedAccuracy)],
      explorer: {
        ...{ cost, expectedAccuracy: accuracy, weight: front.weight, start: rounded(totalCost) },
        lambda: pickRounded(front.lambda, drawn).map((lambda) => (Number.isFinite(lambda) ? lambda : null)),
      },
    },
    tables: chosen === undefined ? [] : [sharesTable(chosen)],
    notes: notesOf(table),
    origin: originOf({ command: "optllm cluster plan", inputs: inputsOf(table) }, [
      ["target", nameOf(target)],
      ["predictor", predictorFile ?? "none: matrices were given"],
      ["front", `${front.algorithm}, resolution ${front.resolution}`],
    ]),
  };
}

/** What the pieces had to say, each sentence once. */
export function notesOf({ pieces }: Table): string[] {
  return [...new Set(pieces.flatMap(({ notes }) => notes))];
}

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
