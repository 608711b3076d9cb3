import { expect, it } from "vitest";
import { intervalsText, table, tableText, wrap } from "../../../src/report/terminal/table.js";

it("pads the first column to the left and the others to the right", () => {
  expect(
    table([
      ["", "cost"],
      ["a long name", "$1.00"],
      ["b", "$10.00"],
    ]),
  ).toBe("               cost\na long name   $1.00\nb            $10.00\n");
});

it("writes a report's table with the page's numbers, and foreign names without control characters", () => {
  const text = tableText({
    heading: "The models",
    text: "What it means.",
    columns: [
      { title: "model", unit: "text" },
      { title: "cost", unit: "dollars" },
      { title: "share of \u001b[31m", unit: "percent" },
    ],
    rows: [
      ["evil\u001b[2J\u202e", 0.5, null],
      ["b", 2, 0.25],
    ],
  });
  expect(text).toBe(
    [
      "The models",
      "model                   cost  share of \\u001b[31m",
      "evil\\u001b[2J\\u202e  $0.5000                    –",
      "b                      $2.00              25.00 %",
      "What it means.\n",
    ].join("\n"),
  );
});

it("writes intervals, also those that nothing reaches", () => {
  const rows = [
    { name: "a", estimate: 0.01, low: -0.02, high: 0.03 },
    { name: "b", estimate: null, low: null, high: 0.5 },
  ];
  expect(intervalsText({ heading: "How sure?", text: "T.", groups: [{ title: "Gain", rows }] })).toBe(
    [
      "How sure?",
      "Gain         gain         95 % interval",
      "a           +1.00         −2.00 … +3.00",
      "b     not reached  not reached … +50.00",
      "T.\n",
    ].join("\n"),
  );
});

it("breaks text at spaces before column 100 and keeps a longer word whole", () => {
  const text = wrap(`${"word ".repeat(60)}${"x".repeat(120)} end`);
  const lines = text.trimEnd().split("\n");
  expect(lines.filter((line) => line.length > 100)).toEqual([`  ${"x".repeat(120)}`]);
  expect(text.split(/\s+/).filter((word) => word !== "")).toEqual([
    ...Array<string>(60).fill("word"),
    "x".repeat(120),
    "end",
  ]);
});

it("keeps a number and its % on one line", () => {
  const text = wrap(`${"x".repeat(94)} 63.27 % of all`);
  expect(text).toBe(`${"x".repeat(94)}\n  63.27 % of all\n`);
});
