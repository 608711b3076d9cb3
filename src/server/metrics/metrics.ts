import type { Core } from "../core.js";
import { peer } from "../peers.js";
import { EventMetrics } from "./events.js";
import { addGauges, type Lost } from "./gauges.js";

/** Metrics in Prometheus' text format. */
export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

/**
 * Begins to count what a server does.
 *
 * @throws InputError where prom-client is missing.
 */
export async function openMetrics(core: Core, lost: Lost): Promise<Metrics> {
  const prometheus = await peer("prom-client", () => import("prom-client"));
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  core.listeners.push(new EventMetrics(prometheus, registry));
  const read = addGauges(prometheus, registry, core, lost);
  return {
    contentType: registry.contentType,
    text: () => {
      read();
      return registry.metrics();
    },
  };
}
