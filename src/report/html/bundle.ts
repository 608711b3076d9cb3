import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CoreError } from "../../errors.js";
import { packageFile } from "../../package.js";

/**
 * A part of the page's client that `npm run build` has bundled: its script with the chart library and that library's
 * licence, the chart library's style sheet, or the script of the server's status page.
 *
 * @throws CoreError when the part has not been built.
 */
export async function bundled(part: "client.js" | "client.css" | "status.js"): Promise<string> {
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
