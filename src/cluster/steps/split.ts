import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { rangesOf, type SplitInfo } from "../pieces/split.js";
import { checkInput, readRun, writeJson } from "../run.js";

/** The step `split`: finds where the parts of a large file begin. */
export async function splitFile(folder: string, file: number, output: string): Promise<void> {
  const { files, pieceBytes } = await readRun(folder);
  await checkInput(files[file]);
  const info: SplitInfo = { ranges: await rangesOf(files[file], pieceBytes) };
  await mkdir(dirname(output), { recursive: true });
  await writeJson(output, info);
}
