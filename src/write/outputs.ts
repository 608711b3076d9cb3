import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { InputError } from "../errors.js";
import { writeError } from "../text/fileError.js";
import { oneLine } from "../text/shown.js";
import { checkOutput } from "./file.js";
import { checkFolder } from "./folder.js";

type Paths = readonly (string | undefined)[];

/**
 * Checks all outputs of a command before its work begins: each can be written, no two are one file, and none is an
 * input or a file of an input folder. Undefined and "-" are standard output and standard input. `folders`: outputs that are new folders.
 *
 * @throws InputError naming the path and what is wrong.
 */
export async function checkOutputs(files: Paths, inputs: Paths, folders: Paths = []): Promise<void> {
  const named = (paths: Paths): string[] =>
    paths.filter((path) => path !== undefined && path !== "-") as string[];
  if (files.filter((path) => path === "-").length > 1)
    throw new InputError("two outputs cannot both go to standard output; give one a file", {});
  for (const path of named(files)) await checkOutput(path);
  for (const path of named(folders)) await checkFolder(path);
  const taken = new Map<string, string>();
  for (const path of [...named(files), ...named(folders)]) {
    const place = await placeOf(path);
    const other = taken.get(place);
    if (other !== undefined && !(await isDevice(path)))
      throw new InputError(`two outputs are one file, ${oneLine(path)}; give each its own name`, { path });
    taken.set(place, path);
  }
  for (const input of named(inputs)) {
    const output = taken.get(await placeOf(input).catch(() => resolve(input)));
    if (output !== undefined && !(await isDevice(output)))
      throw new InputError(
        `the output ${oneLine(output)} is also an input, which would be lost; give another name`,
        { path: output },
      );
    for (const path of named(files)) await refuseInside(path, input);
  }
}

/** Refuses to replace a file of a folder that is read. */
async function refuseInside(output: string, input: string): Promise<void> {
  const folder = await stat(input).catch(() => undefined);
  if (folder?.isDirectory() !== true) return;
  const file = await realpath(output).catch(() => undefined);
  if (file === undefined || !file.startsWith((await realpath(input)) + sep)) return;
  throw new InputError(
    `the output ${oneLine(output)} is one of the files of the input ${oneLine(input)}, which would be lost; give another name`,
    { path: output },
  );
}

/** The file that a path names, whatever links lead to it: device and inode where it exists, so hard links are equal. */
async function placeOf(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw writeError(error, path);
    const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return join(folder, basename(path));
  }
}

async function isDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}
