import { basename } from "node:path";
import { connectQueue } from "./queue/connect.js";
import type { RunStatus } from "./status.js";
import { STEPS_IN_BYTES } from "./tasks.js";

/**
 * The steps of a run, and the tasks of the queue if its address is given, in the text format of Prometheus.
 *
 * @throws InputError where the queue cannot be reached.
 */
export async function metricsOf(
  folder: string,
  { state, steps }: RunStatus,
  queue?: string,
): Promise<string> {
  const run = labelText(basename(folder));
  const gauge = (name: string, help: string, values: readonly [labels: string, value: number][]): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} gauge\n` +
    values.map(([labels, value]) => `${name}{run="${run}"${labels}} ${value}\n`).join("");
  const perStep = (value: (step: RunStatus["steps"][number]) => number): [string, number][] =>
    steps.map((step) => [`,step="${step.step}"`, value(step)]);
  const bytes = `rows of a step; bytes of the inputs in the steps ${STEPS_IN_BYTES.join(" and ")}`;
  return (
    gauge("optllm_cluster_run_done", "Whether the run is done", [["", Number(state === "done")]]) +
    gauge("optllm_cluster_run_cancelled", "Whether the run is cancelled", [
      ["", Number(state === "cancelled")],
    ]) +
    gauge(
      "optllm_cluster_step_done",
      `Done ${bytes}`,
      perStep(({ done }) => done),
    ) +
    gauge(
      "optllm_cluster_step_total",
      `All ${bytes}`,
      perStep(({ total }) => total),
    ) +
    gauge(
      "optllm_cluster_step_seconds",
      "Seconds since the step began",
      perStep(({ seconds }) => seconds),
    ) +
    (queue === undefined ? "" : await queueMetrics(queue))
  );
}

async function queueMetrics(url: string): Promise<string> {
  const server = await connectQueue(url);
  const queue = server.queue();
  try {
    return `${await queue.exportPrometheusMetrics()}\n`;
  } finally {
    await queue.close();
    await server.close();
  }
}

/** A label's value, as the format wants it. */
function labelText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
