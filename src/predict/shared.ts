/** A copy of plain data whose typed arrays lie in memory that threads share, so that sending it copies none of them. */
export function share<T>(data: T): T {
  if (ArrayBuffer.isView(data)) return shareArray(data as unknown as Float32Array) as T;
  if (Array.isArray(data)) return data.map(share) as T;
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, share<unknown>(value)])) as T;
}

function shareArray(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const Type = values.constructor as new (buffer: SharedArrayBuffer) => Float32Array;
  const copy = new Type(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
