import { dollars, percent } from "../../text/amounts.js";
import type { Point } from "../frontFigures.js";

/** The head of a table of `pointRow`s. */
export const POINT_COLUMNS = ["", "cost", "expected accuracy"];

export function pointRow(name: string, { totalCost, expectedAccuracy }: Point): string[] {
  return [name, dollars(totalCost), percent(expectedAccuracy)];
}
