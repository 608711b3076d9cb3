import { bundled } from "../../report/html/bundle.js";
import { hashOf, offlinePage } from "../../report/html/offlinePage.js";
import { STYLES } from "../../report/html/styles.js";
import type { StatusData } from "./data.js";

const OWN_STYLES = `
.meter { position: relative; height: 18px; background: var(--page); border: 1px solid var(--grid); border-radius: 4px; overflow: hidden; margin: .25rem 0 .75rem; }
.meter span { position: absolute; top: 0; bottom: 0; }
.meter .used { left: 0; background: var(--curve-front); }
.meter .plan { width: 3px; margin-left: -1px; background: var(--ink); }
svg.lambda { display: block; width: 100%; height: 120px; }
svg.lambda path { fill: none; stroke: var(--curve-front); stroke-width: 2; vector-effect: non-scaling-stroke; }
.ends { display: flex; justify-content: space-between; gap: 1rem; color: var(--muted); font-size: .85rem; }
.alarm { border-left: 4px solid var(--accent); padding-left: .75rem; }
.decisions { list-style: none; margin: 0; padding: 0; }
.decisions li { padding: .4rem 0; border-bottom: 1px solid var(--grid); overflow-wrap: anywhere; }
.decisions small { display: block; color: var(--muted); font-size: .85rem; }
`;

const SHELL = `<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand">OptLLM server</p>
<h1>Status</h1>
<p id="state" role="status"></p>
</header>
<noscript><p class="warning">A script of this page draws it. Please allow scripts.</p></noscript>
<main id="main" tabindex="-1"></main>
<footer><p>The page needs no network but this server. Figures of answers count from the server's start.</p></footer>`;

/** The status page; what is sent with it allows its own script and this server alone. */
export interface StatusPage {
  headers: Record<string, string>;
  html(data: StatusData): string;
}

/** @throws CoreError when the page's script has not been built. */
export async function statusPage(): Promise<StatusPage> {
  const script = await bundled("status.js");
  const styles = STYLES + OWN_STYLES;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(styles)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
    html: (data) => offlinePage({ title: "OptLLM server status", styles, shell: SHELL, data, script }),
  };
}
