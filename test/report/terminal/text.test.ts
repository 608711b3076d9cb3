import { expect, it } from "vitest";
import { fixed, percent } from "../../../src/report/terminal/text.js";

it("gives no sign to what rounds to nothing", () => {
  expect([-2.2e-16, -0, 0, -0.004, -1].map((x) => fixed(x, 2))).toEqual([
    "0.00",
    "0.00",
    "0.00",
    "0.00",
    "-1.00",
  ]);
  expect([-1e-9, -0.5, null].map(percent)).toEqual(["0.00 %", "-50.00 %", "-"]);
});
