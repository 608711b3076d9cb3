import { writeFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { serveFile, type FileServer } from "../../src/server/serveFile.js";
import { testFolder } from "../cli/run.js";
import { baseConfig, until, UPSTREAM_KEY, writePredictor } from "./running.js";

const { at } = testFolder("server-watch");
await writePredictor(at("base.optllm"));
const env = { UPSTREAM_KEY };
const NEWER = "bodyBytes has changed";
const AGAIN = "was read again";

/** A configuration of a policy that no key may use, of which every reading says so. */
function write(bodyBytes: number): void {
  const config = baseConfig(at("base.optllm"), "http://127.0.0.1:1/v1");
  const policies = { ...config.policies, spare: { lambda: 1 } };
  writeFileSync(at("serve.json"), JSON.stringify({ ...config, policies, limits: { bodyBytes } }));
}

let server: FileServer | undefined;
afterEach(() => server?.close());

it("a file that changes while the server starts is read again", async () => {
  write(5_000);
  const notes: string[] = [];
  const onNote = (text: string): void => {
    if (notes.push(text) === 1) write(60_000);
  };
  server = await serveFile(at("serve.json"), { env, onNote, everyMs: 20 });
  await until(() => notes.some((note) => note.includes(AGAIN)), "the second reading");
  expect(notes.some((note) => note.includes(NEWER))).toBe(true);
});

it("a file that changes while it is read again is read once more", async () => {
  write(5_000);
  const notes: string[] = [];
  const onNote = (text: string): void => {
    notes.push(text);
    // This reading is of a file that says 60,000.
    if (notes.filter((note) => note.includes(NEWER)).length === 1 && text.includes(NEWER)) write(700_000);
  };
  server = await serveFile(at("serve.json"), { env, onNote, everyMs: 20 });
  write(60_000);
  await until(() => notes.filter((note) => note.includes(AGAIN)).length === 2, "the third reading");
});
