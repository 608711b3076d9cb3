import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hourOfWeek, hoursOf, periodAt, PERIODS } from "../../../src/online/pacing/periods.js";
import { Zone } from "../../../src/online/pacing/zone.js";
import { runs } from "../../runs.js";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Santiago", "Asia/Beirut"];
const renewed = PERIODS.filter((period) => period !== "total");
const iso = (time: number): string => new Date(time).toISOString();
const shown = (time: number, period: (typeof renewed)[number], zone: string): string[] => {
  const { start, end } = periodAt(time, period, new Zone(zone));
  return [iso(start), iso(end)];
};

describe("periods", () => {
  it("begin and end at the time zone's midnight, across clock changes", () => {
    const noon = Date.UTC(2026, 2, 29, 12);
    expect(shown(noon, "day", "Europe/Berlin")).toEqual([
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ]);
    expect(shown(noon, "month", "Europe/Berlin")).toEqual([
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
    ]);
    expect(shown(noon, "week", "UTC")).toEqual(["2026-03-23T00:00:00.000Z", "2026-03-30T00:00:00.000Z"]);
    expect(shown(noon, "hour", "Asia/Kolkata")).toEqual([
      "2026-03-29T11:30:00.000Z",
      "2026-03-29T12:30:00.000Z",
    ]);
  });

  it("begin after midnight where the clock jumps over it", () => {
    // In Beirut, 29 March 2026 has no hour from 0:00 to 1:00.
    expect(shown(Date.UTC(2026, 2, 29, 12), "day", "Asia/Beirut")[0]).toBe("2026-03-28T22:00:00.000Z");
    expect(shown(Date.UTC(2026, 2, 28, 12), "day", "Asia/Beirut")[1]).toBe("2026-03-28T22:00:00.000Z");
  });

  it("hold their moment and join without a gap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(1990), max: Date.UTC(2060) }),
        fc.constantFrom(...ZONES),
        fc.constantFrom(...renewed),
        (time, name, period) => {
          const zone = new Zone(name);
          const { start, end } = periodAt(time, period, zone);
          expect(start).toBeLessThanOrEqual(time);
          expect(end).toBeGreaterThan(time);
          expect(periodAt(start, period, zone)).toEqual({ start, end });
          expect(periodAt(end - 1, period, zone)).toEqual({ start, end });
          expect(periodAt(end, period, zone).start).toBe(end);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  it("know the hours of the week that they have", () => {
    const zone = new Zone("Europe/Berlin");
    const week = periodAt(Date.UTC(2026, 5, 3), "week", zone);
    expect([...hoursOf(week, zone)]).toEqual(Array.from({ length: 168 }, (_, h) => h));
    expect(hourOfWeek(Date.UTC(2026, 10, 30, 5), 0)).toBe(5);
    expect(hourOfWeek(Date.UTC(2026, 10, 29, 23), 0)).toBe(167);
  });

  it("refuse a time zone that does not exist", () => {
    expect(() => new Zone("Mars/Olympus\u001b[31m")).toThrow(
      /timeZone is Mars\/Olympus\\u001b\[31m; expected/,
    );
  });
});
