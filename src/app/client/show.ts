import { byId, folded, make } from "../../report/html/client/dom.js";
import { tableOf } from "../../report/html/client/table.js";
import type { Made } from "../messages.js";

/** Sentences, each in a paragraph. */
export function paragraphs(sentences: readonly string[]): HTMLElement[] {
  return sentences.map((sentence) => make("p", "", sentence));
}

/** A text whose options stay whole at the end of a line. */
export function withOptions(text: string): (string | HTMLElement)[] {
  return text
    .split(/(--[a-z]+(?:-[a-z]+)*)/)
    .map((part, k) => (k % 2 === 0 ? part : make("span", "option", part)));
}

/** The command that gives the same, folded. */
export function commandOf(command: string): HTMLElement {
  const code = make("pre");
  code.tabIndex = 0;
  code.setAttribute("aria-label", "Command");
  code.append(make("code", "", command));
  return folded("The same on the command line", code);
}

/** Notes of a run, folded; nothing without any. */
export function notesOf(notes: readonly string[]): HTMLElement[] {
  if (notes.length === 0) return [];
  const list = make("ul");
  list.append(...notes.map((note) => make("li", "", note)));
  return [folded(notes.length === 1 ? "1 note" : `${notes.length} notes`, list)];
}

/** A table of groups; nothing without any. */
export function groupsOf(cells: readonly (readonly string[])[] = []): HTMLElement[] {
  if (cells.length === 0) return [];
  const [head, ...rows] = cells;
  const isText = (c: number): boolean => c === 0 || c === head.length - 1;
  const columns = head.map((title, c) => ({
    title,
    unit: isText(c) ? ("text" as const) : ("number" as const),
  }));
  return [tableOf(`For each ${head[0]}`, columns, rows)];
}

/** A link that saves a file. */
export function saving({ name, file }: Made): HTMLAnchorElement {
  const link = make("a", "button", `Save ${name}`);
  link.href = URL.createObjectURL(file);
  link.download = name;
  return link;
}

export function reveal(id: string, isShown = true): HTMLElement {
  const element = byId(id);
  element.hidden = !isShown;
  return element;
}

/** Moves the reader, also one that listens, to what is new. */
export function moveTo(element: HTMLElement): void {
  element.focus({ preventScroll: true });
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
}
