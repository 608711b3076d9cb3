import type { IntervalsData, TableData } from "../data.js";
import { oneLine } from "../../text/shown.js";
import { cellText } from "../format.js";
import { gain } from "../../text/amounts.js";
import { NOT_REACHED } from "../words.js";

/** Line width of texts, in columns. */
const WIDTH = 100;

/** Columns padded to equal width: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join("  "),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** A report's table, with its heading above and its text below. */
export function tableText({ heading, text, columns, rows }: TableData): string {
  const cells = rows.map((row) => row.map((value, c) => oneLine(cellText(value, columns[c].unit))));
  return `${heading}\n${table([columns.map(({ title }) => oneLine(title)), ...cells])}${wrap(text)}`;
}

/** A report's intervals: a table for each group, and the text below. */
export function intervalsText({ heading, text, groups }: IntervalsData): string {
  const word = (value: number | null): string => (value === null ? NOT_REACHED : gain(value));
  const tables = groups.map(({ title, rows }) =>
    table([
      [title, "gain", "95 % interval"],
      ...rows.map(({ name, estimate, low, high }) => [
        oneLine(name),
        word(estimate),
        `${word(low)} … ${word(high)}`,
      ]),
    ]),
  );
  return `${heading}\n${tables.join("\n")}${wrap(oneLine(text))}`;
}

/** Text in lines of at most 100 characters, broken at spaces, but not between a number and %; a longer word stays whole. */
export function wrap(text: string): string {
  let line = "";
  let lines = "";
  for (const word of text.split(/ (?!%)/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines += `${line}\n`;
      line = "  ";
    } else if (line !== "") line += " ";
    line += word;
  }
  return `${lines}${line}\n`;
}
