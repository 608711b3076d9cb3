import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join("src", file));

/** Rows of the house: a file imports from its own room and from the rooms named here. */
const BASE = ["base"];
const STAGE = [...BASE, "core", "pool"];
const MAY_IMPORT: Record<string, string[]> = {
  base: [],
  core: BASE,
  pool: [...BASE, "core"],
  data: BASE,
  export: BASE,
  predict: STAGE,
  solve: STAGE,
  baselines: STAGE,
  evaluate: STAGE,
  workflow: [...STAGE, "data", "predict", "solve", "baselines", "evaluate", "export"],
  index: [...STAGE, "data", "predict", "solve", "evaluate", "export", "workflow"],
  cli: ["index"],
};

/** The room of a source file: its folder, `index` for the public names, `base` for the other files at the top. */
function roomOf(file: string): string {
  if (file === join("assembly", "layout.ts")) return "base";
  const parts = file.split("/");
  if (parts.length > 2) return parts[1];
  return parts[1] === "index.ts" ? "index" : "base";
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path]) =>
    relative(root, normalize(join(root, dirname(file), path.replace(/\.js$/, ".ts")))),
  );
}

it.each(sources)("%s imports only from its own room and the rows above it", (file) => {
  const room = roomOf(file);
  expect(Object.keys(MAY_IMPORT)).toContain(room);
  const wrong = importsOf(file).filter(
    (path) => roomOf(path) !== room && !MAY_IMPORT[room].includes(roomOf(path)),
  );
  expect(wrong).toEqual([]);
});

it("has no circle of imports", () => {
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") throw new Error(`circle: ${[...path, file].join(" → ")}`);
    state.set(file, "open");
    importsOf(file)
      .filter((next) => next.startsWith("src"))
      .forEach((next) => visit(next, [...path, file]));
    state.set(file, "done");
  };
  sources.forEach((file) => visit(file, []));
});

it("imports no development dependency", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const file of sources) {
    const packages = [...readFileSync(join(root, file), "utf8").matchAll(/from "([^".][^"]*)"/g)].map(
      ([, name]) => name,
    );
    const foreign = packages.filter(
      (name) => !name.startsWith("node:") && !Object.hasOwn(dependencies, packageOf(name)),
    );
    expect(foreign, file).toEqual([]);
  }
});

it("reaches the evolutionary baselines from nowhere but a comparison", () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(join(root, file), "utf8").replace(/^import type [^;]*;$/gm, "");
    // What is loaded at once: not types, and not `import(…)`, which runs when it is called.
    for (const [, path] of text.matchAll(/^(?:import|export)\s[^;]*?from "(\.[^"]+)";$/gm)) {
      visit(relative(root, normalize(join(root, dirname(file), path.replace(/\.js$/, ".ts")))));
    }
  };
  visit(join("src", "cli", "bin.ts"));
  expect(reached).toContain(join("src", "workflow", "compare.ts"));
  expect(reached).toContain(join("src", "solve", "front.ts"));
  expect([...reached].filter((file) => roomOf(file) === "baselines")).toEqual([]);
  const lazy = sources.filter(
    (file) => roomOf(file) !== "baselines" && importsOf(file).some((path) => roomOf(path) === "baselines"),
  );
  expect(lazy).toEqual([join("src", "workflow", "compare.ts")]);
});

/** The package of a module: `hyparquet` of `hyparquet/src/column.js`. */
function packageOf(module: string): string {
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}
