import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkPage, root } from "./pages.js";

const guide = readdirSync(join(root, "docs/guide")).map((file) => `docs/guide/${file}`);
/** Where a page's commands find their files: the invented examples, unless it says otherwise. */
const FILES: Record<string, string> = { "docs/guide/formats.md": "test/rows/fixtures" };

it("finds the pages of the guide", () => expect(guide).toContain("docs/guide/README.md"));

it.each(guide)("%s does what its blocks show", (path) =>
  checkPage(path, FILES[path] ?? "examples/data", [
    "npm install optllm",
    "npm install optllm ioredis",
    "npm install optllm bullmq ioredis",
  ]),
);
