import fc from "fast-check";

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength });
const exponent = fc.oneof(
  fc.constant(""),
  fc.integer({ min: -60, max: 60 }).map((e) => `e${e}`),
  fc.integer({ min: 0, max: 400 }).map((e) => `E+${e}`),
);
const decimal = fc
  .tuple(digits(26), fc.option(digits(26)), exponent)
  .map(([whole, fraction, e]) => whole + (fraction === null ? "" : `.${fraction}`) + e);
/** Decimals of many digits around the middle of two neighbouring float32, where rounding twice goes wrong. */
const middle = fc
  .tuple(
    fc.float({ min: Math.fround(1e-12), max: Math.fround(1e12), noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map(([x, step]) => {
    const bits = new Int32Array(Float32Array.of(x).buffer);
    const next = new Float32Array(Int32Array.of(bits[0] + 1).buffer)[0];
    const half = (x + next) / 2;
    const near = new Float64Array(
      BigInt64Array.of(new BigInt64Array(Float64Array.of(half).buffer)[0] + BigInt(step)).buffer,
    )[0];
    return near.toPrecision(21);
  });
/** Numbers as files write them. */
export const written = fc.oneof(
  decimal,
  middle,
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
  fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: 0.9999999999999, max: 1.0000000000001, noNaN: true }).map((x) => x.toPrecision(18)),
);
