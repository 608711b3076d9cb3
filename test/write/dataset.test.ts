import { describe, expect, it } from "vitest";
import { datasetRows } from "../../src/write/dataset.js";

describe("datasetRows", () => {
  const rows = [
    {
      id: "a",
      query: 'say "hi",\nplease',
      cost: Float32Array.of(0.1, Infinity),
      score: Float32Array.of(1, NaN),
    },
  ];

  it("leaves blank what is blank", () => {
    expect([...datasetRows({ models: ["m", "n"], rows }, "csv")].join("")).toBe(
      'id,query,m__score,m__cost,n__score,n__cost\na,"say ""hi"",\nplease",1,0.1,,\n',
    );
    expect([...datasetRows({ models: ["m", "n"], rows }, "jsonl")].join("")).toBe(
      '{"id":"a","query":"say \\"hi\\",\\nplease","m__score":1,"m__cost":0.1,"n__score":null,"n__cost":null}\n',
    );
  });
});
