import type { IntervalRow, IntervalsData } from "../../data.js";
import { gain } from "../../../text/amounts.js";
import { NOT_REACHED } from "../../words.js";
import { addSection, make } from "./dom.js";

/** Gains with their intervals, on one scale for each group, with a line at no gain. */
export function showIntervals(parent: HTMLElement, { heading, text, groups }: IntervalsData): void {
  const section = addSection(parent, heading, text);
  for (const { title, rows } of groups) {
    const word = (value: number | null): string => (value === null ? NOT_REACHED : gain(value));
    const ends = rows
      .flatMap(({ estimate, low, high }) => [estimate, low, high])
      .filter((value) => value !== null);
    const min = ends.reduce((a, b) => Math.min(a, b), 0);
    const max = ends.reduce((a, b) => Math.max(a, b), 0);
    const room = 0.05 * (max - min || 1);
    const place = (value: number): number => (100 * (value - min + room)) / (max - min + 2 * room);
    const list = make("ul", "interval");
    for (const row of rows) {
      const item = make("li");
      const words = `${word(row.estimate)} (95 %: ${word(row.low)} … ${word(row.high)})`;
      item.append(make("span", "", row.name), trackOf(row, place), make("span", "value", words));
      list.append(item);
    }
    section.append(make("h3", "", title), list);
  }
}

/** A bar from end to end. An end that is not known is drawn beyond the edge. */
function trackOf({ estimate, low, high }: IntervalRow, place: (value: number) => number): HTMLElement {
  const track = make("span", "track");
  track.setAttribute("aria-hidden", "true");
  const add = (className: string, left: number, right?: number): void => {
    const part = make("span", className);
    part.style.left = `${left}%`;
    if (right !== undefined) part.style.right = `${100 - right}%`;
    track.append(part);
  };
  if (low !== null || high !== null) {
    add("range", low === null ? 0 : place(low), high === null ? 0 : place(high));
  }
  add("zero", place(0));
  if (estimate !== null) add("estimate", place(estimate));
  return track;
}
