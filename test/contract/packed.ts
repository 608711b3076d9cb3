import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./surface.js";

/** A project of its own in which the packed tarball is installed. */
export interface Installed {
  folder: string;
  /** Bytes of the tarball. */
  bytes: number;
  /** Runs a command in the project; what it printed. Throws where it fails. */
  run(command: string, ...args: string[]): string;
  /** Writes a file of the project. */
  write(name: string, text: string): void;
  remove(): void;
}

/** Packs what is built and installs it; `more`: other packages that the project needs, with versions. */
export function install(more: string[] = []): Installed {
  const folder = mkdtempSync(join(tmpdir(), "optllm-pack-"));
  const run = (command: string, ...args: string[]): string => {
    try {
      return execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${[command, ...args].join(" ")} failed\n${stdout}${stderr}`, { cause: error });
    }
  };
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  // `--ignore-scripts`: the tests run on what is built already.
  const packing = ["pack", root, "--ignore-scripts", "--silent", "--pack-destination", folder];
  const tarball = run("npm", ...packing)
    .trim()
    .split("\n")
    .pop()!;
  write("package.json", JSON.stringify({ name: "user", private: true, type: "module" }));
  run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", `./${tarball}`, ...more);
  return {
    folder,
    bytes: statSync(join(folder, tarball)).size,
    run,
    write,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
