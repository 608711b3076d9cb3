import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
const sources = [...read("src"), ...read("paper")];

/**
 * The rooms in their order: a room imports only from rooms on lines above its own. `base` is the files at the top of
 * `src/`, the layout that both compilers read, and the modules of the core as text; `index` is what users import, the files of `entries/` included.
 */
const ORDER = [
  ["base"],
  ["core"],
  ["pool"],
  ["text"],
  ["prices"],
  ["embed"],
  ["rows"],
  ["predict", "solve"],
  ["plan"],
  ["write"],
  ["backtest"],
  ["simulate"],
  ["report"],
  ["online"],
  ["ai", "server", "cluster", "app"],
  ["index"],
  ["cli"],
  ["paper"],
];
const lineOf = (room: string): number => ORDER.findIndex((rooms) => rooms.includes(room));

/** The room of a source file: its folder in `src/`, `index` for the public names, `base` for the other files. */
function roomOf(file: string): string {
  if (file === join("assembly", "layout.ts") || dirname(file) === join("build", "embedded")) return "base";
  const parts = file.split("/");
  if (parts[0] === "paper") return "paper";
  if (parts.length > 2) return parts[1] === "entries" ? "index" : parts[1];
  return parts[1] === "index.ts" ? "index" : "base";
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path]) =>
    relative(root, normalize(join(root, dirname(file), path.replace(/\.js$/, ".ts")))),
  );
}

it.each(sources)("%s imports only from its own room and the rooms below it", (file) => {
  const room = roomOf(file);
  expect(lineOf(room)).toBeGreaterThanOrEqual(0);
  const isAllowed = (other: string): boolean =>
    other === room || (other !== "index" && lineOf(other) >= 0 && lineOf(other) < lineOf(room));
  expect(importsOf(file).filter((path) => !isAllowed(roomOf(path)))).toEqual([]);
});

it("has no folder of more than 20 files, tests and fixtures apart", () => {
  const count = new Map<string, number>();
  for (const file of [...sources, ...read("assembly"), ...read("bench")]) {
    count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);
  }
  expect([...count].filter(([, files]) => files > 20)).toEqual([]);
});

it("has no circle of imports", () => {
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") throw new Error(`circle: ${[...path, file].join(" → ")}`);
    state.set(file, "open");
    importsOf(file)
      .filter((next) => /^(src|paper)/.test(next))
      .forEach((next) => visit(next, [...path, file]));
    state.set(file, "done");
  };
  sources.forEach((file) => visit(file, []));
});

it("imports no development dependency", () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Record<string, string>>;
  // What the pages import is bundled into them at build time.
  const isBundled = (path: string): boolean =>
    /^src\/(report\/html\/client|app\/(browser|client|worker))\//.test(path);
  for (const file of sources.filter((path) => !isBundled(path))) {
    const imports = [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /^(?:im|ex)port( type)?\b[^;"]* from "([^".][^"]*)"/gm,
      ),
    ];
    // Of an optional package only the types: the package itself is imported when it is needed.
    const foreign = imports
      .filter(([, isType, name]) => {
        const known =
          isType === undefined && !file.startsWith("src/ai/")
            ? dependencies
            : { ...dependencies, ...peerDependencies };
        return !/^(node:|#)/.test(name) && !Object.hasOwn(known, packageOf(name));
      })
      .map(([, , name]) => name);
    expect(foreign, file).toEqual([]);
  }
});

/** The package of a module: `hyparquet` of `hyparquet/src/column.js`. */
function packageOf(module: string): string {
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}
