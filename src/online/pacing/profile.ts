import { hourOfWeek, WEEK_HOURS } from "./periods.js";
import type { Zone } from "./zone.js";

const HOUR = 3_600_000;
/** What a week is worth beside the next one: about the last four weeks count. */
const KEPT = 0.75;
/** Hours at the mean rate that each hour of the week begins with, so that one odd hour does not rule. */
const PRIOR_HOURS = 0.5;

/** Requests an hour by hour of the week, as plain data. */
export interface ProfileState {
  /** Requests seen in each hour of the week, older weeks counting less. */
  requests: number[];
  /** Hours watched, in the same way. */
  hours: number[];
  /** The hour under way: its end and what it has brought, and since when it is watched. Absent before the first. */
  under?: { end: number; requests: number; since: number };
}

/** Learns how many requests each hour of the week brings. */
export class Profile {
  private readonly requests: Float64Array;
  private readonly hours: Float64Array;
  /** The hour under way: its end, its hour of the week, what it has brought, and since when it is watched. */
  private end = -Infinity;
  private hour = 0;
  private count = 0;
  private since = 0;

  constructor(
    private readonly zone: Zone,
    { requests, hours, under }: ProfileState = { requests: [], hours: [] },
  ) {
    this.requests = new Float64Array(WEEK_HOURS);
    this.hours = new Float64Array(WEEK_HOURS);
    this.requests.set(requests);
    this.hours.set(hours);
    if (under === undefined) return;
    [this.end, this.count, this.since] = [under.end, under.requests, under.since];
    this.hour = hourOfWeek(under.end - HOUR, zone.offset(under.end - HOUR));
  }

  /** One request, or none: time has passed. True if an hour has ended, so that the rates have changed. */
  observe(time: number, requests: number): boolean {
    if (time < this.end) {
      this.count += requests;
      return false;
    }
    const isFirst = this.end === -Infinity;
    if (!isFirst) {
      this.finish(this.hour, this.count, (this.end - this.since) / HOUR);
      // Hours without any request, at most a week of them.
      const skipped = Math.min(WEEK_HOURS, Math.floor((time - this.end) / HOUR));
      for (let k = 1; k <= skipped; k++) this.finish((this.hour + k) % WEEK_HOURS, 0, 1);
    }
    const offset = this.zone.offset(time);
    const start = time - ((((time + offset) % HOUR) + HOUR) % HOUR);
    this.hour = hourOfWeek(time, offset);
    this.since = isFirst ? time : start;
    this.end = start + HOUR;
    this.count = requests;
    return true;
  }

  /** Whether anything is known. */
  get watched(): number {
    return this.hours.reduce((sum, h) => sum + h, 0);
  }

  /** Expected requests in each hour of the week; all 1 until the first hour has ended. */
  rates(): Float64Array {
    const watched = this.watched;
    const mean = this.requests.reduce((sum, n) => sum + n, 0) / watched;
    if (!(watched > 0 && mean > 0)) return new Float64Array(WEEK_HOURS).fill(1);
    return this.requests.map((n, h) => (n + PRIOR_HOURS * mean) / (this.hours[h] + PRIOR_HOURS));
  }

  state(): ProfileState {
    const { end, count, since } = this;
    const under = end === -Infinity ? {} : { under: { end, requests: count, since } };
    return { requests: [...this.requests], hours: [...this.hours], ...under };
  }

  private finish(hour: number, requests: number, part: number): void {
    this.requests[hour] = KEPT * this.requests[hour] + requests;
    this.hours[hour] = KEPT * this.hours[hour] + part;
  }
}
