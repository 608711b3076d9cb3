import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ARRAYS, type Numbers } from "../../../src/packed.js";
import { packArray, unpackArray } from "../../../src/predict/packed/arrays.js";

/** Any bits, so that every sign, size and NaN occurs. */
const arrays = fc
  .tuple(fc.constantFrom(...Object.values(ARRAYS)), fc.uint8Array({ maxLength: 80 }))
  .map(([Type, bytes]): Numbers => {
    const whole = bytes.slice(0, bytes.length - (bytes.length % Type.BYTES_PER_ELEMENT));
    return new (Type as new (buffer: ArrayBuffer) => Numbers)(whole.buffer as ArrayBuffer);
  });

const bytesOf = (array: Numbers): number[] => [
  ...new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
];

describe("packed arrays", () => {
  it("are the same bytes when unpacked", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        const out = new (array.constructor as new (length: number) => Numbers)(array.length);
        expect(unpackArray(packArray(array), out)).toBe(true);
        expect(bytesOf(out)).toEqual(bytesOf(array));
      }),
    );
  });

  it("are refused where bytes are missing or left over", () => {
    fc.assert(
      fc.property(arrays, fc.boolean(), (array, isLonger) => {
        const packed = packArray(array);
        if (!isLonger && packed.length === 0) return;
        const wrong = isLonger ? Uint8Array.of(...packed, 1) : packed.subarray(0, -1);
        const out = new (array.constructor as new (length: number) => Numbers)(array.length);
        expect(unpackArray(wrong, out)).toBe(false);
      }),
    );
  });

  it("are refused where a whole number never ends", () => {
    expect(unpackArray(new Uint8Array(9).fill(255), new Int32Array(1))).toBe(false);
  });

  it("take a byte for each small step", () => {
    expect(packArray(Uint32Array.from({ length: 100 }, (_, k) => 1_000 + 60 * k)).length).toBe(101);
  });
});
