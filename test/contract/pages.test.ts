import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./pages.js";

const pages = ["docs/guide", "docs/lab", "bench", "paper", "examples", "."].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);

it.each(pages)("%s links only to files and headings that exist", (path) => {
  const page = readFileSync(join(root, path), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  for (const [, link] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link) || link.includes("docs/reference")) continue;
    const [file, heading] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    const text = target.endsWith(".md") ? readFileSync(join(root, target), "utf8") : "";
    if (!target.endsWith(".md")) expect(() => readdirSync(join(root, dirname(target)))).not.toThrow();
    if (heading !== undefined) expect(anchorsOf(text), link).toContain(heading);
  }
});

/** The headings' anchors, as GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
