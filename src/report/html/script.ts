import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CoreError } from "../../errors.js";
import { packageFile } from "../../package.js";

/** The files that the page's script is made of, each after those that it uses. */
const FILES = [
  "words",
  "client/dom",
  "client/colours",
  "client/scale",
  "client/chart",
  "client/table",
  "client/frontChart",
  "client/sharesChart",
  "client/reliabilityChart",
  "client/explorer",
  "client/intervals",
  "client/queries",
  "client/origin",
  "client/main",
];

/** The page's own script: the compiled client as one function, in which imports and exports have no place. */
export async function clientScript(): Promise<string> {
  const files = await Promise.all(FILES.map((name) => read(packageFile(`dist/src/report/html/${name}.js`))));
  return `(() => {\n"use strict";\n${files.map(withoutModules).join("\n")}})();\n`;
}

function withoutModules(text: string): string {
  const inner = text.replace(/^import [^;]*;\n/gm, "").replace(/^export (\{\};\n)?/gm, "");
  if (!/^(import|export)\b/m.test(inner)) return inner;
  throw new CoreError("the report's client has an import or export that cannot be taken out");
}

/** The chart library: its script, style and licence. */
export async function chartLibrary(): Promise<{ script: string; style: string; licence: string }> {
  const folder = dirname(createRequire(import.meta.url).resolve("uplot/package.json"));
  const [script, style, licence] = await Promise.all(
    ["dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"].map((path) => read(join(folder, path))),
  );
  return { script, style, licence };
}

async function read(path: string | URL): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CoreError(`${String(path)} cannot be read (${code}); run npm ci and npm run build`, {
      cause: code,
    });
  }
}
