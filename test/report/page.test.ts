import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ReportData } from "../../src/report/data.js";
import { embeddedJson } from "../../src/report/html/embed.js";
import { reportPage } from "../../src/report/html/page.js";

const DATA: ReportData = {
  title: "a </script> title",
  summary: ["<b>bold</b>"],
  figures: [],
  tables: [],
  notes: [],
  origin: { command: "optllm", inputs: [], settings: [], versions: [] },
};

it("embeds any text so that nothing can end the element, and JSON.parse gives it back", () => {
  const strings = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("</script>", "<!--", "\u2028", "\u2029", "&lt;", "]]>"),
  );
  fc.assert(
    fc.property(fc.array(strings), fc.dictionary(strings, strings), (list, record) => {
      const text = embeddedJson({ list, record: Object.entries(record) });
      expect(text).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(text)).toEqual({ list, record: Object.entries(record) });
    }),
  );
});

it("names every inline script and style by its hash, and the page holds no others", async () => {
  const page = await reportPage(DATA);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1];
  const inline = [...page.matchAll(/<(script|style)>([^]*?)<\/\1>/g)];
  expect(inline.map(([, tag]) => tag)).toEqual(["style", "script"]);
  for (const [, , text] of inline) {
    expect(policy).toContain(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }
  expect(policy).toContain("default-src 'none'");
  expect(page.match(/<script/g)!.length).toBe(2);
  expect(page).not.toMatch(/ on\w+=| style=|javascript:/);
});

it("carries the licence of the chart library", async () => {
  expect(await reportPage(DATA)).toMatch(/The MIT License[^]*Leon Sorokin/);
});
