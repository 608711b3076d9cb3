import { describe, expect, it } from "vitest";
import { unzstd } from "../../src/text/zstd.js";
import { inPieces } from "./pieces.js";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame of stored blocks, with a window of 1 KiB and no checksum. */
function stored(...texts: string[]): Buffer {
  const blocks = texts.map((text, i) => {
    const head = Buffer.alloc(3);
    head.writeUIntLE(text.length * 8 + (i === texts.length - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([head, Buffer.from(text)]);
  });
  return Buffer.concat([Buffer.from([...MAGIC, 0, 0]), ...blocks]);
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
/** What the tool zstd makes of "id,query\n" and forty lines "1,hello\n", with a checksum. */
const PACKED = Buffer.from("KLUv/QRYvQAAgGlkLHF1ZXJ5CjEsaGVsbG8BAGymliV0UvwQ", "base64");

async function text(bytes: Buffer, length = 1000): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of unzstd(inPieces(bytes, length), "rows.zst")) pieces.push(piece.toString());
  return pieces.join("");
}

describe("unzstd", () => {
  it("reads what the tool zstd writes, however it is cut", async () => {
    for (const length of [1, 7, 1000])
      expect(await text(PACKED, length)).toBe(`id,query\n${"1,hello\n".repeat(40)}`);
  });

  it("reads several frames, of several blocks, and passes over skippable ones", async () => {
    const all = Buffer.concat([skippable, stored("a", "bc"), PACKED, skippable, stored("d")]);
    expect(await text(all, 5)).toBe(`abcid,query\n${"1,hello\n".repeat(40)}d`);
  });

  it("holds a block at a time, however much a frame unpacks to", async () => {
    // Each block of 4 bytes is a run of 128 KiB.
    const head = Buffer.from([2 + 0, 0, 0x10]);
    const run = Buffer.concat([head, Buffer.from("x")]);
    const blocks = Array.from({ length: 2000 }, () => run);
    const bomb = Buffer.concat([Buffer.from([...MAGIC, 0, 56]), ...blocks]);
    let largest = 0;
    const pieces = unzstd(inPieces(bomb, bomb.length), "rows.zst")[Symbol.asyncIterator]();
    for (let i = 0; i < 100; i++) largest = Math.max(largest, ((await pieces.next()).value as Buffer).length);
    await pieces.return(undefined);
    expect(largest).toBe(2 ** 17);
  });

  it.each<[string, Buffer, string]>([
    ["a stream that is cut", PACKED.subarray(0, -6), "rows.zst: truncated zstd"],
    [
      "other bytes after a frame",
      Buffer.concat([stored("a"), Buffer.from("more")]),
      "rows.zst: damaged zstd",
    ],
    ["a window above 128 MiB", Buffer.from([...MAGIC, 0, 0x90, 1, 0, 0]), "zstd -d --long=31"],
    ["a dictionary", Buffer.from([...MAGIC, 1, 0, 7, 1, 0, 0]), "needs a dictionary"],
    ["a block of an unknown type", Buffer.from([...MAGIC, 0, 0, 0x0f, 0, 0, 1]), "rows.zst: damaged zstd"],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(text(bytes)).rejects.toThrow(message);
  });
});
