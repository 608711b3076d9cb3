import type { ByteRange } from "../text/bytes.js";

/** Consecutive whole rows of a file: of JSON Lines, CSV after its header, or Parquet. */
export interface RowRange extends ByteRange {
  /** Of Parquet, which row groups: from … to − 1, and how many rows are before them. */
  groups?: { from: number; to: number; rowsBefore: number };
}
