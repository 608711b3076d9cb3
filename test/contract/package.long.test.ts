import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkPrinted, examples } from "./examples.js";
import { install, type Installed } from "./packed.js";
import { root } from "./surface.js";

/** Kilobytes of the tarball. What is added to the package shows here. About 390 are the workers of the app, which carry the readers,
 * the core and the price table once more: a page takes no file from beside it. */
const LIMIT = 1_600;

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  exports: Record<string, string | { types: string }>;
};

/** A program for each entry of the package, and what it prints. */
const PROGRAMS: [name: string, program: string, printed: string][] = [
  [
    "optllm",
    `import { choose, Pool, readPrices, simulateProblem, solveFront, type Problem } from "optllm";
     const problem: Problem = simulateProblem({ queries: 1000, models: 4, seed: 1 });
     const pool = new Pool({ threads: 2 });
     const choice = await choose(await solveFront(problem, { pool }), { knee: true }, { pool });
     await pool.close();
     const { price } = (await readPrices()).find("gpt-4o");
     console.log(choice.status, price.model);`,
    "chosen openai/gpt-4o",
  ],
  [
    "optllm, threads that share the work",
    `import { Pool, simulateProblem, solveFront } from "optllm";
     const problem = simulateProblem({ queries: 300_000, models: 9, seed: 1 });
     const pool = new Pool({ threads: 2 });
     const [alone, together] = await Promise.all([solveFront(problem), solveFront(problem, { pool })]);
     await pool.close();
     console.log(alone.totalCost.every((cost, k) => cost === together.totalCost[k]));`,
    "true",
  ],
  [
    "optllm/solve",
    `import { choose, solveFront, InputError, type Choice, type Problem } from "optllm/solve";
     const problem: Problem = {
       models: ["small", "large"],
       cost: Float32Array.of(1, 2, 1, 4),
       successProbability: Float32Array.of(0.5, 0.75, 0.5, 1),
     };
     const choice: Choice = await choose(await solveFront(problem), { budget: 5 });
     if (choice.status === "chosen") console.log([...choice.allocation], choice.totalCost);
     await solveFront({ ...problem, models: [] }).catch((error) => console.log(error instanceof InputError));`,
    "[ 0, 1 ] 5\ntrue",
  ],
  [
    "optllm/metrics",
    `import { hypervolume, type PointSet } from "optllm/metrics";
     const points: PointSet = { cost: Float64Array.of(1, 2), accuracy: Float64Array.of(0.5, 1) };
     console.log(hypervolume(points, { cost: 3, accuracy: 0 }));`,
    "1.5",
  ],
  [
    "optllm/online",
    `import { fitPredictor, simulate, type Dataset } from "optllm";
     import { createRouter, loadScorer, type Decision, type Refusal, type Router } from "optllm/online";
     const { models, rows } = simulate({ queries: 60, models: 2, seed: 1 });
     const all = [...rows()];
     const sample: Dataset = {
       models,
       ids: all.map(({ id }) => id),
       queries: all.map(({ query }) => query),
       cost: Float64Array.from(all.flatMap(({ cost }) => [...cost])),
       outcome: Float32Array.from(all.flatMap(({ score }) => [...score])),
     };
     const scorer = await loadScorer(await fitPredictor(sample, [], { predictor: "base-rate" }));
     const price = { input: 1, output: 2 };
     const router: Router = createRouter({
       scorer,
       models: Object.fromEntries(models.map((name) => [name, { price }])),
       budget: { dollars: 1, period: "day" },
     });
     const decision: Decision | Refusal = router.route({ text: "a question", maxTokens: 10 });
     if (decision.status === "routed") router.settle(decision, { inputTokens: 5, outputTokens: 5 });
     console.log(decision.status, router.status()[0]?.reserved);`,
    "routed 0",
  ],
  [
    "optllm/ai",
    `import { createRouter, type Scorer } from "optllm/online";
     import { createOptllm, type LanguageModelV3, type OptllmProvider } from "optllm/ai";
     import { generateText, wrapLanguageModel, type LanguageModel } from "ai";
     import { MockLanguageModelV3 } from "ai/test";
     const fill = (value: number) => (_: unknown, out = new Float64Array(1)): Float64Array => out.fill(value);
     const scorer: Scorer = {
       models: ["small"],
       digest: "",
       score: fill(0.5),
       costs: (_, __, out = new Float64Array(1)) => out.fill(0.001),
       promptTokens: () => 10,
     };
     const router = createRouter({ scorer, models: { small: { price: { input: 1, output: 2 } } }, lambda: 1 });
     const small: LanguageModelV3 = new MockLanguageModelV3({
       doGenerate: async () => ({
         content: [{ type: "text", text: "yes" }],
         finishReason: { unified: "stop", raw: undefined },
         usage: {
           inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
           outputTokens: { total: 1, text: 1, reasoning: 0 },
         },
         warnings: [],
       }),
     });
     const optllm: OptllmProvider = createOptllm({ router, models: { small } });
     const model: LanguageModel = wrapLanguageModel({ model: optllm.languageModel("auto"), middleware: [] });
     const { text, response } = await generateText({ model, prompt: "a question" });
     console.log(text, response.modelId);`,
    "yes small",
  ],
  [
    "optllm, batch files for every vendor",
    `import { writeFileSync } from "node:fs";
     import { exportAllocation, type Exported, type Vendor } from "optllm";
     const rows = ["gpt-4o", "claude-haiku-4-5"].map((model, k) => ({ id: "q" + k, model, cost: 0.25 }));
     const lines = (list: object[]): string => list.map((row) => JSON.stringify(row) + "\\n").join("");
     writeFileSync("plan.jsonl", lines(rows));
     writeFileSync("work.jsonl", lines(rows.map(({ id }) => ({ id, query: "a question" }))));
     const exported: Exported = await exportAllocation("batch", "plan.jsonl", "work.jsonl", "batches");
     const vendors = (exported.manifest?.files ?? []).map(({ vendor }): Vendor => vendor);
     console.log(vendors.sort().join(" "), exported.manifest?.expectedCost);`,
    "anthropic openai 0.5",
  ],
  [
    "optllm/report",
    `import { planAllocation, simulate, type Dataset, type Target } from "optllm";
     import { reportPage, solveReport } from "optllm/report";
     const { models, rows } = simulate({ queries: 60, models: 3, seed: 1 });
     const all = [...rows()];
     const work: Dataset = {
       models,
       ids: all.map(({ id }) => id),
       queries: all.map(({ query }) => query),
       cost: Float32Array.from(all.flatMap(({ cost }) => [...cost])),
       outcome: Float32Array.from(all.flatMap(({ score }) => [...score])),
     };
     const target: Target = { matchBest: true };
     const plan = await planAllocation(work, work, target, { predictor: "base-rate" });
     const origin = { command: "node report.ts", inputs: [] };
     const data = await solveReport(plan, { work, source: work, target, seed: 1, origin });
     console.log((await reportPage(data)).slice(0, 15), data.title);`,
    "<!doctype html> Allocation of 60 queries to 3 models",
  ],
];

