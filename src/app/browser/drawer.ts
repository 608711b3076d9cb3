import { dirname, resolve } from "./path.js";

/** What has a path in a worker: a file that the user gave, bytes that were written here, or a folder. */
export type Entry = Blob | "folder";

/** The files of this worker. It sees no other file of the machine. */
const entries = new Map<string, Entry>([["/", "folder"]]);

/** Gives a file a path, and makes the folders above it. */
export function put(path: string, entry: Entry): void {
  const whole = resolve(path);
  for (let folder = dirname(whole); !entries.has(folder); folder = dirname(folder))
    entries.set(folder, "folder");
  entries.set(whole, entry);
}

export function find(path: string): Entry | undefined {
  return entries.get(resolve(path));
}

/** The whole paths below a folder, at any depth. */
export function below(folder: string): string[] {
  const whole = resolve(folder);
  const start = whole === "/" ? "/" : `${whole}/`;
  return [...entries.keys()].filter((path) => path.startsWith(start) && path !== whole);
}

/** Removes a path and everything below it. */
export function remove(path: string): void {
  for (const one of [resolve(path), ...below(path)]) if (one !== "/") entries.delete(one);
}

/** Gives a path and everything below it another name. */
export function move(from: string, to: string): void {
  const [old, fresh] = [resolve(from), resolve(to)];
  for (const one of [old, ...below(from)]) {
    const entry = entries.get(one);
    entries.delete(one);
    if (entry !== undefined) entries.set(fresh + one.slice(old.length), entry);
  }
}
