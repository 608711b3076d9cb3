import { InputError, OptllmError } from "../errors.js";
import { fileName, oneLine } from "./shown.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EMFILE: "too many files are open",
};

/** Why the file system refused, for an error message: "the disk is full (ENOSPC)". */
export function reasonOf(code: string): string {
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  return reason === undefined ? code : `${reason} (${code})`;
}

/** Turns a failure to read a file into an InputError; other errors are returned unchanged. */
export function readError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof OptllmError || typeof code !== "string") return error;
  const name = fileName(path);
  const refuse = (problem: string): InputError =>
    new InputError(`${name}${problem}`, { file: name, cause: code });
  if (code === "ENOENT" || code === "ENOTDIR") return refuse(": no such file");
  if (code === "EISDIR") return refuse(" is a folder; expected a file");
  if (code === "Z_BUF_ERROR") return refuse(": truncated gzip: it ends too early");
  if (code.startsWith("Z_")) return refuse(`: damaged gzip (${code})`);
  return refuse(` cannot be read: ${reasonOf(code)}`);
}

/** Turns a failure to write to a file, or to standard output (`path` undefined), into an InputError. */
export function writeError(error: unknown, path: string | undefined): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isOfFile = code === "ERR_INVALID_ARG_VALUE" || (typeof code === "string" && syscall !== undefined);
  if (error instanceof OptllmError || !isOfFile) return error;
  const name = path === undefined ? "stdout" : oneLine(path);
  const refuse = (problem: string): InputError =>
    new InputError(`${name} ${problem}`, { path: name, cause: code });
  if (code === "EISDIR") return refuse("is a folder; expected the name of a file");
  if (code === "ENOENT" || code === "ENOTDIR") return refuse("cannot be written: its folder does not exist");
  return refuse(`cannot be written: ${reasonOf(code)}`);
}

/** A failure as the file system itself would report it. */
export function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, syscall: "stat" });
}
