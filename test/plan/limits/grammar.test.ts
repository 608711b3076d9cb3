import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import {
  parseGroupFloor,
  parseLatency,
  parseLatencyOf,
  parseLimit,
  parseShare,
  parseSpend,
} from "../../../src/plan/limits/grammar.js";
import { matches } from "../../../src/plan/limits/pattern.js";
import { limitText, type LimitSpec } from "../../../src/plan/limits/spec.js";

/** The error of a text. */
function refusal(parse: (text: string) => unknown, text: string): InputError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error(`${text} was read`);
}

describe("what limits say", () => {
  const total = { as: "total", side: "atMost" } as const;
  it.each<[(text: string) => LimitSpec, string, LimitSpec]>([
    [parseLimit, "gpt-4o: 20000 queries", { ...total, measure: "queries", value: 20000, models: "gpt-4o" }],
    [parseLimit, "openai/*: 3e8 tokens", { ...total, measure: "tokens", value: 3e8, models: "openai/*" }],
    [parseLimit, "gpt-4o: 500 rpm for 8h", { ...total, measure: "queries", value: 240000, models: "gpt-4o" }],
    [parseLimit, "a: 90000 tpm for 30min", { ...total, measure: "tokens", value: 2700000, models: "a" }],
    [parseLimit, "a: at least 10 rpd for 2d", { measure: "queries", as: "total", side: "atLeast", value: 20, models: "a" }],
    [parseLimit, "ollama:chat:llama3.1:8b: 5 rps for 1h", { ...total, measure: "queries", value: 18000, models: "ollama:chat:llama3.1:8b" }],
    [parseLimit, "a: b, c: $1.5", { ...total, measure: "cost", value: 1.5, models: "a: b, c" }],
    [parseSpend, "openai/*: at least $500", { measure: "cost", as: "total", side: "atLeast", value: 500, models: "openai/*" }],
    [parseShare, "small >= 30%", { measure: "queries", as: "share", side: "atLeast", value: 0.3, models: "small" }],
    [parseShare, "small at most 0.3 of spend", { measure: "cost", as: "share", side: "atMost", value: 0.3, models: "small" }],
    [parseGroupFloor, "language: 80%", { measure: "accuracy", as: "mean", side: "atLeast", value: 0.8, group: { column: "language" } }],
    [parseGroupFloor, "language=fr: 80%", { measure: "accuracy", as: "mean", side: "atLeast", value: 0.8, group: { column: "language", value: "fr" } }],
    [parseLatency, "mean <= 1.2s", { measure: "latency", as: "mean", side: "atMost", value: 1.2 }],
    [parseLatency, "slow: total <= 8h", { measure: "latency", as: "total", side: "atMost", value: 28800, models: "slow" }],
  ])("%o reads %s", (parse, text, spec) => {
    expect(parse(text)).toEqual(spec);
  }); // prettier-ignore

  it("reads the last = of a latency as its end", () => {
    expect(parseLatencyOf("a=b=800ms")).toEqual({ models: "a=b", seconds: 0.8 });
  });
});

describe("errors", () => {
  it.each<[(text: string) => unknown, string, string]>([
    [parseLimit, "gpt-4o: 20000 querys", "querys"],
    [parseLimit, "gpt-4o: 20,000 queries", "20,000"],
    [parseLimit, "gpt-4o: 20.000 queries", "20.000"],
    [parseLimit, "gpt-4o: 500 rpm", ""],
    [parseLimit, "gpt-4o: 500 rpm for 0h", "0h"],
    [parseLimit, "gpt-4o: 500 rpm for 8x", "x"],
    [parseLimit, "gpt-4o: most 5 queries", "most"],
    [parseLimit, "gpt-4o: 5 queries a day", "a"],
    [parseLimit, "gpt-4o: 1e300 queries", "1e300"],
    [parseSpend, "gpt-4o: $5", "$5"],
    [parseShare, "small >= 130%", "130%"],
    [parseShare, "small >= 30% of money", "money"],
    [parseLatency, "mean 1.2s", "1.2s"],
    [parseLatency, "median <= 1.2s", "median"],
    [parseGroupFloor, "language: 80 percent", "80"],
  ])("%o of %s point at the place", (parse, text, part) => {
    const { message, details } = refusal(parse, text);
    const { at, length } = details as { at: number; length: number };
    expect(text.slice(at, at + length)).toBe(part);
    expect(message).toContain(part === "" ? "at its end" : `at "${part}" (character ${at + 1})`);
  });

  it("point at what any damage leaves unread, and refuse in linear time", () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[a-z*: $<>=%.0-9]{0,60}$/));
    const parsers = [parseLimit, parseShare, parseSpend, parseGroupFloor, parseLatency, parseLatencyOf];
    fc.assert(
      fc.property(texts, fc.constantFrom(...parsers), (text, parse) => {
        try {
          parse(text);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          const { at } = error.details as { at: number };
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    for (const long of [
      "a: ".repeat(1e5),
      `${" ".repeat(1e5)}: 5`,
      ">=".repeat(1e5),
      `a: ${"9".repeat(1e5)}`,
    ])
      for (const parse of parsers) expect(() => parse(long)).toThrow(/more than 1000 characters/);
  });
});

describe("round trip", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 1e9, noNaN: true }));
  const share = fc.oneof(
    fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
    fc.double({ min: 1e-6, max: 1, noNaN: true }),
  );
  // No name ends or begins with a blank, or holds what separates a share.
  const name = fc.stringMatching(/^[a-z*][a-z:,/* .$0-9=-]{0,20}[a-z*0-9]$/);
  const side = fc.constantFrom("atMost" as const, "atLeast" as const);
  const counted = fc.constantFrom("queries" as const, "tokens" as const, "cost" as const);
  const check = (specs: fc.Arbitrary<LimitSpec>, parse: (text: string) => LimitSpec) =>
    fc.assert(
      fc.property(specs, (spec) => {
        const again = parse(limitText(spec));
        expect({ ...again, value: 0 }).toEqual({ ...spec, value: 0 });
        expect(Math.abs(again.value - spec.value)).toBeLessThanOrEqual(1e-14 * spec.value);
        expect(limitText(parse(limitText(again)))).toBe(limitText(again));
      }),
      { seed: 1 },
    );

  it("gives limits back", () => {
    const as = fc.constant("total" as const);
    check(fc.record({ measure: counted, as, side, value, models: name }), parseLimit);
  });

  it("gives shares back", () => {
    const as = fc.constant("share" as const);
    check(fc.record({ measure: counted, as, side, value: share, models: name }), parseShare);
  });

  it("gives floors and latencies back", () => {
    const column = fc.stringMatching(/^[a-z][a-z_.: -]{0,10}[a-z]$/);
    const group = fc.oneof(fc.record({ column }), fc.record({ column, value: name }));
    const floor = { measure: fc.constant("accuracy" as const), as: fc.constant("mean" as const) };
    check(fc.record({ ...floor, side, value: share, group }), parseGroupFloor);
    const as = fc.constantFrom("mean" as const, "total" as const);
    check(fc.record({ measure: fc.constant("latency" as const), as, side, value }), parseLatency);
  });
});

describe("patterns", () => {
  it("match as their regular expressions do", () => {
    const text = fc.stringMatching(/^[ab*]{0,8}$/);
    const plain = fc.stringMatching(/^[ab]{0,8}$/);
    fc.assert(
      fc.property(text, plain, (pattern, name) => {
        expect(matches(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
