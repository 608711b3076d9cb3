/** The client of the report, which the build puts here, in place of the file that it is in. */
declare const OPTLLM_REPORT_SCRIPT: string;
declare const OPTLLM_REPORT_STYLES: string;

export function bundled(part: "client.js" | "client.css"): Promise<string> {
  return Promise.resolve(part === "client.js" ? OPTLLM_REPORT_SCRIPT : OPTLLM_REPORT_STYLES);
}
