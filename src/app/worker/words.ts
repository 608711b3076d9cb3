import type { Changes } from "../../plan/whatIf.js";
import type { Target } from "../../solve/target.js";

/** What the page asks for, as options of the command line. */

export function targetWords(target: Target): string[] {
  if ("budget" in target) return ["--budget", String(target.budget)];
  if ("accuracy" in target) return ["--accuracy", String(target.accuracy)];
  return ["knee" in target ? "--knee" : "--match-best"];
}

export function changeWords({ scaleCost = [], without = [] }: Changes = {}): string[] {
  return [
    ...scaleCost.flatMap(([model, factor]) => ["--scale-cost", `${model}=${factor}`]),
    ...(without.length === 0 ? [] : ["--without", without.map(listed).join(",")]),
  ];
}

/** A name that holds a comma stands in quotes. */
function listed(name: string): string {
  return name.includes(",") ? `"${name}"` : name;
}
