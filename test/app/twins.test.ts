import * as nodeBuffer from "node:buffer";
import * as nodeCrypto from "node:crypto";
import { posix } from "node:path";
import { gzipSync, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as twin from "../../src/app/browser/buffer.js";
import { createHash } from "../../src/app/browser/crypto.js";
import { below, move, put, remove } from "../../src/app/browser/drawer.js";
import { open, readdir, readFile, stat } from "../../src/app/browser/fs.js";
import { exp, log, log1p } from "../../src/app/browser/math.js";
import * as path from "../../src/app/browser/path.js";
import { pipeline } from "../../src/app/browser/stream.js";
import { Random } from "../../src/random.js";
import { createGunzip, createInflateRaw, type Unpacking } from "../../src/app/browser/zlib.js";

/** What the page's workers use in place of Node gives what Node gives. */

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 }));

describe("Buffer", () => {
  it("decodes as Node does, also what is no UTF-8, with a mark at its beginning", () => {
    const marked = fc
      .tuple(bytes, fc.boolean())
      .map(([all, has]) => (has ? [0xef, 0xbb, 0xbf, ...all] : [...all]));
    fc.assert(
      fc.property(marked, fc.nat(20), fc.nat(310), (all, from, to) => {
        const [own, node] = [twin.Buffer.from(all), nodeBuffer.Buffer.from(all)];
        for (const encoding of ["utf8", "latin1", "hex", "base64", "base64url"] as const) {
          expect(own.toString(encoding)).toBe(node.toString(encoding));
          expect(own.toString(encoding, from, to)).toBe(node.toString(encoding, from, to));
        }
        expect(twin.isAscii(own.subarray(from))).toBe(nodeBuffer.isAscii(node.subarray(from)));
        expect(twin.isUtf8(own)).toBe(nodeBuffer.isUtf8(node));
      }),
    );
  });

  it("encodes, joins, copies, compares and searches as Node does", () => {
    fc.assert(
      fc.property(text, text, fc.nat(30), fc.nat(255), (a, b, at, byte) => {
        const both = [twin.Buffer, nodeBuffer.Buffer].map((Type) => {
          const joined = Type.concat([Type.from(a), Type.from(b), Type.from([byte])]);
          const target = Type.alloc(40);
          const copied = Type.from(a).copy(target, at, 0);
          return {
            joined: [...joined],
            target: [...target],
            copied,
            length: Type.byteLength(a),
            equal: Type.from(a).equals(Type.from(b)),
            found: [
              joined.indexOf(byte, at),
              joined.lastIndexOf(byte),
              joined.indexOf(b, at),
              joined.includes(b),
            ],
            latin1: [...Type.from(a, "latin1")],
          };
        });
        expect(both[0]).toEqual(both[1]);
      }),
    );
  });

  it("reads numbers as Node does, and refuses to read beyond its end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 16 }), fc.nat(8), (all, at) => {
        const read = (Type: typeof twin.Buffer | typeof nodeBuffer.Buffer): unknown[] =>
          (["readUInt8", "readUInt16LE", "readUInt32LE", "readBigUInt64LE"] as const).map((name) => {
            try {
              return Type.from(all)[name](at);
            } catch (error) {
              return error instanceof RangeError;
            }
          });
        expect(read(twin.Buffer)).toEqual(read(nodeBuffer.Buffer));
        expect(twin.Buffer.from(all).readUIntLE(1, 3)).toBe(nodeBuffer.Buffer.from(all).readUIntLE(1, 3));
      }),
    );
  });

  it("is a view of memory, also of memory that threads share", () => {
    const memory = new SharedArrayBuffer(8);
    new Uint8Array(memory).set([104, 105], 2);
    const view = twin.Buffer.from(memory, 2, 2);
    expect(view.toString()).toBe("hi");
    view[0] = 72;
    expect(new Uint8Array(memory)[2]).toBe(72);
  });
});

const isNode20 = process.versions.node.startsWith("20.");

it.skipIf(!isNode20)("gives logarithms and exponentials as Node 20 does, to the last bit", () => {
  const words = new Uint32Array(2);
  const float = new Float64Array(words.buffer);
  const bits = new BigUint64Array(words.buffer);
  const random = new Random(1);
  const own = { exp, log, log1p };
  const check = (x: number): void => {
    for (const name of ["exp", "log", "log1p"] as const)
      if (!Object.is(own[name](x), Math[name](x))) expect.fail(`${name} of ${x}`);
  };
  // Beside every power of two, and where the formulas change.
  const borders = [0.3465735912322998, 1.0397205352783203, 0.4142136573791504, 0.292893648147583];
  borders.push(0.3799991607666016, 0.4142112731933594, 0.4142131805419922, 0.4200000762939453);
  borders.push(708.3964185322641, 709.782712893384, 745.1332191019411);
  for (let power = -1074; power < 1024; power++) borders.push(2 ** power);
  for (const border of borders) {
    for (const x of [border, -border, 1 + border, 1 - border]) {
      float[0] = x;
      bits[0] -= 3n;
      for (let step = -3; step <= 3; step++, bits[0]++) check(float[0]);
    }
  }
  for (let k = 0; k < 200_000; k++) {
    words.set([random.uint32(), random.uint32()]);
    const [low, high] = words;
    for (const x of [float[0], low / 2 ** 32, high / 2 ** 24, (low - 2 ** 31) / 2 ** 26, low / 2 ** 52])
      check(x);
  }
  [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, -746, 710, 1e-300, -0.3, 0.41421356].forEach(check);
});

