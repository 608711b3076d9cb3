/** A NumPy file as NumPy 1.0 writes it. */
export function npyBytes(
  descr: string,
  shape: number[],
  values: Float32Array | Float64Array,
  order = "False",
): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write("\u0093NUMPY\u0001\u0000", "latin1");
  head.writeUInt16LE(length, 8);
  const text = Buffer.from(dict.padEnd(length - 1) + "\n", "latin1");
  return Buffer.concat([head, text, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}
