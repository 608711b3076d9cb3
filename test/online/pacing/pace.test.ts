import { describe, expect, it } from "vitest";
import { AnswerLength } from "../../../src/online/pacing/answerLength.js";
import { CostBias } from "../../../src/online/pacing/bias.js";
import { PacedBudget } from "../../../src/online/pacing/budget.js";
import { Pace } from "../../../src/online/pacing/pace.js";
import { Zone } from "../../../src/online/pacing/zone.js";
import { Random } from "../../../src/random.js";

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 5, 1);
const zone = new Zone("UTC");

/** Requests of each hour of the week: 20 from 8:00 to 20:00 on working days, 4 else. */
const rhythm = (h: number): number => (h < 120 && h % 24 >= 8 && h % 24 < 20 ? 20 : 4);

/** Feeds hours of that rhythm, evenly within the hour, from the beginning of a Monday. */
function feed(pace: Pace, hours: number, level = 1, from = 0): void {
  for (let h = from; h < from + hours; h++) {
    const n = Math.round(rhythm(h % 168) * level);
    for (let k = 0; k < n; k++) pace.observe(MONDAY + h * HOUR + ((k + 0.5) / n) * HOUR);
  }
}

describe("the requests that are still to come", () => {
  const week = Array.from({ length: 168 }, (_, h) => rhythm(h));
  const total = week.reduce((a, b) => a + b);

  it("are the forecast's, evenly, before anything has come", () => {
    const pace = new Pace({ period: "week", zone, requests: 1_000 });
    pace.observe(MONDAY, 0);
    expect(pace.left(MONDAY)).toBe(1_000);
    expect(pace.left(MONDAY + 84 * HOUR)).toBeLessThan(100);
  });

  it("follow the hours of the week once a week has been seen", () => {
    const pace = new Pace({ period: "week", zone });
    feed(pace, 168 + 60);
    const left = week.slice(60).reduce((a, b) => a + b);
    expect(Math.abs(pace.left(MONDAY + (168 + 60) * HOUR) / left - 1)).toBeLessThan(0.1);
  });

  it("grow with the traffic of the period", () => {
    const pace = new Pace({ period: "week", zone });
    feed(pace, 168);
    feed(pace, 84, 1.5, 168);
    const left = 1.5 * week.slice(84).reduce((a, b) => a + b);
    expect(Math.abs(pace.left(MONDAY + (168 + 84) * HOUR) / left - 1)).toBeLessThan(0.15);
  });

  it("are extrapolated from what has come where nothing is known", () => {
    const pace = new Pace({ period: "month", zone });
    for (let k = 0; k < 60; k++) pace.observe(MONDAY + k * 30_000);
    const left = pace.left(MONDAY + HOUR / 2);
    expect(left / (720 * 120)).toBeGreaterThan(0.9);
    expect(left / (720 * 120)).toBeLessThan(1.1);
  });

  it("count from the first request in a period that began before", () => {
    const pace = new Pace({ period: "week", zone, requests: 1_680 });
    pace.observe(MONDAY + 84 * HOUR, 0);
    expect(pace.left(MONDAY + 84 * HOUR)).toBeCloseTo(840, 6);
    expect(pace.seen).toBe(0);
  });

  it("begin anew with the period and keep what was learned", () => {
    const pace = new Pace({ period: "week", zone });
    feed(pace, 168);
    pace.observe(MONDAY + 168 * HOUR);
    expect(pace.seen).toBe(1);
    expect(Math.abs(pace.left(MONDAY + 168 * HOUR) / total - 1)).toBeLessThan(0.1);
    expect(pace.perDay! * 7).toBeCloseTo(total, -2);
  });

  it("of a total budget are those of its time, or of its number", () => {
    const until = new Pace({ period: "total", zone, until: MONDAY + 100 * HOUR, requests: 100 });
    until.observe(MONDAY, 0);
    expect(until.left(MONDAY + 50 * HOUR)).toBeLessThan(51);
    const counted = new Pace({ period: "total", zone, requests: 100 });
    for (let k = 0; k < 30; k++) counted.observe(MONDAY + k);
    expect(counted.left(MONDAY + HOUR)).toBe(70);
    expect(new Pace({ period: "total", zone }).left(MONDAY)).toBe(Infinity);
  });

  it("are the same after saving and loading, in the middle of an hour too", () => {
    const options = { period: "week" as const, zone };
    const first = new Pace(options);
    feed(first, 77);
    const second = new Pace(options, JSON.parse(JSON.stringify(first.state())));
    feed(first, 30, 1, 77);
    feed(second, 30, 1, 77);
    expect(second.state()).toEqual(first.state());
    expect(second.left(MONDAY + 107 * HOUR)).toBe(first.left(MONDAY + 107 * HOUR));
  });
});

describe("a budget", () => {
  it("is a new account in each period, and a single one if it is never renewed", () => {
    const month = new PacedBudget("policy:x", { dollars: 3, period: "month", timeZone: "Europe/Berlin" });
    month.observe(MONDAY, 1);
    const june = { period: Date.UTC(2026, 4, 31, 22), end: Date.UTC(2026, 5, 30, 22) };
    expect(month.account).toEqual({ name: "policy:x", ...june, limit: 3_000_000 });
    month.observe(Date.UTC(2026, 6, 1), 1);
    expect(month.account.period).toBe(Date.UTC(2026, 5, 30, 22));
    const total = new PacedBudget("policy:x", { dollars: 3, period: "total", until: "2026-07-01" });
    total.observe(MONDAY, 1);
    total.observe(Date.UTC(2027, 1, 1), 1);
    expect(total.account).toMatchObject({ period: 0, end: Date.UTC(2026, 6, 1) });
  });

  it.each([
    [{ dollars: -1, period: "day" }, "dollars is -1"],
    [{ dollars: NaN, period: "day" }, "dollars is NaN"],
    [{ dollars: 1, period: "year" }, "period is year; expected hour, day, week, month, total"],
    [{ dollars: 1, period: "day", requests: 0 }, "requests is 0"],
    [{ dollars: 1, period: "day", until: "2027-01-01" }, "until is 2027-01-01"],
    [{ dollars: 1, period: "total", until: "soon" }, "until is soon"],
    [{ dollars: 1, period: "day", timeZone: "Nowhere" }, "timeZone is Nowhere"],
  ])("%j is refused: %s", (options, message) => {
    expect(() => new PacedBudget("b", options as never)).toThrow(message);
  });
});

describe("what is learned from answers", () => {
  it("corrects a cost that is predicted too low within some dozens of answers", () => {
    const bias = new CostBias(2);
    for (let k = 0; k < 200; k++) bias.observe(1, 0.001, 0.0015);
    expect(bias.factor[0]).toBe(1);
    expect(bias.factor[1]).toBeGreaterThan(1.42);
    expect(bias.factor[1]).toBeLessThan(1.5);
    bias.observe(0, 0, 1);
    expect(bias.factor[0]).toBe(1);
  });

  it("tracks the length that 95 % of the answers stay within, through a change", () => {
    const random = new Random(4);
    const lengths = new AnswerLength(1);
    let longer = 0;
    for (let k = 0; k < 20_000; k++) {
      const tokens = (k < 10_000 ? 200 : 800) * Math.exp(random.normal());
      if (tokens > lengths.quantile[0]) longer++;
      lengths.observe(0, tokens);
    }
    expect(Math.abs(longer / 20_000 - 0.05)).toBeLessThan(0.005);
  });
});
