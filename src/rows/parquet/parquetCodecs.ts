import { snappyUncompress, type Compressors, type FileMetaData } from "hyparquet";
import { SIZE_LIMIT } from "./parquetFile.js";

/** What a byte of snappy may unpack to: a copy of 64 bytes takes 3. */
const SNAPPY_RATIO = 22;

/** Checks the length that a page claims to have, before room for it is made. */
export function checkPageLength(codec: string, packed: number, length: number): void {
  if (!(length >= 0 && length <= SIZE_LIMIT)) throw new Error("a page is larger than 256 MiB");
  if (codec === "SNAPPY" && length > SNAPPY_RATIO * packed) throw new Error("a page that cannot be so large");
}

/** The codecs that a file needs, none of which may unpack more than the limit. The rare ones are loaded on demand. */
export async function codecsOf(metadata: FileMetaData): Promise<Compressors> {
  const snappy = (input: Uint8Array, length: number): Uint8Array => {
    const page = new Uint8Array(length);
    snappyUncompress(input, page);
    return page;
  };
  const used = new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((c) => c.meta_data?.codec)));
  const isRare = [...used].some((codec) => codec !== "UNCOMPRESSED" && codec !== "SNAPPY");
  const rare = isRare ? (await import("hyparquet-compressors")).compressors : {};
  return Object.fromEntries(
    Object.entries({ ...rare, SNAPPY: snappy }).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        checkPageLength(codec, input.length, length);
        return unpack(input, length);
      },
    ]),
  );
}
