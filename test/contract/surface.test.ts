import { describe, expect, it } from "vitest";
import * as optllm from "../../src/index.js";
import { surfaces } from "./surface.js";

const all = surfaces();

describe.each([...all])("%s", (_, { values, types, hidden }) => {
  it("exports these names and no others", () => {
    expect({ values, types }).toMatchSnapshot();
  });

  it("exports every type that its signatures name", () => {
    expect(hidden).toEqual([]);
  });
});

it("is built from the sources that are here", () => {
  expect(all.get("optllm")!.values).toEqual(Object.keys(optllm).sort());
});
