import { describe, expect, it } from "vitest";
import { frontRows } from "../../src/write/front.js";

describe("frontRows", () => {
  const front = {
    models: ["__proto__", "x,y"],
    cost: Float64Array.of(0.1, 0.30000000000000004),
    accuracy: Float64Array.of(0.5, 0.75),
    lambda: Float64Array.of(Infinity, 2.5),
    shares: Float32Array.of(1, 0, 0.3, 0.7),
  };

  it("writes JSONL and JSON, an infinite lambda as null and numbers in their own precision", () => {
    const lines =
      '{"cost":0.1,"accuracy":0.5,"lambda":null,"shares":{"__proto__":1,"x,y":0}}\n' +
      '{"cost":0.30000000000000004,"accuracy":0.75,"lambda":2.5,"shares":{"__proto__":0.3,"x,y":0.7}}\n';
    expect([...frontRows(front, "jsonl")].join("")).toBe(lines);
    expect([...frontRows(front, "json")].join("")).toBe(`[\n${lines.replace("\n", ",\n")}]\n`);
  });

  it("writes CSV with a column for each model's share", () => {
    expect([...frontRows(front, "csv")].join("")).toBe(
      'cost,accuracy,lambda,share:__proto__,"share:x,y"\n' +
        "0.1,0.5,,1,0\n0.30000000000000004,0.75,2.5,0.3,0.7\n",
    );
  });
});
