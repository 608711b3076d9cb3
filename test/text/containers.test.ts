import { describe, expect, it } from "vitest";
import { refuseContainer } from "../../src/text/containers.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const padded = (at: number, text: string): Buffer =>
  Buffer.concat([Buffer.alloc(at), bytes(text), Buffer.alloc(600)]);

describe("refuseContainer", () => {
  it.each<[string, Buffer, string]>([
    ["xlsx", bytes("PK\x03\x04\x14\0\x06\0..[Content_Types].xml.."), "an Excel workbook (.xlsx)"],
    [
      "ods",
      bytes("PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
      "a LibreOffice document",
    ],
    ["npz", bytes("PK\x03\x04\x14\0..scores.npyx"), "a NumPy archive (.npz)"],
    ["zip", bytes("PK\x03\x04\x14\0..rows.csv"), "a zip archive"],
    ["xls", bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), "save the sheet as CSV"],
    ["sqlite", bytes("SQLite format 3\0\x10\0"), "sqlite3 -header -csv FILE"],
    ["duckdb", Buffer.concat([Buffer.alloc(8), bytes("DUCK\x40\0\0")]), "a DuckDB database"],
    ["xz", bytes("\xfd7zXZ\0\0\x04"), "xz -d FILE"],
    ["bzip2", bytes("BZh91AY&SYabc"), "bzip2 -d FILE"],
    ["lz4", bytes("\x04\x22\x4d\x18d@"), "lz4 -d FILE"],
    ["7z", bytes("7z\xbc\xaf\x27\x1c\0\x04"), "7z x FILE"],
    ["rar", bytes("Rar!\x1a\x07\x01\0"), "unrar x FILE"],
    ["tar", padded(257, "ustar\x0000"), "tar -xf FILE"],
    ["hdf5", bytes("\x89HDF\r\n\x1a\n\0"), "HDF5; save it as Parquet"],
    ["arrow file", bytes("ARROW1\0\0\xff"), "Arrow or Feather"],
    ["arrow stream", bytes("\xff\xff\xff\xffx\0\0"), "Arrow or Feather"],
    ["feather", bytes("FEA1\0\0\0"), "Arrow or Feather"],
    ["orc", bytes("ORC\x0a\x03\0\0"), "ORC; save it as Parquet"],
    ["avro", bytes("Obj\x01\x04"), "Avro"],
    ["npy", bytes("\x93NUMPY\x01\0v\0"), "a NumPy array"],
    ["Git LFS", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:1\n"), "git lfs pull"],
    ["html", bytes("\n<!DOCTYPE html><html>"), "a web page"],
    ["pdf", bytes("%PDF-1.7"), "a PDF"],
    ["R", bytes("RDX3\nX\n\0\0"), "R data"],
    ...["\x80\x02}q\0.", "\x80\x03]q\0.", "\x80\x04\x95", "\x80\x05\x95"].map(
      (text) => ["pickle", bytes(text), "a Python pickle"] as [string, Buffer, string],
    ),
    ["pickle 0 of a list", bytes("(lp0\nI1\na."), "a Python pickle"],
    ["pickle 0 of a class", bytes("ccopy_reg\n_reconstructor\np0\n"), "a Python pickle"],
    ["pickle 1", bytes("}q\0(U\x01aq\x01K\x01u."), "a Python pickle"],
  ])("names %s", (_, head, what) => {
    expect(() => refuseContainer(head, "rows")).toThrow(what);
  });

  it.each([
    "id,query\n1,PK\n",
    "ORCHESTRA,DUCK\n",
    "BZh,RDX,LZIP\n",
    "RDX2,q\n",
    "PAR1,q\n",
    "Obj,x\n",
    "7z;a\n",
    "count\nrows\n",
    '{"a":1}',
    "[]",
    "(lp,a)\n",
    "version,x\n",
    "céu,x\n",
  ])("takes %j for text", (text) => expect(() => refuseContainer(Buffer.from(text), "rows")).not.toThrow());
});
