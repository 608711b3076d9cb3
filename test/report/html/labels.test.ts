import { expect, it } from "vitest";
import { placeNames, type Box } from "../../../src/report/html/client/labels.js";

const area: Box = { left: 0, top: 0, right: 300, bottom: 200 };

it("places names where they cover no other name, point or line", () => {
  const points = [60, 62, 64, 150, 152].map((x, k) => ({ x, y: 100 + k, halfWidth: 30 }));
  const lines = [
    [
      [0, 190],
      [120, 60],
      [300, 20],
    ],
  ] as const;
  const boxes = placeNames(points, { area, lines, unit: 1 });
  const placed = boxes.filter((box) => box !== undefined);
  expect(placed.length).toBeGreaterThan(2);
  placed.forEach((one, k) => {
    placed.slice(k + 1).forEach((other) => {
      const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top; // prettier-ignore
      expect(apart).toBe(true);
    });
    // Many points of the line, by its definition.
    for (let x = 0; x <= 300; x++) {
      const y = x < 120 ? 190 - (130 * x) / 120 : 60 - (40 * (x - 120)) / 180;
      expect(x > one.left && x < one.right && y > one.top && y < one.bottom).toBe(false);
    }
  });
});

it("leaves out a name without room", () => {
  expect(placeNames([{ x: 150, y: 100, halfWidth: 400 }], { area, lines: [], unit: 1 })).toEqual([undefined]);
});
