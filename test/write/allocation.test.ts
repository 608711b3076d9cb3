import { describe, expect, it } from "vitest";
import { allocationRows } from "../../src/write/allocation.js";

const allocation = {
  ids: ["é", 'a,"b"', "=x"],
  models: ["gpt-4", "x,y"],
  allocation: Uint8Array.of(1, 0, 1),
  cost: Float32Array.of(1, 0.0005, 0.25, 2, 3, Infinity),
  successProbability: Float32Array.of(0, 0.9, 1, 0, 0, 0.1),
};

describe("allocationRows", () => {
  const rows = [
    { id: "é", model: "x,y", cost: 0.0005, probability: 0.9 },
    { id: 'a,"b"', model: "gpt-4", cost: 0.25, probability: 1 },
    { id: "=x", model: "x,y", cost: null, probability: 0.1 },
  ];

  it("writes JSONL, a query a line", () => {
    const text = [...allocationRows(allocation, "jsonl")].join("");
    expect(text).toBe(rows.map((row) => JSON.stringify(row) + "\n").join(""));
  });

  it("writes a JSON array", () => {
    expect(JSON.parse([...allocationRows(allocation, "json")].join(""))).toEqual(rows);
  });

  it("writes CSV, quoted, with formulas disarmed", () => {
    expect([...allocationRows(allocation, "csv")].join("")).toBe(
      "id,model,cost,probability\n" + 'é,"x,y",0.0005,0.9\n"a,""b""",gpt-4,0.25,1\n' + '\'=x,"x,y",,0.1\n',
    );
  });

  it("names queries by their index where there are no ids", () => {
    const text = [...allocationRows({ ...allocation, ids: undefined }, "jsonl")].join("");
    expect(text.match(/"id":"\d"/g)).toEqual(['"id":"0"', '"id":"1"', '"id":"2"']);
  });

  it.each(["csv", "jsonl", "json"] as const)(
    "writes every row of many once, in few chunks, as %s",
    (format) => {
      const queries = 5000;
      const chunks = [
        ...allocationRows(
          {
            models: ["a"],
            allocation: new Uint8Array(queries),
            cost: new Float32Array(queries).fill(1),
            successProbability: new Float32Array(queries).fill(0.5),
          },
          format,
        ),
      ];
      expect(chunks.length).toBeLessThan(10);
      const text = chunks.join("");
      const lines = text.trimEnd().split("\n");
      const ids = { csv: /^\d+(?=,a,1,0.5$)/, jsonl: /(?<=^\{"id":")\d+/, json: /(?<=^\{"id":")\d+/ }[format];
      const found = lines.map((line) => ids.exec(line)?.[0]).filter((id) => id !== undefined);
      expect(found).toEqual(Array.from({ length: queries }, (_, q) => String(q)));
      if (format === "json") expect((JSON.parse(text) as unknown[]).length).toBe(queries);
    },
  );

  it("writes no rows as a header, nothing, or an empty array", () => {
    const none = {
      models: ["a"],
      allocation: new Uint8Array(),
      cost: new Float32Array(),
      successProbability: new Float32Array(),
    };
    expect([...allocationRows(none, "csv")].join("")).toBe("id,model,cost,probability\n");
    expect([...allocationRows(none, "jsonl")].join("")).toBe("");
    expect(JSON.parse([...allocationRows(none, "json")].join(""))).toEqual([]);
  });
});
