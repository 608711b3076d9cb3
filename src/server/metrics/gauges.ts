import type { Registry } from "prom-client";
import type { Core } from "../core.js";
import { standingOf } from "../setup/standing.js";

type Prometheus = typeof import("prom-client");

/** What the decision log lost; undefined without a log. */
export type Lost = () => number | undefined;

/** Adds how everything stands; what is returned reads it and must be called before each scrape. Labels are names of the configuration that holds now. */
export function addGauges({ Gauge }: Prometheus, registry: Registry, core: Core, lost: Lost): () => void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const budget = (name: string, help: string) => gauge(`optllm_budget_${name}`, help, "policy", "budget");
  const money = {
    lambda: budget("lambda", "Price of accuracy that the budget asks for, probability per dollar"),
    budget: budget("limit_dollars", "Dollars of the period under way"),
    spent: budget("spent_dollars", "Dollars spent in the period under way"),
    reserved: budget("reserved_dollars", "Dollars held for requests under way"),
    planned: budget("planned_dollars", "Dollars spent by now if every expected request cost the same"),
    pace: budget("pace_ratio", "Dollars spent and held over those planned; above 1 is faster"),
    forecast: budget("forecast_dollars", "Dollars at the end of the period if requests go on as they have"),
  };
  const failing = gauge(
    "optllm_model_failing",
    "1 while a model gets no requests because it failed",
    "policy",
    "model",
  );
  const alarm = gauge("optllm_drift_alarm", "1 while an alarm of drift is raised", "policy", "kind", "model");
  const closed = gauge("optllm_upstream_closed", "1 while an upstream is left alone", "upstream");
  const inFlight = gauge("optllm_upstream_requests", "Requests under way at an upstream", "upstream");
  const open = gauge("optllm_open_requests", "Requests of clients under way");
  const missed = gauge("optllm_decision_log_lost", "Records that the decision log could not write");
  const up = gauge("optllm_up", "1: the server takes requests; 0: it is ending");
  return () => {
    const { policies, upstreams } = core.setup;
    for (const one of [...Object.values(money), failing, alarm, closed, inFlight]) one.reset();
    for (const { name: policy, router } of policies.values()) {
      for (const status of router.status()) {
        const standing = standingOf(status);
        for (const field of Object.keys(money) as (keyof typeof money)[]) {
          const value = field === "lambda" ? status.lambda : standing[field];
          if (value !== null && value !== undefined) money[field].set({ policy, budget: status.name }, value);
        }
      }
      const down = new Set(router.failing());
      const raised = router.alarms();
      for (const model of router.routesTo) {
        failing.set({ policy, model }, Number(down.has(model)));
        for (const kind of ["calibration", "cost"])
          alarm.set(
            { policy, kind, model },
            Number(raised.some((a) => a.kind === kind && a.model === model)),
          );
      }
      const isUnlike = raised.some(({ kind }) => kind === "texts");
      alarm.set({ policy, kind: "texts", model: "" }, Number(isUnlike));
    }
    const time = core.now();
    for (const upstream of upstreams.values()) {
      closed.set({ upstream: upstream.name }, Number(upstream.isClosed(time)));
      inFlight.set({ upstream: upstream.name }, upstream.inFlight);
    }
    open.set(core.openRequests);
    missed.set(lost() ?? 0);
    up.set(Number(!core.isDraining));
  };
}
