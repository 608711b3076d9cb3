import type { ReportData } from "../data.js";
import { bundled } from "./bundle.js";
import { hashOf, offlinePage } from "./offlinePage.js";
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
  return offlinePage({ title: "OptLLM report", policy, styles, shell: SHELL, data, script });
}
