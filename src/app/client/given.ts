import { bytes } from "./amounts.js";
import type { Given } from "../messages.js";

/** Files that belong together: one file, or a folder that is read as one table. */
export interface Rows {
  /** The file or folder, as commands and errors name it. */
  path: string;
  files: Given[];
}

/** What a file would be called that the readers take for standard input. */
const STDIN = "-";
/** Several files that were chosen together. */
const TOGETHER = "files";

/** Files from a control: of a folder with their place in it. */
export function rowsOf(list: Iterable<File>): Rows | undefined {
  const files = [...list].map((file) => ({ path: pathOf(file), file }));
  return together(files);
}

/** Files and folders that were dropped. */
export async function droppedRows(transfer: DataTransfer): Promise<Rows | undefined> {
  // All entries are asked for at once: the list is empty later.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return rowsOf(transfer.files);
  return together((await Promise.all(entries.map(filesOf))).flat());
}

/** How files are called on the page. */
export function titleOf({ path, files }: Rows): string {
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  return files.length === 1 ? `${path}, ${bytes(size)}` : `${path}: ${files.length} files, ${bytes(size)}`;
}

function together(files: Given[]): Rows | undefined {
  if (files.length === 0) return undefined;
  const [{ path }] = files;
  const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : undefined;
  if (folder !== undefined && files.every((one) => one.path.startsWith(`${folder}/`)))
    return { path: folder, files };
  if (files.length === 1) return { path, files };
  return { path: TOGETHER, files: files.map((one) => ({ ...one, path: `${TOGETHER}/${one.path}` })) };
}

function pathOf({ name, webkitRelativePath }: File): string {
  if (webkitRelativePath !== "") return webkitRelativePath;
  return name === STDIN ? `./${name}` : name;
}

/** Files of several uses. One whose path another has already gets a folder of its own name before it. */
export function apart<Use extends string>(
  uses: Partial<Record<Use, Rows>>,
): { files: Given[]; paths: Partial<Record<Use, string>> } {
  const files: Given[] = [];
  const paths: Partial<Record<Use, string>> = {};
  const taken = new Set<string>();
  for (const use of Object.keys(uses) as Use[]) {
    const rows = uses[use];
    if (rows === undefined) continue;
    const before = taken.has(rows.path) ? `${use}/` : "";
    taken.add(rows.path);
    paths[use] = before + rows.path;
    files.push(...rows.files.map(({ path, file }) => ({ path: before + path, file })));
  }
  return { files, paths };
}

async function filesOf(entry: FileSystemEntry): Promise<Given[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: path === STDIN ? `./${path}` : path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Given[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(filesOf))).flat());
  }
}
