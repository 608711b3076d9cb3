import { InputError } from "../errors.js";

interface Container {
  /** What the file is and the command that helps. */
  what: string;
  magic: string | readonly number[];
  /** Where the magic begins; default 0. */
  at?: number;
  /** The file may be text throughout; the others have control characters near their beginning. */
  isText?: boolean;
}

const PICKLE = "a Python pickle, which can run code; save it as CSV or Parquet (pandas: to_csv, to_parquet)";
const LEGACY = "an Excel workbook (.xls); save the sheet as CSV UTF-8";
const ARROW = "Arrow or Feather; save it as Parquet (pandas: read_feather(…).to_parquet(…))";

/** Kinds of files that are often taken for rows. More special ones come first. */
const CONTAINERS: readonly Container[] = [
  { magic: "SQLite format 3\0", what: "a SQLite database; write a table as CSV (sqlite3 -header -csv FILE 'select * from TABLE'), or promptfoo's results with promptfoo export" }, // prettier-ignore
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], what: "packed with xz; unpack it first (xz -d FILE)" },
  { magic: "1AY&SY", at: 4, isText: true, what: "packed with bzip2; unpack it first (bzip2 -d FILE)" },
  { magic: [4, 0x22, 0x4d, 0x18], isText: true, what: "packed with lz4; unpack it first (lz4 -d FILE)" },
  { magic: [0x5d, 0, 0], what: "packed with lzma; unpack it first (xz -d FILE)" },
  { magic: [0x1f, 0x9d], isText: true, what: "packed with compress; unpack it first (uncompress FILE)" },
  { magic: "LZIP", what: "packed with lzip; unpack it first (lzip -d FILE)" },
  { magic: "7z\xbc\xaf\x27\x1c", what: "a 7-Zip archive; unpack it first (7z x FILE)" },
  { magic: "Rar!\x1a\x07", isText: true, what: "a RAR archive; unpack it first (unrar x FILE)" },
  { magic: "ustar", at: 257, what: "a tar archive; unpack it first (tar -xf FILE) and give the file or folder in it" }, // prettier-ignore
  { magic: "\x89HDF\r\n\x1a\n", what: "HDF5; save it as Parquet (pandas: read_hdf(…).to_parquet(…))" },
  { magic: "ARROW1", what: ARROW },
  { magic: "FEA1", what: ARROW },
  { magic: [0xff, 0xff, 0xff, 0xff], isText: true, what: ARROW },
  { magic: "PAR1", what: "Parquet, which cannot be read from a pipe or in gzip; give the file itself" },
  { magic: "PARE", what: "an encrypted Parquet file; save it without encryption" },
  { magic: "ORC", what: "ORC; save it as Parquet (pandas: read_orc(…).to_parquet(…))" },
  { magic: "Obj\x01", what: "Avro; save it as JSON Lines or Parquet" },
  { magic: "DUCK", at: 8, what: "a DuckDB database; write a table as Parquet (duckdb FILE \"copy TABLE to 'rows.parquet'\")" }, // prettier-ignore
  { magic: "\x93NUMPY", what: "a NumPy array; expected rows (vectors: --vectors FILE)" },
  { magic: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], what: LEGACY },
  { magic: "RDX", what: "R data; save it as CSV (R: write.csv(rows, FILE, row.names = FALSE))" },
  { magic: "X\n\0\0\0", what: "R data (.rds); save it as CSV (R: write.csv(rows, FILE, row.names = FALSE))" },
  { magic: "%PDF-", isText: true, what: "a PDF; expected rows" },
  { magic: "version https://git-lfs", isText: true, what: "a pointer of Git LFS, not the file itself; fetch it first (git lfs pull)" }, // prettier-ignore
  ...[0, 1, 2, 3, 4, 5].map((protocol) => ({ magic: [0x80, protocol], isText: true, what: PICKLE })),
];

/** Pickles of protocols 0 and 1 have no mark: a class, or a list or dictionary with its place in the memo. */
const OLD_PICKLE = /^(c[\w.]+\n\w+\n[(qp]|\((lp|dp)\d+\n|[\]}](q.|r....)[(.])/s;
const MARKUP = /^\s*<(!doctype|html|\?xml)/i;

/**
 * Refuses files that are no text, by what their first bytes show.
 *
 * @throws InputError that names the kind and the command that makes rows of it.
 */
export function refuseContainer(head: Buffer, name: string): void {
  const what = containerOf(head);
  if (what !== undefined) throw new InputError(`${name} is ${what}`, { file: name });
}

function containerOf(head: Buffer): string | undefined {
  if (hasAt(head, "PK\x03\x04", 0)) return zipOf(head);
  const isBinary = head.subarray(0, 600).some((byte) => byte < 9);
  const found = CONTAINERS.find(
    ({ magic, at = 0, isText = false }) => (isBinary || isText) && hasAt(head, magic, at),
  );
  if (found !== undefined) return found.what;
  const start = head.toString("latin1", 0, 1000);
  if (OLD_PICKLE.test(start)) return PICKLE;
  return MARKUP.test(start)
    ? "a web page or XML; expected rows (was the file downloaded logged out?)"
    : undefined;
}

function hasAt(head: Buffer, magic: string | readonly number[], at: number): boolean {
  const bytes = typeof magic === "string" ? Buffer.from(magic, "latin1") : magic;
  return head.length >= at + bytes.length && bytes.every((byte, i) => head[at + i] === byte);
}

/** Zip files that are not archives to their users. */
function zipOf(head: Buffer): string {
  const has = (text: string): boolean => head.includes(text, 0, "latin1");
  if (has("[Content_Types].xml") || has("xl/")) {
    return "an Excel workbook (.xlsx) or another Office document; save the sheet as CSV UTF-8";
  }
  if (has("vnd.oasis.opendocument")) return "a LibreOffice document; save the sheet as CSV UTF-8";
  if (has(".npy")) return "a NumPy archive (.npz); expected rows";
  if (has("data.pkl")) return "a PyTorch file, which can run code; save its rows as CSV or Parquet";
  return "a zip archive; unpack it (an Inspect .eval: inspect log convert --to json)";
}
