import { createHash } from "node:crypto";
import type { ReportData } from "../data.js";
import { bundled } from "./bundle.js";
import { embeddedJson } from "./embed.js";
import { SHELL } from "./shell.js";
import { STYLES } from "./styles.js";

/**
 * A report as one HTML file that needs nothing else: data, script, chart library and styles are inside. Its content
 * security policy forbids every request and every script but its own. The same data give the same bytes.
 *
 * @throws CoreError when the page's script has not been built.
 */
export async function reportPage(data: ReportData): Promise<string> {
  const [script, chartStyles] = await Promise.all([bundled("client.js"), bundled("client.css")]);
  const styles = chartStyles + STYLES;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(styles)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>OptLLM report</title>
<style>${styles}</style>
</head>
<body>
${SHELL}
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** As a content security policy names an inline script or style. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
