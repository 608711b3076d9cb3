import type { Zone } from "./zone.js";

/** How often a budget is renewed: at the beginning of each clock hour, day, Monday or month of its time zone; or never. */
export const PERIODS = ["hour", "day", "week", "month", "total"] as const;
/** One of `PERIODS`. */
export type Period = (typeof PERIODS)[number];

/** Start inclusive, end exclusive, milliseconds since 1970. */
export interface Span {
  start: number;
  end: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The period that a moment lies in. Consecutive periods join without a gap, whatever the clock change between them. */
export function periodAt(time: number, period: Exclude<Period, "total">, zone: Zone): Span {
  if (period === "hour") {
    const start = time - mod(time + zone.offset(time), HOUR);
    return { start, end: start + HOUR };
  }
  const wall = zone.wallClock(time);
  const midnight = wall - mod(wall, DAY);
  const date = new Date(midnight);
  if (period === "day") return between(midnight, midnight + DAY, zone);
  if (period === "week") {
    const monday = midnight - mod(date.getUTCDay() - 1, 7) * DAY;
    return between(monday, monday + 7 * DAY, zone);
  }
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return between(Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1), zone);
}

function between(from: number, to: number, zone: Zone): Span {
  return { start: zone.firstAt(from), end: zone.firstAt(to) };
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Hours in a week. */
export const WEEK_HOURS = 168;

/** The hour of the week, 0 … 167, that the wall clock shows; 0 is Monday from midnight on. */
export function hourOfWeek(time: number, offset: number): number {
  // 1970 began on a Thursday.
  return mod(Math.floor((time + offset) / HOUR) + 3 * 24, WEEK_HOURS);
}

/** The hours of the week of a span's hours, from its start on; clock changes are seen at the next start of 24 hours. */
export function hoursOf({ start, end }: Span, zone: Zone): Uint8Array {
  const hours = new Uint8Array(Math.ceil((end - start) / HOUR));
  let offset = 0;
  for (let h = 0; h < hours.length; h++) {
    const time = start + h * HOUR + HOUR / 2;
    if (h % 24 === 0) offset = zone.offset(time);
    hours[h] = hourOfWeek(time, offset);
  }
  return hours;
}
