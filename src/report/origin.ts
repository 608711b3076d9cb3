import type { InputData, OriginData } from "./data.js";
import { version } from "../package.js";
import { cut } from "../text/names.js";

/** Where a report's figures come from. */
export interface Origin {
  /** The command as typed, quoted for a shell. */
  command: string;
  /** The same command, ending where a budget in dollars is appended. */
  budgetCommand?: string;
  inputs: InputData[];
}

export function originOf(
  { command, inputs }: Origin,
  settings: readonly (readonly [string, string])[],
): OriginData {
  return {
    command: cut(command, LONGEST_COMMAND),
    inputs,
    settings: settings.map(([name, value]) => ({ name, value: cut(value, LONGEST_COMMAND) })),
    versions: [
      { name: "OptLLM", value: version },
      typeof process === "undefined"
        ? { name: "Browser", value: navigator.userAgent }
        : { name: "Node.js", value: process.versions.node },
    ],
  };
}

const LONGEST_COMMAND = 4000;

/** Words as a shell takes them. */
export function shellLine(argv: readonly string[]): string {
  const quoted = argv
    .map(withoutSecret)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  return quoted.join(" ");
}

/** An address without its query, which may hold a key. */
function withoutSecret(word: string): string {
  return word.replace(/^((?:--[\w-]+=)?https?:\/\/)(?:[^/?#]*@)?([^?#]*)[?#].*$/is, "$1$2?…");
}
