import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_LIMIT, readLines } from "../../src/text/lines.js";
import { InputError } from "../../src/errors.js";
import { temporaryFolder, withStdin } from "../rows/folder.js";

const folder = temporaryFolder();

async function linesOf(path: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { first, lines } of readLines(path)) {
    expect(first).toBe(all.length + 1);
    all.push(...lines);
  }
  return all;
}

/** Cuts bytes into pieces of the given lengths, again and again. */
function pieces(bytes: Uint8Array, lengths: number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let from = 0, k = 0; from < bytes.length; k++) {
    cut.push(bytes.subarray(from, from + lengths[k % lengths.length]));
    from += lengths[k % lengths.length];
  }
  return cut;
}

function lastLineMayLackNewline(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

describe("readLines", () => {
  it.each([
    ["LF", "a\nb\n", ["a", "b"]],
    ["CRLF, whose carriage return stays", "a\r\nb\r\n", ["a\r", "b\r"]],
    ["a last line without a newline", "a\nb", ["a", "b"]],
    ["blank lines", "\n\na\n\n", ["", "", "a", ""]],
    ["a byte order mark", "\ufeffa\nb\n", ["a", "b"]],
    ["an empty file", "", []],
    ["a mark and nothing else", "\ufeff", []],
  ])("reads %s", async (_, text, lines) => {
    expect(await linesOf(folder.write("plain.txt", text))).toEqual(lines);
    expect(await linesOf(folder.write("packed.txt", gzipSync(text)))).toEqual(lines);
  });

  it("splits the same wherever the chunks are cut, even within a character or CRLF", async () => {
    const text = fc
      .array(fc.constantFrom("a", "\n", "\r\n", "é", "漢", "🚀", '"', "\ufeff"))
      .map((a) => a.join(""));
    const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(text, lengths, fc.boolean(), async (body, cut, isPacked) => {
        const content = Buffer.from(`x${body}`);
        const chunks = pieces(isPacked ? gzipSync(content) : content, cut);
        expect(await withStdin(chunks, () => linesOf("-"))).toEqual(lastLineMayLackNewline(`x${body}`));
      }),
    );
  });

  it("keeps a character whole that a chunk of the file cuts in two", async () => {
    const line = "a" + "é".repeat(2 ** 20);
    expect(await linesOf(folder.write("long.txt", `${line}\n${line}`))).toEqual([line, line]);
  });

  it("reads a concatenation of gzip files", async () => {
    const file = folder.write("two.gz", Buffer.concat([gzipSync("a\nb"), gzipSync("c\nd\n")]));
    expect(await linesOf(file)).toEqual(["a", "bc", "d"]);
  });

  it("accepts a line of exactly 64 MiB and refuses one byte more", async () => {
    const longest = Buffer.alloc(LINE_LIMIT + 2, "a");
    longest[LINE_LIMIT] = 10;
    expect((await linesOf(folder.write("longest.txt", longest))).map((line) => line.length)).toEqual([
      LINE_LIMIT,
      1,
    ]);
    longest[LINE_LIMIT] = 97;
    longest[LINE_LIMIT + 1] = 10;
    await expect(linesOf(folder.write("longest.txt", longest))).rejects.toThrow(
      "longest.txt:1: the line is longer",
    );
    const later = folder.write(
      "longest.txt",
      Buffer.concat([Buffer.from("a\nb\n"), Buffer.alloc(LINE_LIMIT + 1, "a")]),
    );
    await expect(linesOf(later)).rejects.toThrow("longest.txt:3: the line is longer");
  });

  const packed = gzipSync("a line of text\n".repeat(1000));
  const damaged = Buffer.from(packed).fill(0xff, 20, 40);
  it.each<[string, Uint8Array, RegExp]>([
    ["invalid UTF-8", Buffer.from([97, 10, 98, 10, 0xc3, 0x28, 10, 99]), /file:3: not valid UTF-8/],
    ["a character cut off at the end", Buffer.from([97, 10, 0xe6, 0xbc]), /file:2: not valid UTF-8/],
    ["Latin-1", Buffer.from("caf\u00e9\n", "latin1"), /file:1: not valid UTF-8/],
    ["little-endian UTF-16", Buffer.from("\ufeffa\n", "utf16le"), /file is UTF-16; save it as UTF-8/],
    ["big-endian UTF-16", Buffer.from([0xfe, 0xff, 0, 97]), /file is UTF-16; save it as UTF-8/],
    ["truncated gzip", packed.subarray(0, packed.length - 12), /file: truncated gzip/],
    ["damaged gzip", damaged, /file: damaged gzip/],
  ])("refuses %s in one line", async (_, content, message) => {
    const error = await linesOf(folder.write("file", content)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/[\r\n]/);
  });

  it("refuses a missing file, a path through a file, and a folder", async () => {
    await expect(linesOf(join(folder.path, "absent"))).rejects.toThrow(/absent: no such file$/);
    await expect(linesOf(join(folder.write("file", ""), "x"))).rejects.toThrow(/x: no such file$/);
    await expect(linesOf(folder.path)).rejects.toThrow(/is a folder; expected a file$/);
    await expect(linesOf("no\nsuch\0file")).rejects.toThrow(/^no\\u000asuch\\u0000file cannot be read/);
  });

  it("throws the reason of an aborted signal, before and during reading", async () => {
    const file = folder.write("many.txt", "0123456789\n".repeat(1_000_000));
    const reason = new Error("enough");
    await expect(readLines(file, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const batch of readLines(file, { signal: controller.signal }))
        if (batch.first === 1) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });

  it.each(["plain", "packed"])("keeps no line of a %s file in a buffer that is used again", async (kind) => {
    const lines = Array.from({ length: 400_000 }, (_, i) => `line ${i} ${"é".repeat(i % 17)}`);
    const text = lines.join("\n");
    const file = folder.write(`again-${kind}.txt`, kind === "packed" ? gzipSync(text) : text);
    const found: string[] = [];
    for await (const batch of readLines(file)) for (const line of batch.lines) found.push(line);
    expect(found.length).toBe(lines.length);
    expect(found.findIndex((line, i) => line !== lines[i])).toBe(-1);
  });

  it.runIf(process.platform === "linux").each(["plain", "packed"])(
    "closes a %s file left early",
    async (kind) => {
      const text = "0123456789\n".repeat(1_000_000);
      const file = folder.write(`left-${kind}.txt`, kind === "packed" ? gzipSync(text) : text);
      const isOpen = (): boolean =>
        readdirSync("/proc/self/fd").some((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`) === file;
          } catch {
            return false;
          }
        });
      for await (const batch of readLines(file)) {
        expect(batch.first).toBe(1);
        expect(isOpen()).toBe(true);
        break;
      }
      await expect.poll(isOpen).toBe(false);
    },
  );

  it("reports the bytes of the file as they are read", async () => {
    const content = gzipSync("a line of text\n".repeat(1000));
    const seen: [number, number][] = [];
    const onBytes = (done: number, total: number): number => seen.push([done, total]);
    for await (const batch of readLines(folder.write("seen.gz", content), { onBytes }))
      expect(batch.first).toBeGreaterThan(0);
    expect(seen.at(-1)).toEqual([content.length, content.length]);
  });
});
