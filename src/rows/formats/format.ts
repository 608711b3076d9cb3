import type { JsonPath } from "../../text/json.js";
import type { Observations } from "./observations.js";
import type { Row } from "./values.js";

/** The context of a row: the folders of its file, and values of the document around it. */
export interface Context {
  /** Names of the folders above the file, its own name last. */
  path: readonly string[];
  /** Values that the format asked for in `around`, once the document has shown them. */
  around: Row;
}

/** A file format of another tool. */
export interface Format {
  name: string;
  /** Whether each row is one call of one model: a log of traffic. */
  isLog?: boolean;
  /** Where the rows of a JSON document may be, such as `["results", "results", "*"]`. */
  rows?: readonly JsonPath[];
  /** Values above the rows of a JSON document that `read` needs, each by its key at the top. */
  around?: readonly string[];
  /**
   * Whether rows (or the document, if `rows` is given) with these keys at the top have this format. `first`: the first
   * row, where it is known.
   */
  isLike: (keys: ReadonlySet<string>, first?: Row) => boolean;
  /** With `rows`: whether an object with these keys is a row, so that the file has one a line, or in an array. */
  isRow?: (keys: ReadonlySet<string>) => boolean;
  /**
   * Chooses the files of a folder to read, as paths with "/": lists of alternatives, of which the first that is
   * usable is read. Undefined: none.
   */
  files?: (all: readonly string[]) => readonly (readonly string[])[];
  /** Whether a CSV file may have several columns of one name; the others are then read as name#2, name#3, …. */
  repeatsColumns?: boolean;
  /** Why a document with these values `around` its rows is not used; undefined: it is. */
  refuses?: (around: Row) => string | undefined;
  /** Passes the row's observations to `sink`. */
  read: (row: Row, sink: Observations, context: Context) => void;
}
