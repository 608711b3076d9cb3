import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CoreError } from "../../errors.js";
import { packageFile } from "../../package.js";

type Part = "client.js" | "client.css" | "status.js" | "app.js" | "appWorker.js";

/**
 * A part of the page's client that `npm run build` has bundled: its script with the chart library and that library's
 * licence, the chart library's style sheet, the script of the server's status page, or those of the app and its workers.
 *
 * @throws CoreError when the part has not been built.
 */
export async function bundled(part: Part): Promise<string> {
  const file = fileURLToPath(packageFile(`dist/report/${part}`));
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CoreError(`${file} cannot be read (${code}); build it with npm run build`, {
      cause: code,
    });
  }
}
