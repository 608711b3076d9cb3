import fc from "fast-check";
import { expect, it } from "vitest";
import { cellText, spread } from "../../src/report/format.js";
import { brief, count, dollars, gain, percent, points } from "../../src/text/amounts.js";

it("writes dollars with two decimals from $1 on and four significant digits below", () => {
  expect([0, 1234.5, 0.5, 0.0005, 0.00123456, 1e-13, -2, -0.25].map((x) => dollars(x))).toEqual([
    "$0.00",
    "$1,234.50",
    "$0.5000",
    "$0.0005000",
    "$0.001235",
    "$0.0000000000",
    "−$2.00",
    "−$0.2500",
  ]);
  // What rounds to a dollar is written as one.
  expect([0.99994, 0.99996, 1].map((x) => dollars(x))).toEqual(["$0.9999", "$1.00", "$1.00"]);
});

it("writes more decimals of dollars on request", () => {
  expect([0, 1].map((more) => dollars(0.00123456, more))).toEqual(["$0.001235", "$0.0012346"]);
  expect([dollars(12.3456, 2), dollars(0, 2), dollars(null, 2)]).toEqual(["$12.3456", "$0.0000", "–"]);
});

it("writes shares, gains and differences with a true minus sign", () => {
  expect([percent(0.8165), percent(0.5, 0), percent(-0.5)]).toEqual(["81.65 %", "50 %", "−50.00 %"]);
  expect([gain(0.012), gain(-0.012), points(0.012)]).toEqual(["+1.20", "−1.20", "+1.20 points"]);
});

it("gives no sign to what rounds to nothing", () => {
  expect([-2.2e-16, -0, 0, 1e-9].map((x) => percent(x))).toEqual(Array(4).fill("0.00 %"));
  expect([-1e-9, 0, 1e-9].map(gain)).toEqual(Array(3).fill("0.00"));
});

it("writes other numbers with four significant digits", () => {
  expect([0, 1e-13, 0.51234, 0.05, 1234.56, -0.5, 0.00001234, 3.21e-9, Infinity].map(brief)).toEqual([
    "0",
    "0",
    "0.5123",
    "0.05000",
    "1,235",
    "−0.5000",
    "1.234e-5",
    "3.210e-9",
    "∞",
  ]);
});

it("reads back as the number, to four digits", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-11, max: 1e12, noNaN: true }), (x) => {
      expect(Number(brief(x).replaceAll(",", ""))).toBe(Number(x.toPrecision(4)));
      if (x < 1e-6) return;
      const error = Math.abs(Number(dollars(x).replace(/[$,]/g, "")) - x);
      expect(error).toBeLessThanOrEqual(Math.min(0.00501, 0.00051 * x) + (x >= 1 ? 0.00501 : 0));
    }),
  );
});

it("writes a dash for what is not known", () => {
  expect([dollars(null), dollars(Infinity), percent(null), brief(null), brief(NaN)]).toEqual(
    Array(5).fill("–"),
  );
  expect(spread({ mean: null, deviation: null }, dollars)).toBe("–");
  expect(cellText(null, "dollars")).toBe("–");
});

it("writes a mean with its deviation, and cells by their unit", () => {
  expect(spread({ mean: 2, deviation: null }, dollars)).toBe("$2.00");
  expect(spread({ mean: 2, deviation: 0.5 }, dollars)).toBe("$2.00 ± $0.5000");
  expect([count(1234567), count(2.25)]).toEqual(["1,234,567", "2.3"]);
  expect([
    cellText(0.5, "dollars"),
    cellText(0.5, "percent"),
    cellText(0.5, "points"),
    cellText(1234, "count"),
    cellText(0.5, "number"),
    cellText("none", "number"),
  ]).toEqual(["$0.5000", "50.00 %", "+50.00 points", "1,234", "0.5000", "none"]);
});
