/** A linear map from hashed n-grams to a few numbers, whose rows are bytes. */
export interface SteppedMatrix {
  /** The bucket of each row. */
  bucket: Int32Array;
  columns: number;
  /** Rows × columns. A byte stands for itself times the factor of its row, times `step`. */
  byte: Int8Array;
  /** Per row, 1 … 255. */
  factor: Uint8Array;
  step: number;
}

/**
 * Rounds each row so that its greatest number is 127 steps of its factor or less; the greatest number of all is 127 steps of
 * factor 255. O(numbers).
 */
export function inSteps(bucket: Int32Array, columns: number, matrix: Float32Array): SteppedMatrix {
  const most = new Float64Array(bucket.length);
  for (let r = 0, i = 0; r < most.length; r++) {
    let greatest = 0;
    for (const end = i + columns; i < end; i++) greatest = Math.max(greatest, Math.abs(matrix[i]));
    most[r] = greatest;
  }
  const greatest = most.reduce((a, b) => Math.max(a, b), 0);
  const step = greatest / (127 * 255);
  const factor = Uint8Array.from(most, (m) => Math.max(1, Math.ceil((255 * m) / greatest)));
  const byte = new Int8Array(matrix.length);
  for (let r = 0, i = 0; r < most.length && step > 0; r++) {
    const toBytes = 1 / (factor[r] * step);
    for (const end = i + columns; i < end; i++) byte[i] = Math.round(matrix[i] * toBytes);
  }
  return { bucket, columns, byte, factor, step };
}
