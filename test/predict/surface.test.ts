import { describe, expect, it } from "vitest";
import { fitSurface, SURFACE_FEATURES, writeSurface } from "../../src/predict/surface.js";

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
});