/** The entries that have types, as users import them. */
const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target !== "string")
  .map(([path]) => `optllm${path.slice(1)}`);

/** How users compile, beyond the strictest way. */
const COMPILERS: [how: string, ...flags: string[]][] = [
  ["without the library dom", "--lib", "es2023"],
  ["where undefined may be given for any option", "--exactOptionalPropertyTypes", "false"],
  ["for a bundler", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom"],
];

/** Entries whose types are those of a peer, whose own declarations do not compile in the strictest way. */
const WITH_PEERS = ["optllm/ai"];
/** The optional peer of `optllm/ai`, with all that it depends on. */
const AI_SDK = [
  "ai",
  "@ai-sdk",
  "@opentelemetry/api",
  "@standard-schema",
  "@vercel",
  "eventsource-parser",
  "zod",
];

const fileOf = (name: string): string => name.replace(/\W+/g, "-");

/** Source files by name and module format, read once for all compilations. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function sharingHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, version) => {
    const key = `${file} ${JSON.stringify(version)}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, version));
    return parsed.get(key);
  };
  return host;
}

/** Compiles a project as `tsc -p FOLDER FLAGS` does; what is wrong with it. */
function compile(folder: string, config = "tsconfig.json", ...flags: string[]): string {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
    },
  };
  const { options: more } = ts.parseCommandLine(flags);
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(
    join(folder, config),
    more,
    host,
  )!;
  const program = ts.createProgram(fileNames, options, sharingHost(options));
  const problems = [...errors, ...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return ts.formatDiagnostics(ts.sortAndDeduplicateDiagnostics(problems), {
    getCanonicalFileName: (file) => file,
    getCurrentDirectory: () => folder,
    getNewLine: () => "\n",
  });
}

