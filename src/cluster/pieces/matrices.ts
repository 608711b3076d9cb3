import { createHash } from "node:crypto";
import type { Costs, Problem } from "../../types.js";
import { writeOut } from "../../write/file.js";
import { npyBytes } from "../../write/probabilities.js";

/** Rows whose values have a digest of their own, so that a part of a file can be checked. */
export const DIGEST_ROWS = 2 ** 15;

/** The SHA-256 of each block of `DIGEST_ROWS` rows of two matrices, in hexadecimal digits. */
export interface MatrixDigests {
  cost: string[];
  probability: string[];
}

/** Writes the matrices of a problem as `.npy` files. */
export async function writeMatrices(
  { models, cost, successProbability }: Problem,
  files: { cost: string; probability: string },
): Promise<MatrixDigests> {
  const width = models.length;
  const rows = cost.length / width;
  await writeOut(files.cost, npyBytes(cost, rows, width));
  await writeOut(files.probability, npyBytes(successProbability, rows, width));
  return { cost: digestsOf(cost, width), probability: digestsOf(successProbability, width) };
}

function digestsOf(matrix: Costs, width: number): string[] {
  const step = DIGEST_ROWS * width;
  const blocks = Math.ceil(matrix.length / step);
  return Array.from({ length: blocks }, (_, k) =>
    digestOf(bytesOf(matrix.subarray(k * step, (k + 1) * step))),
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Costs): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
