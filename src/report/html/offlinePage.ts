import { createHash } from "node:crypto";
import { embeddedJson } from "./embed.js";

/** What a page that needs no network is made of. */
export interface PageParts {
  title: string;
  /** The content security policy, if it stands in the page, and not in a header of what sends it. */
  policy?: string;
  styles: string;
  /** The body before the data and the script. */
  shell: string;
  data: unknown;
  script: string;
}

/** A page with its data, script and styles inside. */
export function offlinePage({ title, policy, styles, shell, data, script }: PageParts): string {
  const [csp, referrer] =
    policy === undefined
      ? ["", ""]
      : [
          `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
          `<meta name="referrer" content="no-referrer">\n`,
        ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${csp}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${referrer}<link rel="icon" href="data:,">
<title>${title}</title>
<style>${styles}</style>
</head>
<body>
${shell}
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** As a content security policy names an inline script or style. */
export function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
