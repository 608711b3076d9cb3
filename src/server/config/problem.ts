import { shown } from "../../text/shown.js";

/** Keys from the top of a configuration to a value. */
export type Path = readonly string[];

/** What is wrong with one value. */
export interface Problem {
  path: Path;
  /** Says what the value is and what is expected. */
  message: string;
}

/** A path for people: `models.small.price`, `keys[0].sha256`. */
export function nameOf(path: Path): string {
  if (path.length === 0) return "the configuration";
  return shown(path.map((key, k) => (/^\d+$/.test(key) ? `[${key}]` : k === 0 ? key : `.${key}`)).join(""));
}
