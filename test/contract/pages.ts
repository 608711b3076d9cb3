import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { quickPredictor, run } from "../cli/run.js";
import { isRedisHere, RedisServer } from "../online/ledger/redis/server.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** `OPTLLM_UPDATE_DOCS=1` writes what commands print now into the pages instead of comparing. */
export const isUpdating = process.env.OPTLLM_UPDATE_DOCS === "1";

const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  peerDependencies: Record<string, string>;
};
/** The optional packages. */
const PEERS = Object.keys(peerDependencies);

/** A fenced block of a page. */
export interface Block {
  /** What stands after the fence, such as `csv work.csv` or `console`. */
  info: string;
  text: string;
}

const FENCED = /^```(.+)\n([\s\S]*?)^```$/gm;

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(FENCED)].map(([, info, text]) => ({ info, text }));

/** The page with each block's text replaced by what `update` makes of it. */
async function mapBlocks(page: string, update: (block: Block) => Promise<string>): Promise<string> {
  let mapped = "";
  let end = 0;
  for (const { 0: whole, 1: info, 2: text, index } of page.matchAll(FENCED)) {
    mapped += page.slice(end, index) + `\`\`\`${info}\n${await update({ info, text })}\`\`\``;
    end = index + whole.length;
  }
  return mapped + page.slice(end);
}

/**
 * Does what a page's blocks say, in a folder of its own that begins as a copy of `files`:
 *
 * - a block with a file name (`csv work.csv`, `js use.mjs`) makes that file;
 * - `jsonl` and `csv` without a name are rows that must be readable;
 * - `sh`: each line is an `optllm` command that must succeed, or one of the `others`; see `quickPredictor`;
 * - `console`: commands after `$`, each with exactly what it prints;
 * - `json optllm … --json`: a part of what the command prints; keys and elements may be left out;
 * - `ts` is type-checked against the package and run; with a Redis of its own, or not run, if it names `REDIS`.
 */
export async function checkPage(path: string, files: string, others: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "optllm-page-"));
  cpSync(resolve(root, files), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "optllm"));
  // What a page tells its reader to install beside.
  for (const peer of PEERS) {
    const link = join(folder, "node_modules", peer);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", peer), link);
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    const page = readFileSync(join(root, path), "utf8");
    const isShown = /^\$ head /m.test(page);
    const updated = await mapBlocks(page, (block) => checkBlock(block, dirname(path), others, isShown));
    if (isUpdating) writeFileSync(join(root, path), updated);
    expect(updated).toBe(isUpdating ? updated : page);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

/** Checks a block of a page in `folder`; returns its text as it should be. */
async function checkBlock(
  { info, text }: Block,
  folder: string,
  others: readonly string[],
  isShown: boolean,
): Promise<string> {
  const [language, ...rest] = info.split(" ");
  if (rest[0] === "optllm") return jsonPart(rest.slice(1).join(" "), text);
  if (rest.length > 0) writeFileSync(rest[0], text);
  else if (language === "sh") await runLines(text, others, isShown);
  else if (language === "console") return console_(text);
  else if (language === "ts") await runTypeScript(folder, text);
  else if (language === "jsonl" || language === "csv") await readRows(language, text);
  else if (language !== "text") throw new Error(`a page has a block "${info}" that nothing checks`);
  return text;
}

/** The words of a command, without quotes. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain,
  );

/** `isShown`: the page shows what the commands write, so that they run as they stand. */
async function runLines(text: string, others: readonly string[], isShown: boolean): Promise<void> {
  for (const line of text.split("\n")) {
    const command = line.replace(/(^|\s)#.*/, "").trim();
    if (command === "" || others.includes(command)) continue;
    const [program, ...argv] = wordsOf(command.replace(/^npx /, ""));
    expect(program, command).toBe("optllm");
    const { code, err } = await run(...argv, ...(isShown ? [] : quickPredictor(argv)));
    expect([command, code, code === 0 ? "" : err]).toEqual([command, 0, ""]);
  }
}

async function console_(text: string): Promise<string> {
  let shown = "";
  for (const part of text.split(/^\$ /m).slice(1)) {
    const command = part.slice(0, part.indexOf("\n"));
    shown += `$ ${command}\n${(await printedBy(command)).trimEnd()}\n`;
  }
  return shown;
}

/** What a command prints; an import also says on stderr what it left out. */
async function printedBy(command: string): Promise<string> {
  const [program, ...argv] = wordsOf(command);
  if (program !== "optllm") return spawnSync("bash", ["-c", command], { encoding: "utf8" }).stdout;
  const { code, out, err, rows } = await withRows(() => run(...argv));
  const notes = err.split("\n").filter((line) => !line.startsWith("reading "));
  return rows + (code !== 0 || argv[0] === "import" ? out + notes.join("\n") : out);
}

/** Also gives the rows that go to standard output directly. */
async function withRows<T>(action: () => Promise<T>): Promise<T & { rows: string }> {
  const { write } = process.stdout;
  let rows = "";
  process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    rows += Buffer.from(chunk as string).toString();
    for (const one of rest) if (typeof one === "function") (one as () => void)();
    return true;
  };
  try {
    return { ...(await action()), rows };
  } finally {
    process.stdout.write = write;
  }
}

async function jsonPart(command: string, text: string): Promise<string> {
  const { code, out, err } = await run(...wordsOf(command));
  expect([command, code, code === 0 ? "" : err]).toEqual([command, 0, ""]);
  const shown: unknown = JSON.parse(text);
  const part = partOf(JSON.parse(out), shown, command);
  const isEqual = JSON.stringify(part) === JSON.stringify(shown);
  return isEqual ? text : `${JSON.stringify(part, null, 2)}\n`;
}

/** The keys and the first elements of `value` that `shown` has; numbers to seven digits. */
function partOf(value: unknown, shown: unknown, place: string): unknown {
  if (Array.isArray(shown)) {
    if (!Array.isArray(value)) throw new Error(`${place} is no array`);
    return shown.map((one, i) => partOf(value[i], one, `${place}[${i}]`));
  }
  if (typeof shown === "object" && shown !== null) {
    const record = (value ?? {}) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(shown).map(([key, one]) => {
        if (!(key in record)) throw new Error(`${place} has no ${key}`);
        return [key, partOf(record[key], one, `${place}.${key}`)];
      }),
    );
  }
  return typeof value === "number" ? Number(value.toPrecision(7)) : value;
}

