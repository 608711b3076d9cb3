import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { run, testFolder } from "../cli/run.js";
import { chunk, DONE, openStream, ROLE, stalls, startMock, STOP, type Mock } from "./mockUpstream.js";
import { baseConfig, HELLO, KEY, until, UPSTREAM_KEY, writePredictor } from "./running.js";

const bin = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const { at } = testFolder("server-life");
const mock: Mock = await startMock();
afterAll(() => mock.close());
await writePredictor(at("base.optllm"));

function writeConfig(change: (config: ReturnType<typeof baseConfig>) => object = (config) => config): void {
  const config = {
    ...baseConfig("base.optllm", mock.baseUrl),
    state: { kind: "file", path: "state" },
  } as const;
  writeFileSync(at("new.json"), JSON.stringify(change(config)));
  renameSync(at("new.json"), at("serve.json"));
}

async function start(): Promise<{
  child: ChildProcess;
  url: string;
  out: () => string;
  ended: Promise<number | null>;
}> {
  const child = spawn(process.execPath, [bin, "serve", at("serve.json")], {
    env: { ...process.env, UPSTREAM_KEY },
  });
  let text = "";
  child.stdout.on("data", (data) => (text += String(data)));
  child.stderr.on("data", (data) => (text += String(data)));
  // Once all that it has printed is read.
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  void ended.then((code) => (text += `exit ${code}`));
  await until(() => /listening on \S+\n|exit/.test(text), "the server");
  const url = /listening on (\S+)\n/.exec(text)?.[1];
  if (url === undefined) throw new Error(text);
  return { child, url, out: () => text, ended };
}

const ask = (url: string, body: object = HELLO) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const chosen = async (url: string): Promise<string | null> => (await ask(url)).headers.get("x-optllm-model");

describe("optllm serve", () => {
  it("14. lets a stream end on SIGTERM, takes nothing more, saves, and exits with 0; money is kept", async () => {
    writeConfig();
    const { child, url, out, ended } = await start();
    let finish = (): void => undefined;
    mock.next.push((response) => {
      openStream(response);
      response.write(ROLE + chunk({ content: "one" }));
      finish = () => void response.end(chunk({ content: "two" }) + STOP + DONE);
    });
    const answer = await ask(url, { ...HELLO, stream: true });
    child.kill("SIGTERM");
    await until(() => out().includes("no more requests"), "the drain");
    await until(
      () =>
        ask(url).then(
          () => false,
          () => true,
        ),
      "the closed port",
    );
    finish();
    expect(await answer.text()).toContain('"two"');
    expect(await ended).toBe(0);
    expect(existsSync(at("state/learned.json"))).toBe(true);
    expect(out()).not.toMatch(/sk-upstream|test-key|good morning/);
    const again = await start();
    const status = await fetch(`${again.url}/policies/best`, { headers: { authorization: `Bearer ${KEY}` } });
    const { budgets } = (await status.json()) as {
      budgets: { spent: number; reserved: number; requestsSeen: number }[];
    };
    expect(budgets[0].spent).toBeGreaterThan(0);
    expect(budgets[0]).toMatchObject({ reserved: 0, requestsSeen: 1 });
    again.child.kill("SIGTERM");
    expect(await again.ended).toBe(0);
  });

  it("14. ends streams that go on for too long with an error, settles them, and exits with 0", async () => {
    writeConfig((config) => ({ ...config, limits: { drainSeconds: 0.2 } }));
    const { child, url, out, ended } = await start();
    mock.next.push(...Array.from({ length: 20 }, () => stalls(ROLE, chunk({ content: "one" }))));
    const asked = Array.from({ length: 20 }, () => ask(url, { ...HELLO, stream: true }));
    const answers = await Promise.all(asked);
    child.kill("SIGTERM");
    for (const text of await Promise.all(answers.map((answer) => answer.text()))) {
      expect(text).toContain('"one"');
      expect(text).toContain('"code":"shutting_down"');
      expect(text).not.toContain("[DONE]");
    }
    expect(await ended).toBe(0);
    const lines = out()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    const costs = lines.map((line) => (JSON.parse(line) as { cost: number; error: string }).cost);
    expect(costs).toHaveLength(20);
    for (const cost of costs) expect(cost).toBeGreaterThan(0);
    const journal = readFileSync(at("state/accounts.journal"), "utf8");
    const count = (kind: string): number => journal.split(`["${kind}"`).length - 1;
    expect(count("settle")).toBe(count("reserve"));
  });

  it("14. does not wait for connections that never sent a request", async () => {
    writeConfig((config) => ({ ...config, limits: { drainSeconds: 3_600 } }));
    const { child, url, ended } = await start();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    socket.destroy();
  });

  it("reads its configuration again on SIGHUP and on change; a bad one keeps the old, and says so", async () => {
    writeConfig();
    const { child, url, out, ended } = await start();
    expect(await chosen(url)).toBe("large");
    writeConfig((config) => ({
      ...config,
      policies: { best: { ...config.policies.best, models: ["small"] } },
    }));
    child.kill("SIGHUP");
    await until(async () => (await chosen(url)) === "small", "the new configuration");
    writeConfig((config) => ({ ...config, policies: {} }));
    await until(() => /was refused, and the old one still holds: .*policies is/.test(out()), "the refusal");
    expect(await chosen(url)).toBe("small");
    // The predictor is watched too.
    writeConfig();
    await until(async () => (await chosen(url)) === "large", "the first configuration");
    const good = readFileSync(at("base.optllm"));
    const refusals = out().split("was refused").length;
    writeFileSync(at("base.optllm"), "damaged");
    await until(() => out().split("was refused").length > refusals, "the damaged predictor");
    writeFileSync(at("base.optllm"), good);
    expect(await chosen(url)).toBe("large");
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("is checked, and begun from a predictor, without being run", async () => {
    const { code, out } = await run("serve", "--init", at("base.optllm"));
    expect(code).toBe(0);
    const text = out
      .replaceAll("{ input: FILL_IN, output: FILL_IN }", "{ input: 1, output: 2 }")
      .replace(", keyEnv: OPENAI_API_KEY", "");
    writeFileSync(at("init.yaml"), text);
    const checked = await run("serve", "--check", at("init.yaml"));
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.out).toContain("policy default: decides among small, medium, large\n");
    writeFileSync(at("init.yaml"), text.replaceAll("price: { input: 1, output: 2 }", "price: auto"));
    const unpriced = await run("serve", "--check", at("init.yaml"));
    expect(unpriced.code).toBe(2);
    expect(unpriced.err).toMatch(
      /models\.small\.price: no price of model small is known.*give price: \{ input, output \}/,
    );
    const schema = await run("serve", "--schema");
    expect(JSON.parse(schema.out)).toHaveProperty("properties.upstreams");
    expect((await run("serve")).code).toBe(2);
  });
});
