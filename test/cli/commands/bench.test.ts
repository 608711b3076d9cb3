import { describe, expect, it } from "vitest";
import { run } from "../run.js";

describe("bench", () => {
  it.each(["1", "2"])("prints medians in milliseconds as JSON on %s thread(s)", async (threads) => {
    const { code, out } = await run(
      ...["bench", "--queries", "3000", "--models", "4", "--threads", threads, "--json", "-q"],
    );
    expect(code).toBe(0);
    const { frontMs, fullFrontMs, chooseMs, allocateMs, points, wasmMemoryBytes, ...size } = JSON.parse(out);
    expect(size).toEqual({ queries: 3000, models: 4, threads: Number(threads) });
    for (const ms of [frontMs, fullFrontMs, chooseMs, allocateMs]) expect(ms).toBeGreaterThan(0);
    expect(points).toBeGreaterThan(100);
    expect(wasmMemoryBytes % 65_536).toBe(0);
  });

  it("prints a table for people, also of a single model", async () => {
    const { code, out } = await run("bench", "--queries", "100", "--models", "1", "-q");
    expect(code).toBe(0);
    expect(out).toMatch(/^front at buckets resolution, 1 point /m);
    expect(out).toMatch(/^allocation at one λ /m);
  });

  it.each([
    [["--repeat", "4"], /whole number from 5/],
    [["--queries", "0"], /whole number from 1/],
    [["--queries", "1000000000"], /below 2\^30/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await run("bench", ...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
