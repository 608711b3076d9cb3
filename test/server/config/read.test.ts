import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig, configSchema } from "../../../src/server/config/check.js";
import { readChecked as readConfig } from "../../../src/server/config/read.js";
import { testFolder } from "../../cli/run.js";

const { at, folder } = testFolder("server-config");

const SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const LINES = [
  "version: 1",
  "predictor: ./support.optllm",
  "upstreams:",
  "  openai: { baseUrl: https://api.openai.com/v1, keyEnv: OPENAI_API_KEY, maxInFlight: 20 }",
  "models:",
  "  small: { upstream: openai, id: gpt-5-mini, price: auto }",
  "  large: { upstream: openai, id: gpt-5.5, price: { input: 5, output: 30 } }",
  "policies:",
  "  support: { budget: { dollars: 3000, period: month }, explore: 0.01 }",
  "keys:",
  `  - { name: web, sha256: "${SHA}", policies: [support], requestsPerMinute: 600 }`,
  "state: { kind: file, path: ./state }",
];

/** Reads the lines above with one of them replaced; the error's message, without the folder. */
async function problemOf(replaced: string, by: string): Promise<string> {
  const text = LINES.join("\n").replace(replaced, by);
  expect(text).not.toBe(LINES.join("\n"));
  writeFileSync(at("serve.yaml"), text);
  const error = await readConfig(at("serve.yaml")).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(error, by).toBeDefined();
  return error!.message.replaceAll(`${folder}/`, "");
}

