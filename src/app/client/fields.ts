import { byId } from "../../report/html/client/dom.js";
import { rowsOf, titleOf, type Rows } from "./given.js";
import { reveal } from "./show.js";

/** What a field holds; undefined where it is empty. */
export function textOf(id: string): string | undefined {
  return byId<HTMLInputElement>(id).value.trim() || undefined;
}

export function numberOf(id: string): number | undefined {
  const text = textOf(id);
  return text === undefined ? undefined : Number(text);
}

/** The lines of a field that are not empty. */
export function linesOf(id: string): string[] {
  return (textOf(id) ?? "").split("\n").flatMap((line) => line.trim() || []);
}

/** A control for one file, which can be taken back. Returns what reads it. */
export function fileField(id: string): () => Rows | undefined {
  const input = byId<HTMLInputElement>(`${id}-file`);
  let given: Rows | undefined;
  const take = (list: Iterable<File>): void => {
    given = rowsOf(list);
    byId(`${id}-given`).textContent = given === undefined ? "" : titleOf(given);
    reveal(`${id}-clear`, given !== undefined);
    input.value = "";
  };
  input.addEventListener("change", () => take(input.files ?? []));
  byId(`${id}-clear`).addEventListener("click", () => {
    take([]);
    input.focus();
  });
  return () => given;
}
