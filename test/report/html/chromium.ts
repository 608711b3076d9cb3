import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser of this machine; OPTLLM_CHROMIUM names another one. Undefined where there is none. */
export const chromiumPath = [process.env.OPTLLM_CHROMIUM ?? "", ...PLACES].find(
  (path) => path !== "" && existsSync(path),
);
if (chromiumPath === undefined) {
  console.log(
    "browser tests are skipped: no chromium here (apt-get install chromium, or set OPTLLM_CHROMIUM)",
  );
}

export function launch(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath: chromiumPath, args, timeout: 120_000 });
}
