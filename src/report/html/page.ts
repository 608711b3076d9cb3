import { createHash } from "node:crypto";
import type { ReportData } from "../data.js";
import { embeddedJson } from "./embed.js";
import { chartLibrary, clientScript } from "./script.js";
import { SHELL } from "./shell.js";
import { STYLES } from "./styles.js";

/**
 * A report as one HTML file that needs nothing else: data, chart library, script and styles are inside, and its
 * content security policy forbids every request and every script but its own. The same data give the same bytes.
 *
 * @throws CoreError when a file of this package or of uPlot is missing.
 */
export async function reportPage(data: ReportData): Promise<string> {
  const { script, style, licence } = await chartLibrary();
  const client = await clientScript();
  const styles = style + STYLES;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)} ${hashOf(client)}`,
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
<!-- The charts are drawn by uPlot:
${licence.trim()}
-->
<script>${script}</script>
<script>${client}</script>
</body>
</html>
`;
}

/** As a content security policy names an inline script or style. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
