import type { ReportData } from "../../data.js";
import { addSection, byId, make } from "./dom.js";
import { explorerSteps } from "./explorer.js";
import { showIntervals } from "./intervals.js";
import { showOrigin } from "./origin.js";
import { showQueries } from "./queries.js";
import { showReliability } from "./reliabilityChart.js";
import { tableOf } from "./table.js";
import { cellText } from "../../format.js";

const data = JSON.parse(byId("data").textContent) as ReportData;

document.title = `OptLLM: ${data.title}`;
byId("title").textContent = data.title;
byId("sentences").append(...data.summary.map((sentence) => make("p", "", sentence)));
byId("figures").append(
  ...data.figures.map(({ label, unit, value, note }) => {
    const figure = make("div");
    figure.append(make("dt", "", label), make("dd", "", cellText(value, unit)));
    if (note !== undefined) figure.append(make("dd", "note", note));
    return figure;
  }),
);

const rest = byId("rest");
const [first, ...others] = data.tables;
const { front, intervals, reliability, queries, notes } = data;
void drawInTurn([
  ...(front === undefined ? [] : explorerSteps(front)),
  () => intervals && showIntervals(rest, intervals),
  () => first && addTable(first),
  () => reliability && showReliability(rest, reliability),
  () => queries && showQueries(rest, queries),
  ...others.map((table) => () => addTable(table)),
  () => notes.length > 0 && addNotes(),
  () => showOrigin(rest, data.origin),
]);

/** Draws one part after another. In between the page shows what there is, and answers. */
async function drawInTurn(parts: readonly (() => unknown)[]): Promise<void> {
  const main = byId("main");
  main.setAttribute("aria-busy", "true");
  for (const part of parts) {
    await new Promise((resolve) => setTimeout(resolve));
    part();
  }
  main.removeAttribute("aria-busy");
}

function addNotes(): void {
  const section = addSection(rest, "Notes", "What happened during the run.");
  const list = make("ul");
  list.append(...notes.map((note) => make("li", "", note)));
  section.append(list);
}

function addTable({ heading, text, columns, rows }: ReportData["tables"][number]): void {
  addSection(rest, heading, text).append(tableOf(heading, columns, rows));
}
