/** What the build says about this package, in place of its files. */
declare const OPTLLM_VERSION: string;

export const version: string = OPTLLM_VERSION;

/** The address of a file of the package, by which the page's workers name what they carry. */
export function packageFile(path: string): URL {
  return new URL(path, "file:///optllm/");
}
