import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { checkConfig } from "../../src/server/config/check.js";
import { testFolder } from "../cli/run.js";
import { blocksOf, root } from "../contract/pages.js";
import { freePort } from "../freePort.js";
import { startMock } from "./mockUpstream.js";
import { baseConfig, until } from "./running.js";

const execute = promisify(execFile);
const page = readFileSync(join(root, "docs/guide/serve.md"), "utf8");
const { folder, at } = testFolder("serve-guide");
const mock = await startMock();
afterAll(() => mock.close());
const [port, adminPort] = await Promise.all([freePort(), freePort()]);
const env = { ...process.env, OPENAI_API_KEY: "sk-of-the-guide", PATH: `${at("bin")}:${process.env.PATH}` };

/** The page's files, with the ports of this test, and a command `optllm`. */
function prepare(): void {
  cpSync(join(root, "examples/data/promptfoo.jsonl"), at("promptfoo.jsonl"));
  mkdirSync(at("bin"));
  writeFileSync(at("bin/optllm"), `#!/bin/sh\nexec node ${join(root, "dist/src/cli/bin.js")} "$@"\n`);
  chmodSync(at("bin/optllm"), 0o755);
  mkdirSync(at("node_modules"));
  symlinkSync(join(root, "node_modules/openai"), at("node_modules/openai"));
  for (const { info, text } of blocksOf(page)) {
    const [, file] = info.split(" ");
    if (file !== undefined) writeFileSync(at(file), text.replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`));
  }
}

it("leads from a promptfoo file to a proxy that openai's package and curl can use", async () => {
  prepare();
  const [install, ...commands] = readFileSync(at("setup.sh"), "utf8").trimEnd().split("\n");
  expect(commands).toHaveLength(4);
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    peerDependencies: object;
  };
  for (const name of install.split(" ").slice(3)) expect(Object.keys(peerDependencies)).toContain(name);
  const [fit, init, check, serve] = commands;
  await execute("bash", ["-ec", `${fit} --predictor knn\n${init}`], { cwd: folder, env });
  const config = readFileSync(at("serve.yaml"), "utf8");
  const changed = config
    .replace("https://api.openai.com/v1", mock.baseUrl)
    .replace("port: 8080", `port: ${port}`);
  writeFileSync(at("serve.yaml"), `${changed}\nadmin: { port: ${adminPort} }\n`);
  const { stdout } = await execute("bash", ["-ec", check], { cwd: folder, env });
  expect(stdout).toContain("decides among openai:chat:gpt-4o-mini, openai:chat:gpt-4o");
  const child = spawn("bash", ["-c", `exec ${serve}`], { cwd: folder, env });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    await listening(child);
    const asked = await execute("node", ["ask.mjs"], { cwd: folder, env });
    expect(asked.stdout).toMatch(/^Good day to you\nopenai:chat:gpt-4o\S* 0\.\d+\nGood day$/);
    const curled = await execute("bash", ["-e", "ask.sh"], { cwd: folder, env });
    expect(curled.stdout).toContain('"content":"Good day to you"');
    expect(curled.stdout).toContain('"object":"decision"');
    const solved = await execute("bash", ["-e", "solve.sh"], { cwd: folder, env });
    expect(JSON.parse(solved.stdout)).toMatchObject({ status: "chosen", allocation: [0, 1, 0] });
    // The upstream is asked by its own name of the model, with its own key.
    for (const { body, headers } of mock.seen) {
      expect(body.model).toMatch(/^gpt-4o(-mini)?$/);
      expect(headers.authorization).toBe("Bearer sk-of-the-guide");
    }
    expect(mock.seen).toHaveLength(3);
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    for (const [name] of page.matchAll(/\b(gen_ai|optllm)_[a-z_]{4,}\b/g)) expect(metrics).toContain(name);
  } finally {
    child.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
});

it("has files that the tools behind them can read", async () => {
  prepareOnce();
  expect(parse(readFileSync(at("keys.yaml"), "utf8"))).toHaveProperty("keys");
  const { state } = parse(readFileSync(at("redis.yaml"), "utf8")) as { state: unknown };
  expect(await checkConfig({ ...baseConfig("x", "http://localhost/v1"), state })).toMatchObject({ state });
  const unit = readFileSync(at("optllm.service"), "utf8").split("\n");
  for (const line of unit) expect(line).toMatch(/^$|^\[[A-Z][a-z]+\]$|^[A-Z]\w+=.+$/);
});

function prepareOnce(): void {
  try {
    readFileSync(at("keys.yaml"));
  } catch {
    prepare();
  }
}

async function listening(child: ChildProcess): Promise<void> {
  let text = "";
  child.stderr!.on("data", (data) => (text += String(data)));
  child.stdout!.on("data", (data) => (text += String(data)));
  child.on("exit", (code) => (text += `exit ${code}`));
  await until(() => /status at |exit/.test(text), "the server");
  if (text.includes("exit")) throw new Error(text);
}
