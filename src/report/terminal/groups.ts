import type { GroupFigures } from "../../plan/groups.js";
import { groupCells } from "../groups.js";
import { table } from "./table.js";

/** A table of the groups. Empty without groups. */
export function groupTable(
  groups: readonly GroupFigures[] | undefined,
  column: string | undefined,
  accuracy: "expected" | "recorded",
): string {
  return groups === undefined || column === undefined
    ? ""
    : `\n${table(groupCells(groups, column, accuracy))}`;
}
