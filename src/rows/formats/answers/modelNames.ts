import { oneLine } from "../../../text/shown.js";
import { uniqueNames } from "../../../text/uniqueNames.js";

/** What tells two configurations of a model apart, such as `["effort", "low"]`, the most telling first. */
export type Settings = readonly (readonly [name: string, value: string])[];

/** A model in one configuration. */
export interface Variant {
  name: string;
  /** Identifies the model whatever its configuration. */
  base: string;
  settings: Settings;
  /** Tasks in which it answered. */
  tasks: Set<number>;
}

/** A setting with this name is a prompt, and is written after a dot. */
export const PROMPT = "prompt";
/** The effort of reasoning. */
export const EFFORT = "effort";
const LONGEST = 48;

/**
 * The column of each variant and the columns' names. Variants of a model that answered in no common task, for
 * instance because each task sets its own limits, are one column. The others are named by the settings that differ.
 */
export function columnsOf(variants: readonly Variant[]): {
  columnOf: Int32Array;
  names: string[];
  joined: string[];
} {
  const groups = new Map<string, number[]>();
  variants.forEach(({ base }, v) => {
    const group = groups.get(base);
    if (group) group.push(v);
    else groups.set(base, [v]);
  });
  const nameOf = variants.map(({ name }) => name);
  const firstOf = variants.map((_, v) => v);
  const joined: string[] = [];
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    const of = group.map((v) => variants[v]);
    if (areApart(of) && !isChosen(of)) {
      group.forEach((v) => (firstOf[v] = group[0]));
      joined.push(of[0].name);
    } else {
      const suffixes = suffixesOf(of.map(({ settings }) => settings));
      group.forEach((v, i) => (nameOf[v] += suffixes[i]));
    }
  }
  const columnOf = new Int32Array(variants.length);
  const names: string[] = [];
  firstOf.forEach((first, v) => {
    columnOf[v] = first === v ? names.push(nameOf[v]) - 1 : columnOf[first];
  });
  return { columnOf, names: uniqueNames(names), joined };
}

function areApart(variants: readonly Variant[]): boolean {
  const seen = new Set<number>();
  let count = 0;
  for (const { tasks } of variants) {
    count += tasks.size;
    tasks.forEach((task) => seen.add(task));
  }
  return seen.size === count;
}

/** Whether the configurations differ in what people choose a model by, not only in limits. */
function isChosen(variants: readonly Variant[]): boolean {
  const chosen = variants.map(({ settings }) =>
    settings.filter(([name]) => name === PROMPT || name === EFFORT).join("\n"),
  );
  return new Set(chosen).size > 1;
}

/** Texts that tell settings apart: of the settings that differ, as few as are needed. */
function suffixesOf(all: readonly Settings[]): string[] {
  const maps = all.map((settings) => new Map(settings));
  const names = [...new Set(all.flatMap((settings) => settings.map(([name]) => name)))];
  const differing = names.filter((name) => new Set(maps.map((map) => map.get(name))).size > 1);
  let suffixes = all.map(() => "");
  for (let used = 1; used <= differing.length && new Set(suffixes).size < all.length; used++)
    suffixes = maps.map((map) => suffixOf(differing.slice(0, used), map));
  return suffixes;
}

function suffixOf(names: readonly string[], settings: ReadonlyMap<string, string>): string {
  const prompt = names.includes(PROMPT) ? settings.get(PROMPT) : undefined;
  const others = names
    .filter((name) => name !== PROMPT)
    .map((name) => `${name} ${cut(settings.get(name) ?? "not set")}`);
  return (
    (prompt === undefined ? "" : ` · ${cut(prompt)}`) + (others.length > 0 ? ` (${others.join(" · ")})` : "")
  );
}

function cut(text: string): string {
  const line = oneLine(
    text
      .slice(0, 4 * LONGEST)
      .replace(/\s+/g, " ")
      .trim(),
  );
  return line.length <= LONGEST ? line : line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, "") + "…";
}
