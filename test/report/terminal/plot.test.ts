import fc from "fast-check";
import { expect, it } from "vitest";
import { plot } from "../../../src/report/terminal/plot.js";

const words = { xText: (x: number) => `$${x}`, yText: (y: number) => `${y}` };

it("draws a diagonal of dots, two by four a cell", () => {
  const text = plot({ x: [0, 3], y: [0, 3] }, [], { width: 2, height: 1, ...words });
  // Dots 7 and 6 of the first cell, 2 and 4 of the second.
  expect(text).toBe("3 ┤⡠⠊\n  └──\n   $0  $3\n");
});

it("puts marks in front of the curve, the last on top", () => {
  const marks = [
    { symbol: "a", x: 0, y: 0 },
    { symbol: "◆", x: 0, y: 0 },
    { symbol: "b", x: 9, y: 1 },
  ];
  const text = plot({ x: [0, 9], y: [0, 1] }, marks, { width: 4, height: 2, ...words });
  expect(text.split("\n").slice(0, 2)).toEqual(["1 ┤  ⡠b", "0 ┤◆⠊"]);
});

it("has a logarithmic axis from twentyfold costs on, and says so", () => {
  const draw = (most: number): string => plot({ x: [1, most], y: [0, 1] }, [], words);
  expect(draw(19)).not.toContain("logarithmic");
  expect(draw(20)).toContain("(logarithmic)");
  // In the middle of the axis stands the geometric mean.
  const half = plot({ x: [1, 10000], y: [0, 1] }, [{ symbol: "m", x: 100, y: 0.5 }], {
    width: 61,
    height: 3,
    ...words,
  });
  expect(half.split("\n")[1].indexOf("m")).toBe("1 ┤".length + 30);
});

it("paints curve and marks, nothing else", () => {
  const paint = (part: string, text: string): string => `<${part}:${text}>`;
  const text = plot({ x: [0], y: [0] }, [{ symbol: "x", x: 1, y: 1 }], {
    width: 2,
    height: 1,
    paint,
    ...words,
  });
  expect(text.split("\n")[0]).toMatch(/^1 ┤<curve:.><mark:x>$/u);
});

it("draws anything finite in as many lines and columns as asked for", () => {
  const point = fc.tuple(
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 1, maxLength: 30 }),
      fc.array(point, { maxLength: 5 }),
      (a, b) => {
        const sorted = [...a].sort(([x], [y]) => x - y);
        const marks = b.map(([x, y]) => ({ symbol: "o", x, y }));
        const curve = { x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) };
        const text = plot(curve, marks, { ...words, yText: () => "y", xText: () => "x" });
        const lines = text.split("\n");
        expect(lines.length).toBe(15 + 2 + 1);
        for (const line of lines.slice(0, 15)) expect(line.length).toBeLessThanOrEqual(60 + 3);
      },
    ),
  );
});
