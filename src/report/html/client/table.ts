import type { Cell, Unit } from "../../data.js";
import { make } from "./dom.js";
import { cellText } from "../../format.js";

/** A table that scrolls sideways where it is too wide. */
export function tableOf(
  name: string,
  columns: readonly { title: string; unit: Unit }[],
  rows: readonly (readonly Cell[])[],
): HTMLElement {
  const region = make("div", "scroll");
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", name);
  const table = make("table");
  table.append(make("caption", "unseen", name));
  const head = table.createTHead().insertRow();
  columns.forEach(({ title, unit }) => {
    const cell = make("th", unit === "text" ? "" : "number", title);
    cell.scope = "col";
    head.append(cell);
  });
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, c) => {
      const { unit } = columns[c];
      const cell = make(c === 0 ? "th" : "td", unit === "text" ? "" : "number", cellText(value, unit));
      if (c === 0) cell.setAttribute("scope", "row");
      line.append(cell);
    });
  }
  region.append(table);
  return region;
}
