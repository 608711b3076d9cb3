import type { ReportData } from "../../data.js";
import { addSection, byId, make } from "./dom.js";
import { showExplorer } from "./explorer.js";
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
if (data.front !== undefined) showExplorer(data.front);
const rest = byId("rest");
if (data.intervals !== undefined) showIntervals(rest, data.intervals);
const [first, ...others] = data.tables;
for (const table of first === undefined ? [] : [first]) addTable(table);
if (data.reliability !== undefined) showReliability(rest, data.reliability);
if (data.queries !== undefined) showQueries(rest, data.queries);
others.forEach(addTable);
if (data.notes.length > 0) {
  const section = addSection(rest, "Notes", "What happened during the run.");
  const list = make("ul");
  list.append(...data.notes.map((note) => make("li", "", note)));
  section.append(list);
}
showOrigin(rest, data.origin);

function addTable({ heading, text, columns, rows }: ReportData["tables"][number]): void {
  addSection(rest, heading, text).append(tableOf(heading, columns, rows));
}
