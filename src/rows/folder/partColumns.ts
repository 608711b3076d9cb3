import { shown } from "../../text/shown.js";

/** How many columns, and how many files, the notes name. */
const NAMED = 5;

/** The columns of the files that are one table. They are matched by name; what a file lacks is blank in its rows. */
export class PartColumns {
  private readonly files: { file: string; columns: ReadonlySet<string> }[] = [];
  private readonly all = new Set<string>();

  add(file: string, columns: ReadonlySet<string>): void {
    this.files.push({ file, columns });
    for (const column of columns) if (column !== "") this.all.add(column);
  }

  /** Tells of each column that not every file has, and how many lack it. */
  notes(note: (what: string, files: number) => void): void {
    let more = 0;
    for (const column of this.all) {
      const lacking = this.files.filter(({ columns }) => !columns.has(column));
      if (lacking.length === 0) continue;
      if (more++ >= NAMED) continue;
      const names = lacking.slice(0, NAMED).map(({ file }) => file);
      const others = lacking.length > NAMED ? ", …" : "";
      note(
        `file without the column ${shown(column)}, blank in its rows (${names.join(", ")}${others})`,
        lacking.length,
      );
    }
    if (more > NAMED) note("further column that not every file has: blank where it is missing", more - NAMED);
  }
}
