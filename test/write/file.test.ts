import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { checkOutput, outputFormat, writeOut } from "../../src/write/file.js";
import { temporaryFolder } from "../rows/folder.js";

const root = temporaryFolder();
let folders = 0;
function freshFolder(): string {
  const path = join(root.path, String(++folders));
  mkdirSync(path);
  return path;
}

/** Runs `task` with another standard output. */
async function withStdout<T>(value: Writable, task: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(process, "stdout") as PropertyDescriptor;
  Object.defineProperty(process, "stdout", { value, configurable: true });
  try {
    return await task();
  } finally {
    Object.defineProperty(process, "stdout", before);
  }
}

describe("writeOut", () => {
  it("writes chunks to a file, from arrays and asynchronous generators", async () => {
    const folder = freshFolder();
    const file = join(folder, "out.txt");
    await writeOut(file, ["a\n", "é\n"]);
    expect(readFileSync(file, "utf8")).toBe("a\né\n");
    async function* chunks() {
      yield "x";
      await Promise.resolve();
      yield "y";
    }
    await writeOut(file, chunks());
    expect(readFileSync(file, "utf8")).toBe("xy");
    await writeOut(file, []);
    expect(readFileSync(file, "utf8")).toBe("");
    expect(readdirSync(folder)).toEqual(["out.txt"]);
  });

  it("compresses where the name ends in .gz", async () => {
    const file = join(freshFolder(), "out.csv.gz");
    await writeOut(file, ["a,b\n", "1,2\n"]);
    expect(gunzipSync(readFileSync(file)).toString()).toBe("a,b\n1,2\n");
  });

  it.each(["out.txt", "out.txt.gz"])(
    "leaves the old %s and nothing else when the chunks fail",
    async (name) => {
      const folder = freshFolder();
      const file = join(folder, name);
      writeFileSync(file, "old");
      const failure = new Error("no more");
      function* chunks() {
        yield "new";
        throw failure;
      }
      await expect(writeOut(file, chunks())).rejects.toBe(failure);
      expect(readFileSync(file, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it("stops on abort with its reason, and leaves the old file and nothing else", async () => {
    const folder = freshFolder();
    const file = join(folder, "out.txt");
    writeFileSync(file, "old");
    const controller = new AbortController();
    const reason = new Error("enough");
    let isClosed = false;
    async function* endless() {
      try {
        for (let k = 0; ; k++) {
          if (k === 5) controller.abort(reason);
          await new Promise((resolve) => setImmediate(resolve));
          yield "x".repeat(10_000);
        }
      } finally {
        isClosed = true;
      }
    }
    await expect(writeOut(file, endless(), { signal: controller.signal })).rejects.toBe(reason);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["out.txt"]);
    await expect.poll(() => isClosed).toBe(true);
    await expect(writeOut(file, ["x"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(writeOut("-", ["x"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("takes chunks no faster than they can be written", async () => {
    let made = 0;
    let taken = 0;
    let mostAhead = 0;
    function* chunks() {
      for (; made < 200; made++) {
        mostAhead = Math.max(mostAhead, made - taken);
        yield "x".repeat(100_000);
      }
    }
    const slow = new Writable({
      write: (_chunk, _encoding, done) => setTimeout(() => done(void taken++), 0),
    });
    await withStdout(slow, () => writeOut(undefined, chunks()));
    expect(taken).toBe(200);
    expect(mostAhead).toBeLessThan(10);
  });

  it.runIf(process.platform !== "win32")("keeps links and permissions of the file it replaces", async () => {
    const folder = freshFolder();
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    writeFileSync(file, "old");
    chmodSync(file, 0o600);
    symlinkSync(file, link);
    await writeOut(link, ["new"]);
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["file", "link"]);
  });

  it.runIf(process.platform !== "win32")("writes into a pipe and leaves it a pipe", async () => {
    const pipe = join(freshFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe], { timeout: 60_000 });
    const received = reader.stdout.toArray();
    await writeOut(pipe, ["a", "b"]);
    expect(statSync(pipe).isFIFO()).toBe(true);
    expect(Buffer.concat((await received) as Buffer[]).toString()).toBe("ab");
  });

  it("writes to standard output, and leaves it open", async () => {
    let text = "";
    const stdout = new Writable({ write: (chunk, _encoding, done) => done(void (text += String(chunk))) });
    await withStdout(stdout, async () => {
      await writeOut(undefined, ["a", "b"]);
      await writeOut("-", ["c"]);
    });
    expect(text).toBe("abc");
    expect(stdout.writableEnded).toBe(false);
  });

  it("ends quietly, without asking for more, when the reader of standard output has gone", async () => {
    let asked = 0;
    function* chunks() {
      for (; asked < 100; asked++) yield "x";
    }
    const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" });
    await withStdout(new Writable({ write: (_chunk, _encoding, done) => done(broken) }), () =>
      writeOut("-", chunks()),
    );
    expect(asked).toBe(0);
  });

  it("refuses, in one line, a full disk behind standard output", async () => {
    const full = Object.assign(new Error("write ENOSPC"), { code: "ENOSPC", syscall: "write" });
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(full) });
    const writing = withStdout(stdout, () => writeOut("-", ["x"]));
    await expect(writing).rejects.toThrow(InputError);
    await expect(writing).rejects.toThrow("stdout cannot be written: the disk is full (ENOSPC)");
  });

  it("refuses a folder, a missing folder, and a path through a file, before asking for text", async () => {
    const folder = freshFolder();
    const file = root.write("plain", "");
    let isAsked = false;
    function* chunks() {
      isAsked = true;
      yield "x";
    }
    for (const [path, message] of [
      [folder, "is a folder; expected the name of a file"],
      [join(folder, "absent", "out"), "its folder does not exist"],
      [join(file, "out"), "its folder does not exist"],
      [join(folder, "a\0b"), "cannot be written"],
    ]) {
      await expect(writeOut(path, chunks())).rejects.toThrow(InputError);
      await expect(writeOut(path, chunks())).rejects.toThrow(message);
      await expect(writeOut(path, chunks())).rejects.toThrow(/^[^\p{Cc}]+$/u);
      await expect(checkOutput(path)).rejects.toThrow(message);
    }
    expect(isAsked).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    await checkOutput(join(folder, "out"));
    await checkOutput(undefined);
  });

  it.skipIf(process.getuid?.() === 0)("refuses a folder that may not be written to", async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o500);
    await expect(writeOut(join(folder, "out"), ["x"])).rejects.toThrow(
      "cannot be written: no permission (EACCES)",
    );
  });
});

describe("outputFormat", () => {
  it.each([
    ["a.jsonl", "jsonl"],
    ["b/c.d/a.CSV", "csv"],
    ["a.json.gz", "json"],
    ["a.csv.GZ", "csv"],
    ["-", "jsonl"],
    [undefined, "jsonl"],
  ])("of %s is %s", (path, format) => {
    expect(outputFormat(path, ["jsonl", "csv", "json"])).toBe(format);
  });

  it.each(["a", "a.txt", "a.gz", "csv", "a.csv/b", "a.json", "a.csv.bak"])(
    "refuses %s, naming what it accepts",
    (path) => {
      expect(() => outputFormat(path, ["jsonl", "csv"])).toThrow(InputError);
      expect(() => outputFormat(path, ["jsonl", "csv"])).toThrow("expected .jsonl, .csv, each also with .gz");
    },
  );
});
