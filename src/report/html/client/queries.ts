import type { QueriesData, QueryRow } from "../../data.js";
import { addSection, make, whenQuiet } from "./dom.js";
import { count, dollars, percent, points } from "../../format.js";

const PAGE = 25;

/** The sample of queries with a search and a choice of the model. */
export function showQueries(parent: HTMLElement, data: QueriesData): void {
  const section = addSection(parent, "Some queries, and why", data.text);
  const search = make("input");
  search.type = "search";
  search.placeholder = "text or id";
  const select = make("select");
  select.append(make("option", "", "all models"));
  data.models.forEach((name) => select.append(make("option", "", name)));
  const controls = make("div", "controls");
  for (const [name, input] of [
    ["Search ", search],
    ["Chosen model ", select],
  ] as const) {
    const label = make("label", "field", name);
    label.append(input);
    controls.append(label);
  }
  const status = make("p", "status");
  status.setAttribute("role", "status");
  const table = make("table", "cards");
  table.append(make("caption", "unseen", "Sample of queries"));
  const titles = ["query", "chosen model", "probability", "cost", "next best, and why not"];
  if (data.hasOutcomes) titles.splice(3, 0, "recorded");
  const head = table.createTHead().insertRow();
  titles.forEach((title) => {
    const cell = make("th", "", title);
    cell.scope = "col";
    head.append(cell);
  });
  const body = table.createTBody();
  const more = make("button", "", "Show more");
  more.type = "button";
  section.append(controls, status, table, more);

  let found: QueryRow[] = data.rows;
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
  const find = (): void => {
    const words = search.value.toLowerCase();
    const model = select.selectedIndex - 1;
    found = data.rows.filter(
      (row) =>
        (model < 0 || row.model === model) &&
        (row.query.toLowerCase().includes(words) || row.id.toLowerCase().includes(words)),
    );
    shown = 0;
    body.replaceChildren();
    showMore();
  };
  search.addEventListener("input", whenQuiet(find, 150));
  select.addEventListener("change", find);
  more.addEventListener("click", () => {
    const first = shown;
    showMore();
    const row = body.rows[first];
    row.tabIndex = -1;
    row.focus();
  });
  find();
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
    const outcome = row.outcome === undefined ? "–" : percent(row.outcome, 0);
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
  const price =
    more === 0 ? "the same cost" : `${dollars(Math.abs(more))} ${more > 0 ? "dearer" : "cheaper"}`;
  return `${models[next.model]}: ${points(next.probability - probability)}, ${price}`;
}