async function readRows(language: string, text: string): Promise<void> {
  const file = `rows.${language}`;
  writeFileSync(file, text);
  const { ids } = await readDataset(file, { blankCosts: true });
  const lines = text.trimEnd().split("\n").length;
  expect(ids.length).toBe(language === "csv" ? lines - 1 : lines);
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
};

/** What the compiler finds wrong with each snippet of a folder's pages. */
const problems = new Map<string, Map<string, string[]>>();

/** Compiles the snippets of a folder together, since what they import takes longer than they do. */
function compileSnippets(folder: string): Map<string, string[]> {
  const pages = readdirSync(join(root, folder)).filter((file) => file.endsWith(".md"));
  const blocks = pages.flatMap((file) => blocksOf(readFileSync(join(root, folder, file), "utf8")));
  const texts = blocks.filter(({ info }) => info === "ts").map(({ text }) => text);
  // As if they lay beside the package, which may import itself by its name.
  const files = new Map(texts.map((text, k) => [join(root, `snippet-${k}.mts`), text]));
  const host = ts.createCompilerHost(OPTIONS);
  // The compiler remembers the first working folder that it saw.
  host.getCurrentDirectory = () => root;
  host.readFile = (file) => files.get(file) ?? ts.sys.readFile(file);
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return new Map(
    Array.from(files, ([file, text]) => [
      text,
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(file))
        .map((one) => ts.flattenDiagnosticMessageText(one.messageText, " ")),
    ]),
  );
}

/** The Redis of the pages. */
const REDIS = "redis://localhost:6379";

async function runTypeScript(folder: string, text: string): Promise<void> {
  const found = problems.get(folder) ?? compileSnippets(folder);
  problems.set(folder, found);
  expect(found.get(text)).toEqual([]);
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { ...OPTIONS, module: ts.ModuleKind.ESNext },
  });
  if (!text.includes(REDIS)) return runProgram(text, outputText);
  if (!isRedisHere) return console.warn("a snippet was not run: redis-server is not installed");
  const server = await RedisServer.start();
  try {
    runProgram(text, outputText.replaceAll(REDIS, server.url));
  } finally {
    await server.stop();
  }
}

/** Runs a snippet's program, which must print what the snippet promises. */
function runProgram(text: string, program: string): void {
  writeFileSync("snippet.mjs", program);
  const { status, stdout, stderr } = spawnSync("node", ["snippet.mjs"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  for (const [, promised] of text.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)) {
    expect(stdout.split("\n")).toContain(promised);
  }
}
