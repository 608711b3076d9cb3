import type { MeanDeviation } from "../../backtest/means.js";
import type { Target } from "../../solve/target.js";

/** Dollars with as many decimals as their size asks for. */
export function dollars(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "-";
  const digits = value === 0 || value >= 1 ? 2 : Math.min(10, 3 - Math.floor(Math.log10(value)));
  return `$${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A share or accuracy as a percentage. */
export function percent(value: number | null): string {
  return value === null ? "-" : `${fixed(100 * value, 2)} %`;
}

/** A number of so many decimals; what rounds to 0 has no sign. */
export function fixed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1");
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** A small number for people: 3 significant digits. */
export function brief(value: number): string {
  if (Math.abs(value) < 1e-12) return "0";
  return Number.isFinite(value) ? value.toPrecision(3) : "∞";
}

/** Mean ± deviation over repeats; "-" where none has the figure. */
export function spread({ mean, deviation }: MeanDeviation, show: (value: number) => string): string {
  return mean === null ? "-" : show(mean) + (deviation === null ? "" : ` ± ${show(deviation)}`);
}

/** The sizes of a backtest or of a comparison. */
interface Judged {
  dataset: { leftOut: number; queries: number; models: number };
  repeats: readonly { trainQueries: number; validationQueries: number; testQueries: number }[];
}

/** How many rows were learned from and judged on, in a line that goes on; before it how many could not be. */
export function sizesOf({ dataset, repeats }: Judged): string {
  const { trainQueries, validationQueries, testQueries } = repeats[0];
  const without =
    dataset.leftOut === 0
      ? ""
      : `${count(dataset.leftOut)} rows are left out: they have no score where there is a cost.\n`;
  return (
    `${without}${count(dataset.queries)} queries, ${dataset.models} models; each repeat learns from ` +
    `${trainQueries} + ${validationQueries} rows and is judged on ${count(testQueries)} others`
  );
}

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

/** One line: control characters of names that come from files are shown, not sent to the terminal. */
export function plain(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** A target in words. */
export function nameOf(target: Target): string {
  if ("budget" in target) return `budget ${dollars(target.budget)}`;
  if ("accuracy" in target) return `accuracy ${percent(target.accuracy)}`;
  return "knee" in target ? "knee" : "matching the best single model";
}

/** Text in lines of at most so many characters, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string {
  let line = "";
  let lines = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines += `${line}\n`;
      line = "  ";
    } else if (line !== "") line += " ";
    line += word;
  }
  return `${lines}${line}\n`;
}
