import type { InputData, OriginData } from "./data.js";
import { version } from "../package.js";
import { cut } from "./rounded.js";

/** Where a report's figures come from, as its maker knows it. */
export interface Origin {
  /** What was typed, for a shell. */
  command: string;
  /** The same, to be ended with a budget in dollars. */
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
      { name: "Node.js", value: process.versions.node },
    ],
  };
}

const LONGEST_COMMAND = 4000;
