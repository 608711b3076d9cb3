import { bundled } from "../report/html/bundle.js";
import { hashOf, offlinePage } from "../report/html/offlinePage.js";
import { STYLES } from "../report/html/styles.js";
import { SHELL } from "./shell.js";
import { APP_STYLES } from "./styles.js";

/**
 * The app as one HTML file that needs nothing else: its scripts, the WebAssembly core and the price table are inside. Its
 * content security policy forbids every request.
 *
 * @throws CoreError when the page's scripts have not been built.
 */
export async function appPage(): Promise<string> {
  const [script, worker, reportScript, reportStyles] = await Promise.all(
    (["app.js", "appWorker.js", "client.js", "client.css"] as const).map(bundled),
  );
  const policy = [
    "default-src 'none'",
    "connect-src 'none'",
    // The report that is shown inside the page has this policy besides its own.
    `script-src ${hashOf(script)} ${hashOf(reportScript)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(APP_STYLES)} ${hashOf(reportStyles + STYLES)}`,
    "worker-src blob:",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return offlinePage({
    title: "OptLLM: does routing pay?",
    policy,
    styles: APP_STYLES,
    shell: `${SHELL}\n<script type="text/plain" id="worker">${worker}</script>`,
    data: null,
    script,
  });
}
