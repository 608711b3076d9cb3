/** `node:path` for the page's workers, whose files lie in the folder "/". */

export const sep = "/";

/** Without a slash at its end. */
export function join(...parts: string[]): string {
  return shortened(parts.filter((part) => part !== "").join("/")) || ".";
}

export function resolve(...parts: string[]): string {
  let whole = "";
  for (const part of parts) whole = part.startsWith("/") ? part : `${whole}/${part}`;
  return shortened(`/${whole}`);
}

export function dirname(path: string): string {
  const at = path.replace(/\/+$/, "").lastIndexOf("/");
  if (at < 0) return path.startsWith("/") ? "/" : ".";
  return path.slice(0, at) || "/";
}

export function basename(path: string): string {
  const short = path.replace(/\/+$/, "");
  return short.slice(short.lastIndexOf("/") + 1);
}

/** The way from a folder to a path below it. */
export function relative(folder: string, path: string): string {
  const [from, to] = [resolve(folder), resolve(path)];
  if (from === to) return "";
  const start = from === "/" ? "/" : `${from}/`;
  if (!to.startsWith(start)) throw new Error(`${to} is not below ${from}`);
  return to.slice(start.length);
}

function shortened(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (part !== ".." || !path.startsWith("/")) kept.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + kept.join("/");
}
