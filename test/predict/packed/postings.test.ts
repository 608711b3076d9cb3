import { describe, expect, it } from "vitest";
import { evenBuckets } from "../../../src/core/predict/bucketTables.js";
import { Featuriser } from "../../../src/predict/features/featuriser.js";
import { numbersAt, packPostings, placesIn, unpackPostings } from "../../../src/predict/packed/postings.js";
import { packProjection, unpackProjection } from "../../../src/predict/packed/projection.js";
import { toySample } from "../toy.js";

const { queries } = toySample(60);
const fitted = Featuriser.fit([...queries, "tiger tiger tiger 1 1 1 1", " "], []);

describe("packed texts", () => {
  it("give the same postings and the same projection, to the bit", async () => {
    const { scale, texts, projection } = (await fitted).state;
    const scales = numbersAt(scale, texts!.known.column);
    const packed = packPostings(texts!.postings, texts!.rows, scales)!;
    expect(packed.count).toContain(2);
    const again = unpackPostings(packed, scales);
    expect(again).toEqual(texts!.postings);
    const small = packProjection(projection, texts!, scale);
    expect(small.place.length).toBeLessThan(projection.byte.length / 100);
    expect(unpackProjection(small, { ...texts!, postings: again }, scale)).toEqual(projection);
  });

  it("keep values that do not follow from the scales as they are", async () => {
    const { texts } = (await fitted).state;
    const even = numbersAt(evenBuckets(1), texts!.known.column);
    expect(packPostings(texts!.postings, texts!.rows, even)).toBeUndefined();
  });

  it("are kept for labelled texts alone", async () => {
    const { state } = await Featuriser.fit(queries, ["one more text"], { dimensions: 4 });
    expect(state.texts).toBeUndefined();
  });

  it("find numbers in rising lists", () => {
    expect([...placesIn(Int32Array.of(2, 5, 9), Int32Array.of(0, 2, 3, 9, 10))]).toEqual([-1, 0, -1, 2, -1]);
    const numbers = { bucket: Int32Array.of(1, 4), value: Float32Array.of(7, 8), rest: 9 };
    expect([...numbersAt(numbers, Int32Array.of(0, 1, 4, 6))]).toEqual([9, 7, 8, 9]);
  });
});