it("hashes as Node does, in pieces of any length", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, text), { maxLength: 6 }), (pieces) => {
      const [own, node] = [createHash("sha256"), nodeCrypto.createHash("sha256")];
      for (const piece of pieces) {
        own.update(piece);
        node.update(piece);
      }
      expect(own.copy().digest("base64url")).toBe(node.copy().digest("base64url"));
      expect(own.digest("hex")).toBe(node.digest("hex"));
    }),
  );
});

it("joins and cuts paths as Node does", () => {
  const part = fc.constantFrom("a", "b.csv", "..", ".", "", "/", "/c", "d/e", "f/");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      expect(path.join(...parts)).toBe(posix.join(...parts).replace(/(.)\/$/, "$1"));
      expect(path.resolve(...parts)).toBe(posix.resolve("/", ...parts));
      const whole = posix.resolve("/", ...parts);
      expect(path.dirname(whole)).toBe(posix.dirname(whole));
      expect(path.basename(whole)).toBe(posix.basename(whole));
    }),
  );
  expect(path.relative("/a", "/a/b/c")).toBe("b/c");
  expect(path.dirname("x")).toBe(".");
});

describe("unpacking", () => {
  async function* inPieces(all: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
    await Promise.resolve();
  }

  async function unpacked(unpacking: Unpacking, packed: Uint8Array, size = 1000): Promise<string> {
    await pipeline(inPieces(packed, size), unpacking);
    const pieces: Uint8Array[] = [];
    for await (const piece of unpacking) pieces.push(piece);
    return nodeBuffer.Buffer.concat(pieces).toString();
  }

  const long = Array.from({ length: 20_000 }, (_, k) => `line ${(k * 7919) % 1013}\n`).join("");

  it.each([1, 7, 1000, 1e6])(
    "gives what was packed, of one member or more, from pieces of %i bytes",
    async (size) => {
      const some = size < 100 ? long.slice(0, 3000) : long;
      const members = [gzipSync(some), gzipSync("the second"), gzipSync("")];
      expect(await unpacked(createGunzip(), members[0], size)).toBe(some);
      expect(await unpacked(createGunzip(), nodeBuffer.Buffer.concat(members), size)).toBe(
        `${some}the second`,
      );
      expect(await unpacked(createInflateRaw(), deflateRawSync(some), size)).toBe(some);
    },
  );

  it("refuses what is cut off or damaged, with Node's codes", async () => {
    const packed = gzipSync(long);
    for (const end of [packed.length - 1, packed.length - 7, packed.length >> 1, 12])
      await expect(unpacked(createGunzip(), packed.subarray(0, end)), String(end)).rejects.toMatchObject({
        code: "Z_BUF_ERROR",
      });
    for (const at of [packed.length - 1, packed.length - 6]) {
      const damaged = Uint8Array.from(packed);
      damaged[at] ^= 1;
      await expect(unpacked(createGunzip(), damaged)).rejects.toMatchObject({ code: "Z_DATA_ERROR" });
    }
  });
});

it("keeps files and folders by their paths, with Node's failures", async () => {
  put("rows/day=1/a.csv", new Blob(["one"]));
  put("/rows/b.csv", new Blob(["three"]));
  expect((await stat("rows")).isDirectory()).toBe(true);
  expect((await readdir("rows")).sort()).toEqual(["b.csv", "day=1"]);
  const found = await readdir("/rows", { recursive: true, withFileTypes: true });
  expect(found.filter((one) => one.isFile()).map(({ name }) => name)).toEqual(["a.csv", "b.csv"]);
  expect(await readFile("rows/day=1/../b.csv", "utf8")).toBe("three");
  const handle = await open("rows/b.csv");
  const room = twin.Buffer.alloc(4);
  expect(await handle.read(room, 1, 2, 3)).toMatchObject({ bytesRead: 2 });
  expect([...room]).toEqual([0, 101, 101, 0]);
  await expect(readFile("rows")).rejects.toMatchObject({ code: "EISDIR" });
  await expect(stat("rows/c.csv")).rejects.toMatchObject({ code: "ENOENT" });
  const written = await open("rows/new", "wx");
  await written.writeFile(twin.Buffer.from("a"));
  await written.writeFile(twin.Buffer.from("b"));
  await written.close();
  await expect(open("rows/new", "wx")).rejects.toMatchObject({ code: "EEXIST" });
  move("rows", "moved");
  expect(await readFile("moved/new", "utf8")).toBe("ab");
  remove("moved");
  expect(below("/")).toEqual([]);
});