describe("the packed tarball, installed elsewhere", () => {
  let user: Installed;
  beforeAll(() => {
    user = install();
    for (const name of ["@types", "undici-types", ...AI_SDK]) {
      cpSync(join(root, "node_modules", name), join(user.folder, "node_modules", name), { recursive: true });
    }
    cpSync(join(root, "examples"), join(user.folder, "examples"), { recursive: true });
    for (const [name, program] of PROGRAMS) user.write(`${fileOf(name)}.ts`, program);
    const alone = entries.filter((entry) => !WITH_PEERS.includes(entry));
    const imports = alone.map((entry, k) => `import * as e${k} from "${entry}";\n`).join("");
    const named = alone.map((entry, k) => `...(Object.keys(e${k}).length > 0 ? ["${entry}"] : [])`);
    user.write("entries.ts", `${imports}console.log([${named.join(", ")}].join(" "));\n`);
    // All declarations but those of the language are checked, in the strictest way.
    const compilerOptions = {
      module: "nodenext",
      target: "es2022",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true,
      noEmitOnError: true,
    };
    const exclude = WITH_PEERS.map((entry) => `${fileOf(entry)}.ts`);
    user.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"], exclude }));
    const besides = { compilerOptions: { ...compilerOptions, skipLibCheck: true }, include: exclude };
    user.write("tsconfig.peers.json", JSON.stringify(besides));
  });
  afterAll(() => user.remove());

  it("has types that a strict user can compile against", () => {
    expect(compile(user.folder)).toBe("");
    expect(compile(user.folder, "tsconfig.peers.json")).toBe("");
  });

  it.each(COMPILERS)("has types that compile %s", (_, ...flags) => {
    expect(compile(user.folder, "tsconfig.json", "--noEmit", ...flags)).toBe("");
  });

  it("serves every entry that it names", () => {
    const alone = entries.filter((entry) => !WITH_PEERS.includes(entry));
    expect(user.run("node", "entries.js").trim()).toBe(alone.join(" "));
  });

  it.each(PROGRAMS)("serves %s", (name, _, printed) => {
    expect(user.run("node", `${fileOf(name)}.js`).trim()).toBe(printed);
  });

  it.each(examples)("prints with examples/%s what its last comment says", (name) => {
    checkPrinted(name, user.run("node", join("examples", name)));
  });

  it("has a command", () => {
    expect(user.run("npx", "optllm", "--version").trim()).toBe(manifest.version);
  });

  it("holds no sources, tests or data", () => {
    const files = user.run("find", "node_modules/optllm", "-type", "f").split("\n");
    const unwanted = /\/(test|bench|paper|lab|shared|golden)\/|\.npy|debug\.wasm/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("stays small", () => {
    const size = user.bytes / 1000;
    console.log(`the packed tarball: ${size.toFixed(0)} kB`);
    expect(size).toBeLessThan(LIMIT);
  });
});
