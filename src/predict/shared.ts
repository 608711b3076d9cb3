/** A copy in memory that threads share. */
export function sharedFloats(values: ArrayLike<number>): Float32Array<SharedArrayBuffer> {
  const copy = new Float32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}
