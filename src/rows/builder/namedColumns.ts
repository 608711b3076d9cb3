import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { field, literalIn, textOfChat } from "../formats/values.js";
import { idColumnOf, TEXT_EXPECTED, textColumnOf, textRank } from "./knownColumns.js";

/** Columns that an error names at most. */
const SHOWN_COLUMNS = 20;

/** Which of a file's columns hold the ids and the texts. */
export class NamedColumns {
  private readonly seen = new Set<string>();
  private idColumn: string | undefined;
  private textColumn: string | undefined;

  /** `asked`: the column of texts, in files that have it. */
  constructor(private readonly asked: string | undefined) {}

  /** The file's columns as far as they are known. What is found first stays. */
  announce(columns: readonly string[]): void {
    for (const column of columns) this.see(column);
    this.idColumn ??= idColumnOf(columns);
    this.textColumn ??= textColumnOf(columns, this.asked);
  }

  /** Whether a column holds the ids or the texts. */
  kindOf(column: string): "id" | "query" | undefined {
    this.see(column);
    this.idColumn ??= idColumnOf([column]);
    if (column === this.asked || textRank(column) !== undefined) this.textColumn ??= column;
    if (column === this.idColumn) return "id";
    return column === this.textColumn ? "query" : undefined;
  }

  /**
   * Says which columns were taken and which texts are blank.
   *
   * @throws InputError where texts are needed and there is none, naming the columns.
   */
  check(
    queries: readonly string[],
    file: string,
    areNeeded: boolean,
    note: (what: string, times: number) => void,
  ): void {
    const { textColumn, idColumn } = this;
    const blank = queries.reduce((count, text) => count + (isBlank(text) ? 1 : 0), 0);
    if (idColumn !== undefined && idColumn !== "id")
      note(`id from column ${shown(idColumn)}`, queries.length);
    if (blank === queries.length) {
      const why =
        textColumn === undefined ? this.columns() : `column ${shown(textColumn)} is blank in every row`;
      if (areNeeded) throw noTexts(file, why);
      note(`row without a text (${why})`, blank);
      return;
    }
    if (textColumn !== undefined && textColumn !== "query")
      note(`text from column ${shown(textColumn)}`, queries.length - blank);
    if (blank > 0) note("blank text", blank);
  }

  private see(column: string): void {
    if (this.seen.size <= SHOWN_COLUMNS) this.seen.add(column);
  }

  /** Names the columns that were seen, for error messages. */
  columns(): string {
    const names = [...this.seen].slice(0, SHOWN_COLUMNS).map(shown);
    return `its columns are ${names.join(", ")}${this.seen.size > SHOWN_COLUMNS ? ", …" : ""}`;
  }
}

function isBlank(text: string): boolean {
  return text === "" || text.trim() === "";
}

/** What is wrong with a file without texts. `why` names its columns. */
export function noTexts(file: string, why: string): InputError {
  return new InputError(
    `${file} has no texts to predict from: ${why}; expected ${TEXT_EXPECTED}, the name of another with` +
      " --query-column, vectors, or --predictor base-rate",
    { file },
  );
}

/** The text of a query from a CSV cell or a JSON value: a text, or the messages of a chat; undefined for others. */
export function textOfQuery(column: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return chatText(value);
  if (typeof value !== "string") return undefined;
  const isChat = column.trim().toLowerCase() === "messages" && value.trimStart().startsWith("[");
  const messages = isChat ? literalIn(value) : undefined;
  return (Array.isArray(messages) ? chatText(messages) : undefined) ?? value;
}

/** The messages of a chat from a CSV cell or a JSON value, as they are; undefined where it is no list of messages. */
export function messagesIn(value: unknown): unknown[] | undefined {
  const list = typeof value === "string" && value.trimStart().startsWith("[") ? literalIn(value) : value;
  const isChat = Array.isArray(list) && list.length > 0;
  return isChat && list.every((message) => typeof field(message, "role") === "string") ? list : undefined;
}

function chatText(messages: unknown): string | undefined {
  const text = textOfChat(messages);
  return text === "" && Array.isArray(messages) && messages.length > 0 ? undefined : text;
}
