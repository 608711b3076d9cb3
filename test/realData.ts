import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = process.env.OPTLLM_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** The file of a real outcome set, or undefined, said once, where the folder is absent. */
export function realData(set: string): string | undefined {
  const file = `${folder}/${set}/queries.jsonl.gz`;
  if (existsSync(file)) return file;
  console.warn(`skipped: no ${file}; set OPTLLM_DATA to the folder of the outcome sets`);
  return undefined;
}