describe("a configuration", () => {
  it("is read from YAML, with the schema's defaults and paths relative to its file", async () => {
    writeFileSync(at("serve.yaml"), LINES.join("\n"));
    const config = await readConfig(at("serve.yaml"));
    expect(config.predictor).toBe(at("support.optllm"));
    expect(config.state).toEqual({ kind: "file", path: at("state") });
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 8080 });
    expect(config.admin).toEqual({ host: "127.0.0.1", port: 9090 });
    expect(config.upstreams.openai).toMatchObject({ maxInFlight: 20, idleSeconds: 60, kind: "openai" });
    expect(config.models.small).toMatchObject({ price: "auto", can: ["tools", "json"], serves: "chat" });
    expect(config.limits).toEqual({
      solveQueue: 32,
      bodyBytes: 20 * 2 ** 20,
      jsonDepth: 64,
      deadlineSeconds: 600,
      drainSeconds: 30,
    });
  });

  it("is the same from JSON", async () => {
    writeFileSync(at("serve.yaml"), LINES.join("\n"));
    const config = await readConfig(at("serve.yaml"));
    writeFileSync(at("serve.json"), JSON.stringify(config));
    expect(await readConfig(at("serve.json"))).toEqual(config);
  });

  it("leaves the value that it is given as it is", async () => {
    const value = {
      version: 1,
      predictor: "x",
      upstreams: { a: { baseUrl: "http://localhost/v1" } },
      models: { m: { upstream: "a" } },
      policies: { p: { lambda: 1 } },
    };
    const before = JSON.stringify(value);
    await checkConfig(value);
    expect(JSON.stringify(value)).toBe(before);
  });

  it.each([
    [
      "price: auto",
      "price: cheap",
      'serve.yaml: line 6: models.small.price is cheap; expected "auto", or { input, output } in dollars per million tokens',
    ],
    [
      "input: 5, output: 30",
      "input: -5, output: 30",
      "serve.yaml: line 7: models.large.price.input is -5; expected dollars ≥ 0 per million tokens",
    ],
    [
      "input: 5, output: 30",
      "input: 5",
      "serve.yaml: line 7: models.large.price lacks output; expected dollars ≥ 0 per million tokens",
    ],
    ["input: 5, output: 30", "output: 30", "models.large.price lacks input; expected"],
    [
      "id: gpt-5-mini, price",
      "id: gpt-5-mini, prize",
      "serve.yaml: line 6: models.small has prize, which is not known; did you mean price? It knows",
    ],
    [
      "upstream: openai, id: gpt-5-mini",
      "upstream: opnai",
      "models.small.upstream is opnai, which is no upstream; the nearest is openai",
    ],
    [
      "policies: [support]",
      "policies: [suport]",
      "serve.yaml: line 11: keys[0].policies[0] is suport, which is no policy; the nearest is support",
    ],
    [
      "period: month",
      "period: fortnight",
      "policies.support.budget.period is fortnight; expected hour, day, week, month or total",
    ],
    [
      "budget: { dollars: 3000, period: month }, ",
      "",
      "policies.support has nothing to decide by; expected a budget, lambda, accuracy or plan",
    ],
    ["kind: file, path: ./state", "kind: file", "state lacks path; expected the folder"],
    ["version: 1", "version: 2", "serve.yaml: line 1: version is 2; expected 1, the version of this format"],
    ["  small:", "  __proto__:", "models has the name __proto__; expected letters, digits"],
    [
      "https://api.openai.com/v1",
      "https://user:secret@api.openai.com/v1",
      "upstreams.openai.baseUrl is something else; expected the address up to the version",
    ],
    ["version: 1", "version: [1", "serve.yaml: line "],
    ["version: 1", "", "the configuration lacks version"],
    ["version: 1", "version: 1\nversion: 1", /line 2: Map keys must be unique$/],
    [
      `keys:\n  - { name: web, sha256: "${SHA}", policies: [support], requestsPerMinute: 600 }`,
      "listen: { host: 0.0.0.0 }",
      "listen.host is 0.0.0.0 and there are no keys: everybody could spend the budget",
    ],
  ])("with %s as %s is refused with the line, the path and what is expected", async (line, by, message) => {
    expect(await problemOf(line, by)).toContain(message);
  });

  it("names everything that is wrong at once", async () => {
    const text = LINES.join("\n").replace("price: auto", "price: 3").replace("explore: 0.01", "explore: 2");
    writeFileSync(at("serve.yaml"), text);
    await expect(readConfig(at("serve.yaml"))).rejects.toThrow(
      /line 6: models\.small\.price is 3; .*line 9: policies\.support\.explore is 2; expected share/,
    );
  });

  it("never repeats what may be a key that was put in the wrong place", async () => {
    for (const [line, by] of [
      [SHA, "sk-proj-do-not-show"],
      ["OPENAI_API_KEY", "sk-proj-do-not-show"],
    ]) {
      const message = await problemOf(line, by);
      expect(message).toMatch(/is something else; expected/);
      expect(message).not.toContain("do-not-show");
    }
  });

  it("is refused, and does not fill the memory, where anchors multiply", async () => {
    const bomb = Array.from({ length: 12 }, (_, k) =>
      k === 0
        ? "a0: &a0 [x, x, x, x, x, x, x, x]"
        : `a${k}: &a${k} [${Array(8)
            .fill(`*a${k - 1}`)
            .join(", ")}]`,
    );
    writeFileSync(at("bomb.yaml"), bomb.join("\n"));
    await expect(readConfig(at("bomb.yaml"))).rejects.toThrow(/uses its anchors more than 100 times/);
  });

  it("that is no file is refused with its name", async () => {
    await expect(readConfig(at("nothing.yaml"))).rejects.toThrow(/nothing\.yaml: no such file/);
    await expect(readConfig(folder)).rejects.toThrow(/is a folder/);
    writeFileSync(at("empty.yaml"), "");
    await expect(readConfig(at("empty.yaml"))).rejects.toThrow(
      /the configuration is null; expected an object/,
    );
  });
});

it("publishes the schema that it checks by, and every value in it says what is expected", async () => {
  const schema = JSON.parse(await configSchema()) as object;
  expect(schema).toEqual(
    JSON.parse(
      readFileSync(new URL("../../../src/server/config/config.schema.json", import.meta.url), "utf8"),
    ),
  );
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, enum: values, description } = node as Record<string, unknown>;
    if (
      (typeof type === "string" || values !== undefined) &&
      description === undefined &&
      !path.endsWith("if")
    )
      undescribed.push(path);
    for (const [key, value] of Object.entries(node)) if (key !== "default") visit(value, `${path}/${key}`);
  };
  visit(schema, "");
  expect(undescribed).toEqual([]);
});
