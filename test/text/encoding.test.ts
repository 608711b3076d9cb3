import { describe, expect, it } from "vitest";
import { asUtf8 } from "../../src/text/encoding.js";
import { inPieces } from "./pieces.js";

async function text(bytes: Buffer, length: number): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of asUtf8(inPieces(bytes, length), "rows.csv")) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

const bigEndian = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

describe("asUtf8", () => {
  const rows = "id,query\r\n1,Grüße 🎉\r\n";
  const utf16 = Buffer.from(rows, "utf16le");
  const marked = Buffer.from(`\ufeff${rows}`, "utf16le");

  it.each([
    ["UTF-16 with a mark", marked],
    ["UTF-16 without a mark", utf16],
    ["big-endian UTF-16 with a mark", bigEndian(marked)],
    ["big-endian UTF-16 without a mark", bigEndian(utf16)],
    ["UTF-8", Buffer.from(rows)],
  ])("reads %s, however it is cut", async (_, bytes) => {
    for (const length of [1, 3, 1000]) expect(await text(bytes, length)).toBe(rows);
  });

  it("refuses UTF-32, and UTF-16 that ends within a character", async () => {
    await expect(text(Buffer.from([0xff, 0xfe, 0, 0, 105, 0, 0, 0]), 9)).rejects.toThrow(
      "rows.csv is UTF-32",
    );
    await expect(text(marked.subarray(0, 9), 9)).rejects.toThrow("rows.csv: not valid UTF-16");
  });
});
