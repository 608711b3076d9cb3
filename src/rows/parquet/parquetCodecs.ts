import { snappyUncompress, type CompressionCodec, type Compressors, type FileMetaData } from "hyparquet";
import { grown, type ReadBuffers } from "./buffers.js";
import { SIZE_LIMIT } from "./parquetFile.js";
import { snappyLength } from "./snappy.js";

/** The codecs that a file needs besides snappy. They are loaded on demand. */
export async function codecsOf(metadata: FileMetaData): Promise<Compressors> {
  const used = new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((c) => c.meta_data?.codec)));
  const isRare = [...used].some((codec) => codec !== "UNCOMPRESSED" && codec !== "SNAPPY");
  return isRare ? (await import("hyparquet-compressors")).compressors : {};
}

/**
 * Unpacks a page into a buffer that ends where the page does. Bytes of snappy or without a codec go into `buffers`.
 *
 * @param length Size of the page as its header claims it. It is checked before memory is allocated.
 */
export function unpacked(
  packed: Buffer,
  length: number,
  codec: CompressionCodec,
  codecs: Compressors,
  buffers: ReadBuffers,
): Uint8Array {
  if (codec === "UNCOMPRESSED") {
    const page = pageBuffer(buffers, packed.length);
    page.set(packed);
    return page;
  }
  // A page of blanks alone; some decoders refuse an empty text.
  if (length === 0) return packed.subarray(0, 0);
  if (!(length >= 0 && length <= SIZE_LIMIT)) throw new Error("a page is larger than 256 MiB");
  if (codec === "SNAPPY") {
    if (length !== snappyLength(packed)) throw new Error("a page that cannot have its claimed size");
    const page = pageBuffer(buffers, length);
    snappyUncompress(packed, page);
    return page;
  }
  const unpack = codecs[codec];
  if (!unpack) throw new Error(`pages packed with ${codec}`);
  const page = unpack(packed, length);
  if (page.length !== length) throw new Error(`a page of ${page.length} bytes, not ${length}`);
  return page.byteOffset + length === page.buffer.byteLength ? page : page.slice();
}

/** Room for a page at the end of a buffer that all pages share. */
function pageBuffer(buffers: ReadBuffers, length: number): Buffer {
  // Numbers of 8 bytes are read in place if they are aligned.
  buffers.page = grown(buffers.page, 8 * Math.ceil(length / 8));
  return buffers.page.subarray(buffers.page.length - length);
}
