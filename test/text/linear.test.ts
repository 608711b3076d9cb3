import { describe, expect, it } from "vitest";
import { scoreOf, costOf, tokensOf } from "../../src/rows/builder/cell.js";
import { AllowedModels } from "../../src/rows/builder/allowed.js";
import { modelColumn } from "../../src/rows/builder/field.js";
import { textColumnOf } from "../../src/rows/builder/knownColumns.js";
import { textOfQuery } from "../../src/rows/builder/namedColumns.js";
import { numberOf, scoreIn, truthOf } from "../../src/rows/formats/values.js";
import { meets, parseCondition } from "../../src/rows/where.js";
import { refuseContainer } from "../../src/text/containers.js";
import { CsvParser } from "../../src/text/csv.js";
import { nearest } from "../../src/text/nearest.js";
import { isDecimal, parseDecimal } from "../../src/text/number.js";
import { openingOf } from "../../src/text/opening.js";
import { oneLine, shown } from "../../src/text/shown.js";
import { csvCell } from "../../src/write/csv.js";
import { processorMs } from "../processor.js";
import { isLong } from "../runs.js";

/** Time that grows with the square of this is minutes. */
const SIZE = isLong ? 1_000_000 : 300_000;
const PIECES = [
  "1",
  "+1",
  "1.",
  ".",
  "e",
  " ",
  "\t",
  "'",
  "=",
  "<",
  ";",
  ",",
  '"',
  "\\",
  "[",
  "{",
  "(lp",
  "_",
  "\u0007",
];

function attempt(run: () => unknown): void {
  try {
    run();
  } catch {
    // Whether it is refused does not matter here.
  }
}

describe("the parsers of cells, numbers, names and conditions", () => {
  const parsers: [string, (text: string) => unknown][] = [
    ["parseDecimal", parseDecimal],
    ["isDecimal", isDecimal],
    ["scoreOf", scoreOf],
    ["costOf", costOf],
    ["tokensOf", tokensOf],
    ["numberOf", numberOf],
    ["scoreIn", scoreIn],
    ["truthOf", truthOf],
    ["csvCell", csvCell],
    ["shown", shown],
    ["oneLine", oneLine],
    ["modelColumn", modelColumn],
    ["textColumnOf", (text) => textColumnOf([text])],
    ["textOfQuery", (text) => textOfQuery("messages", text)],
    [
      "nearest",
      (text) =>
        nearest(
          text,
          Array.from({ length: 20 }, () => text),
          5,
        ),
    ],
    ["allowed_models", (text) => new AllowedModels().set(0, text)],
    ["parseCondition", parseCondition],
    ["parseCondition with a number", (text) => parseCondition(`w>=${text}`)],
    ["meets", (text) => meets({ column: "w", operator: ">=", value: "1" }, text)],
    ["CsvParser", (text) => new CsvParser("rows").push(text, 1)],
    ["openingOf", (text) => openingOf(Buffer.from(text), "rows")],
    ["refuseContainer", (text) => refuseContainer(Buffer.from(text), "rows")],
  ];
  it.each(parsers)("%s takes time in proportion to the text, whatever it holds", (_, parse) => {
    const texts = PIECES.flatMap((piece) => {
      const run = piece.repeat(SIZE / piece.length);
      return [`${run}x`, `"1${run}`];
    });
    const start = processorMs();
    for (const text of texts) attempt(() => parse(text));
    expect(processorMs() - start).toBeLessThan(20_000);
  });
});
