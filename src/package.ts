import { existsSync, readFileSync } from "node:fs";

/** A file of this package by its path from the package's root, wherever this module was compiled to. */
export function packageFile(path: string): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("package.json", folder)) && folder.pathname !== "/")
    folder = new URL("..", folder);
  return new URL(path, folder);
}

/** The version of this package. */
export const version: string = (
  JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string }
).version;
