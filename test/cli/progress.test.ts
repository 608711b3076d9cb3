import { describe, expect, it } from "vitest";
import { Progress } from "../../src/cli/progress.js";

/** What is printed when phases report at these times. */
function printed(
  isTerminal: boolean,
  reports: [ms: number, phase: string, done: number, total: number][],
): string[] {
  const lines: string[] = [];
  let now = 0;
  const io = {
    out: () => undefined,
    err: (text: string) => lines.push(text),
    isTerminal,
    signal: new AbortController().signal,
  };
  const progress = new Progress(io, false, () => now);
  for (const [ms, phase, done, total] of reports) {
    now = ms;
    progress.update({ phase, done, total });
  }
  return lines;
}

describe("progress in a log", () => {
  it("is a line for each phase, then one every ten seconds with the time left", () => {
    expect(
      printed(false, [
        [0, "read", 0, 10],
        [9_000, "read", 3, 10],
        [12_000, "read", 4, 10],
        [13_000, "fit", 0, 2],
        [14_000, "fit", 1, 2],
      ]),
    ).toEqual(["reading 0 %\n", "reading 40 %, 18 s left\n", "comparing methods 0 %\n"]);
  });

  it("gives minutes and hours for long work, and nothing for what is done", () => {
    expect(
      printed(false, [
        [0, "a", 0, 1000],
        [10_000, "a", 10, 1000],
        [20_000, "a", 1, 1000],
        [30_000, "a", 1000, 1000],
      ]),
    ).toEqual(["a 0 %\n", "a 1 %, 17 min left\n", "a 0 %, 6 h left\n", "a 100 %\n"]);
  });

  it("guesses no time where the total is unknown", () => {
    expect(
      printed(false, [
        [0, "read", 0, 0],
        [20_000, "read", 5_000, 0],
      ]),
    ).toEqual(["reading\n", "reading 5,000\n"]);
  });
});

it("is a bar on a terminal, drawn over itself", () => {
  const lines = printed(true, [
    [0, "fit", 0, 4],
    [50, "fit", 1, 4],
    [2_000, "fit", 2, 4],
  ]);
  expect(lines).toEqual([
    `\r\u001b[2K[${".".repeat(24)}] comparing methods 0 %`,
    `\r\u001b[2K[${"#".repeat(12)}${".".repeat(12)}] comparing methods 50 %, 2 s left`,
  ]);
});
