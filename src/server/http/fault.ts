import { messageLine } from "../../text/shown.js";

/** A fault of the server for its log: what failed and where. Its message is left out, since it may quote a request. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return "the server failed: something that is no error was thrown";
  const { code } = error as NodeJS.ErrnoException;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const name = typeof code === "string" ? `${error.name} (${code})` : error.name;
  return messageLine(
    `the server failed: ${name} ${places
      .slice(0, 6)
      .map((line) => line.trim())
      .join(" ")}`,
  );
}
