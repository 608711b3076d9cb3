import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { InputError } from "../../errors.js";
import { count } from "../../text/amounts.js";
import { fileName } from "../../text/shown.js";

const FILE_LIMIT = 100_000;

/** Files below a folder, as sorted paths with "/". Links to files are followed, those to folders are not: `onNote` says so. */
export async function filesBelow(path: string, onNote?: (text: string) => void): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  const skipped: string[] = [];
  for (const entry of entries) {
    const name = relative(path, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkToFile(entry)))) files.push(name);
    else if (entry.isSymbolicLink()) skipped.push(name);
  }
  files.sort();
  if (skipped.length > 0) {
    const others = skipped.length > 1 ? ` and ${count(skipped.length - 1)} more` : "";
    onNote?.(
      `${fileName(join(path, skipped.sort()[0]))}${others} not read: a link to a folder, or to nothing`,
    );
  }
  if (files.length > FILE_LIMIT)
    throw new InputError(`${fileName(path)} has more than ${FILE_LIMIT} files`, { file: path });
  return files;
}

async function isLinkToFile({ parentPath, name }: Dirent): Promise<boolean> {
  return stat(join(parentPath, name)).then(
    (target) => target.isFile(),
    () => false,
  );
}
