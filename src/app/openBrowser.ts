import { spawn } from "node:child_process";

/** The program that opens an address, by platform. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
  linux: ["xdg-open"],
};

/**
 * Opens an address in the user's browser: with the program that the variable BROWSER names, or else as the platform
 * does. Whether that was possible; where the program is the browser itself, when it ends.
 */
export function openBrowser(url: string): Promise<boolean> {
  const { BROWSER } = process.env;
  const [program, ...before] = BROWSER ? [BROWSER] : (OPENERS[process.platform] ?? []);
  if (program === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(program, [...before, url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
    child.unref();
  });
}
