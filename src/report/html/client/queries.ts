import type { QueriesData, QueryRow } from "../../data.js";
import { addSection, make, whenQuiet } from "./dom.js";
import { count, dollars, percent, points } from "../../../text/amounts.js";
import { distinctNames } from "../../../text/names.js";

const PAGE = 25;
/** Characters of a name in the choice of the model. */
const LONGEST_NAME = 40;

/** The sample of queries with a search and a choice of the model. */
export function showQueries(parent: HTMLElement, data: QueriesData): void {
  const section = addSection(parent, "Sample of queries", data.text);
  const search = make("input");
  search.type = "search";
  search.placeholder = "text or id";
  const select = make("select");
  const names = distinctNames(data.models, LONGEST_NAME);
  for (const name of ["all models", ...names]) select.append(make("option", "", name));
  const controls = make("div", "controls");
  controls.append(field("Search ", search), field("Chosen model ", select));
  const list = listOf(data);
  section.append(controls, ...list.elements);

  const find = (): void => list.show(matching(data.rows, search.value, select.selectedIndex - 1));
  search.addEventListener("input", whenQuiet(find, 150));
  select.addEventListener("change", find);
  find();
}

function field(name: string, input: HTMLElement): HTMLElement {
  const label = make("label", "field", name);
  label.append(input);
  return label;
}

/** The queries that hold a text; of one model, unless that is −1. */
function matching(rows: readonly QueryRow[], text: string, model: number): QueryRow[] {
  const words = text.toLowerCase();
  return rows.filter(
    (row) =>
      (model < 0 || row.model === model) &&
      (row.query.toLowerCase().includes(words) || row.id.toLowerCase().includes(words)),
  );
}

/** A table that shows some queries page by page. */
function listOf(data: QueriesData): { elements: HTMLElement[]; show: (rows: QueryRow[]) => void } {
  const titles = titlesOf(data);
  const status = make("p", "status");
  status.setAttribute("role", "status");
  const { table, body } = emptyTable(titles);
  const more = make("button", "", "Show more");
  more.type = "button";

  let found: QueryRow[] = [];
  let shown = 0;
  const showMore = (): void => {
    for (const row of found.slice(shown, shown + PAGE)) body.append(lineOf(row, data, titles));
    shown = Math.min(found.length, shown + PAGE);
    more.hidden = shown === found.length;
    status.textContent =
      found.length === 0
        ? "No query of the sample matches."
        : `${count(shown)} of ${count(found.length)} matching queries of the sample shown.`;
  };
  more.addEventListener("click", () => {
    const first = shown;
    showMore();
    const row = body.rows[first];
    row.tabIndex = -1;
    row.focus();
  });
  const show = (rows: QueryRow[]): void => {
    found = rows;
    shown = 0;
    body.replaceChildren();
    showMore();
  };
  return { elements: [status, table, more], show };
}

function titlesOf({ hasOutcomes }: QueriesData): string[] {
  const recorded = hasOutcomes ? ["recorded"] : [];
  return ["query", "chosen model", "probability", ...recorded, "cost", "next best, and difference"];
}

function emptyTable(titles: readonly string[]) {
  const table = make("table", "cards");
  table.append(make("caption", "unseen", "Sample of queries"));
  const head = table.createTHead().insertRow();
  for (const title of titles) {
    const cell = make("th", "", title);
    cell.scope = "col";
    head.append(cell);
  }
  return { table, body: table.createTBody() };
}

function lineOf(row: QueryRow, data: QueriesData, titles: readonly string[]): HTMLTableRowElement {
  const line = make("tr");
  const query = make("td", "query");
  query.append(
    make("span", "id", row.id),
    make("span", row.query === "" ? "none" : "text", row.query === "" ? "no text" : row.query),
  );
  const cells = [
    query,
    make("td", "", data.models[row.model]),
    make("td", "number", percent(row.probability, 1)),
    make("td", "number", dollars(row.cost)),
    make("td", "", reasonOf(row, data.models)),
  ];
  if (data.hasOutcomes) {
    const outcome = percent(row.outcome ?? null, 0);
    cells.splice(3, 0, make("td", "number", outcome));
  }
  cells.forEach((cell, c) => (cell.dataset.title = titles[c]));
  line.append(...cells);
  return line;
}

/** How the next best model differs from the chosen one. */
function reasonOf({ next, probability, cost }: QueryRow, models: readonly string[]): string {
  if (next === undefined) return "no other model may answer";
  const more = next.cost - cost;
  const price = more === 0 ? "the same cost" : `${dollars(Math.abs(more))} ${more > 0 ? "more" : "less"}`;
  return `${models[next.model]}: ${points(next.probability - probability)}, ${price}`;
}
