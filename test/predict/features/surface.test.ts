import { describe, expect, it } from "vitest";
import { fitSurface, SURFACE_FEATURES, writeSurface } from "../../../src/predict/features/surface.js";

const at = (name: (typeof SURFACE_FEATURES)[number]): number => SURFACE_FEATURES.indexOf(name);

describe("surface features", () => {
  it("are standardised by the fitted texts: worked by hand", () => {
    // Shares of digits 0 and 1/2: mean 1/4, deviation 1/4. One question mark of two texts.
    const scale = fitSurface(["ab", "1?"]);
    expect(scale.mean[at("digits")]).toBeCloseTo(0.25, 14);
    expect(scale.deviation[at("digits")]).toBeCloseTo(0.25, 14);
    const row = new Float32Array(SURFACE_FEATURES.length + 2).fill(7);
    writeSurface("1?", scale, row, 1);
    const one = 0.3 / Math.sqrt(SURFACE_FEATURES.length);
    expect(row[1 + at("digits")]).toBeCloseTo(one, 6);
    expect(row[1 + at("question mark")]).toBeCloseTo(one, 6);
    expect(row[1 + at("log length")]).toBe(0);
    expect([row[0], row[row.length - 1]]).toEqual([7, 7]);
  });

  it("are clipped, and zeros for a blank text", () => {
    const scale = fitSurface(["ab", "ab cd", "ab c"]);
    const row = new Float32Array(SURFACE_FEATURES.length);
    writeSurface("x".repeat(1e6), scale, row, 0);
    expect(Math.max(...row)).toBeCloseTo((3 * 0.3) / Math.sqrt(SURFACE_FEATURES.length), 6);
    row.fill(0);
    writeSurface(" \n\t", scale, row, 0);
    expect(row.every((x) => x === 0)).toBe(true);
  });

  it("count numbers, words and marks: worked by hand", () => {
    // Scale 0 … 1: what stands in the row is the log count itself, shortened.
    const scale = {
      mean: new Float64Array(SURFACE_FEATURES.length),
      deviation: new Float64Array(SURFACE_FEATURES.length).fill(1),
    };
    const row = new Float32Array(SURFACE_FEATURES.length);
    writeSurface("a1-22: x/y [7] b=3,4.5", scale, row, 0);
    const count = (name: (typeof SURFACE_FEATURES)[number]): number =>
      Math.round(Math.expm1((row[at(name)] * Math.sqrt(SURFACE_FEATURES.length)) / 0.3));
    expect(count("log words")).toBe(4);
    expect(count("log letter runs")).toBe(4);
    expect(count("log longest word")).toBe(7);
    expect(count("log numbers")).toBe(6);
    expect(count("log words with digits")).toBe(3);
    expect(count("log words with digits and letters")).toBe(2);
    expect(count("log punctuation")).toBe(8);
    expect(count("log equals signs")).toBe(1);
    expect(count("log colons")).toBe(1);
    expect(count("log slashes")).toBe(1);
    expect(count("log dots")).toBe(1);
    expect(count("log commas")).toBe(1);
    expect(count("log brackets")).toBe(1);
    expect(count("log dashes")).toBe(1);
  });
});
