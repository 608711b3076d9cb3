import type { BucketNumbers } from "../../core/predict/bucketTables.js";
import { stepColumns } from "../../core/predict/postings.js";
import type { SteppedMatrix } from "../../core/predict/steppedMatrix.js";
import type { FittedTexts } from "../features/features.js";
import { numbersAt, placesIn } from "./postings.js";

/**
 * A projection as the rows of the fitted texts times a small matrix: that takes a twentieth of its bytes. The product is rounded
 * in another order than in the fit, so some bytes differ by one: these are listed.
 */
export interface PackedProjection extends Pick<SteppedMatrix, "bucket" | "columns" | "step"> {
  /** Places in `byte` that differ, and what stands there. */
  place: Uint32Array;
  byte: Int8Array;
  /** The same for `factor`. */
  row: Uint32Array;
  factor: Uint8Array;
}

export function packProjection(
  { bucket, columns, step, byte, factor }: SteppedMatrix,
  texts: FittedTexts,
  scale: BucketNumbers,
): PackedProjection {
  const again = multiply({ bucket, columns, step }, texts, scale);
  const place = differing(byte, again.byte);
  const row = differing(factor, again.factor);
  return {
    bucket,
    columns,
    step,
    place,
    byte: Int8Array.from(place, (at) => byte[at]),
    row,
    factor: Uint8Array.from(row, (r) => factor[r]),
  };
}

/** `texts`: whose postings were checked. */
export function unpackProjection(
  { place, byte, row, factor, ...shape }: PackedProjection,
  texts: FittedTexts,
  scale: BucketNumbers,
): SteppedMatrix {
  const made = multiply(shape, texts, scale);
  place.forEach((at, k) => (made.byte[at] = byte[k]));
  row.forEach((r, k) => (made.factor[r] = factor[k]));
  return made;
}

function differing(a: Int8Array | Uint8Array, b: Int8Array | Uint8Array): Uint32Array {
  const places: number[] = [];
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) places.push(i);
  return Uint32Array.from(places);
}

function multiply(
  shape: Pick<SteppedMatrix, "bucket" | "columns" | "step">,
  { postings, known, basis }: FittedTexts,
  scale: BucketNumbers,
): SteppedMatrix {
  const { bucket } = shape;
  return stepColumns(postings, basis, {
    ...shape,
    column: placesIn(known.column, bucket),
    scale: numbersAt(scale, bucket),
  });
}
