import type { Dataset } from "../types.js";
import { isSample, type Source } from "./source.js";

/** Fewer labelled rows than these are not enough evidence for a plan or a verdict. */
export const LEAST_LABELLED = 50;

/** Labelled rows, with a score of some model, that a source predicts from. */
export function labelledRows(source: Source): number {
  return isSample(source) ? countLabelled(source) : source.labelledRows;
}

function countLabelled({ ids, models, outcome }: Dataset): number {
  let rows = 0;
  for (let at = 0; at < ids.length * models.length; at += models.length) {
    if (outcome.subarray(at, at + models.length).some((y) => !Number.isNaN(y))) rows++;
  }
  return rows;
}

/** Whether predictions rest on too few labelled rows, in words; empty where they do not. */
export function fewLabelsText(rows: number): string {
  if (rows >= LEAST_LABELLED) return "";
  return (
    `Not enough evidence: ${rows === 1 ? "1 labelled row" : `${rows} labelled rows`} to predict from, ` +
    `and a plan to rely on needs at least ${LEAST_LABELLED}.`
  );
}
