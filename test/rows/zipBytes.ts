import { crc32, deflateRawSync } from "node:zlib";

const METHODS = { stored: 0, deflate: 8, zstd: 93 };
export type ZipMethod = keyof typeof METHODS;

/** A zip archive of these entries. */
export function zipBytes(entries: Record<string, string | Buffer>, method: ZipMethod = "deflate"): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content);
    const packed =
      method === "deflate" ? deflateRawSync(bytes) : method === "zstd" ? zstdFrame(bytes) : bytes;
    const label = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(METHODS[method], 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(label.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), fields, label, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), fields, rest, label);
    at += 30 + label.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

/**
 * The same as a program writes it that cannot go back, and does not know how much will come: sizes stand after each
 * entry, and in the wide fields of zip64.
 */
export function streamedZipBytes(entries: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const wide = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(8 * values.length);
    values.forEach((value, k) => bytes.writeBigUInt64LE(BigInt(value), 8 * k));
    return bytes;
  };
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const label = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(45, 0);
    fields.writeUInt16LE(8, 2);
    fields.writeUInt16LE(METHODS.deflate, 4);
    fields.writeUInt16LE(label.length, 22);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(bytes));
    const part = Buffer.concat([
      ...[Buffer.from("PK\x03\x04"), fields, label, packed],
      ...[Buffer.from("PK\x07\x08"), sum, wide(packed.length, bytes.length)],
    ]);
    const listed = Buffer.from(fields);
    sum.copy(listed, 10);
    listed.fill(0xff, 14, 22);
    listed.writeUInt16LE(28, 24);
    const rest = Buffer.alloc(14);
    rest.fill(0xff, 10);
    const field = Buffer.concat([Buffer.from([1, 0, 24, 0]), wide(bytes.length, packed.length, at)]);
    directory.push(Buffer.from("PK\x01\x02\x2d\x00"), listed, rest, label, field);
    parts.push(part);
    at += part.length;
  }
  const listed = Buffer.concat(directory);
  const count = Object.keys(entries).length;
  const end = Buffer.concat([
    ...[Buffer.from("PK\x06\x06"), wide(44), Buffer.from([45, 0, 45, 0]), Buffer.alloc(8)],
    ...[wide(count, count, listed.length, at)],
    ...[Buffer.from("PK\x06\x07"), Buffer.alloc(4), wide(at + listed.length), Buffer.from([1, 0, 0, 0])],
    ...[Buffer.from("PK\x05\x06"), Buffer.alloc(4), Buffer.alloc(12, 0xff), Buffer.alloc(2)],
  ]);
  return Buffer.concat([...parts, listed, end]);
}

/** A zstd frame of one block that is not packed, at most 128 KiB. */
function zstdFrame(bytes: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(0xfd2fb528, 0);
  header[4] = 0xa0;
  header.writeUInt32LE(bytes.length, 5);
  header.writeUIntLE((bytes.length << 3) | 1, 9, 3);
  return Buffer.concat([header, bytes]);
}
