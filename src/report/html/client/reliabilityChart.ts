import type uPlot from "uplot";
import type { ReliabilityData, ReliabilityGroup } from "../../data.js";
import { axisStyle, joined, percentAxis, pixel, showChart, type Chart } from "./chart.js";
import { colour } from "./colours.js";
import { addSection, folded, make } from "./dom.js";
import { linearSteps } from "./scale.js";
import { tableOf } from "./table.js";
import { percent } from "../../../text/amounts.js";

/** The reliability diagram with a choice of the model. */
export function showReliability(parent: HTMLElement, { text, groups }: ReliabilityData): void {
  const section = addSection(parent, "Reliability of the probabilities", text);
  const { label, select } = groupField(groups);
  const host = make("div", "chart square");
  host.setAttribute("role", "img");
  const table = make("div");
  const figure = make("figure");
  figure.append(host, folded("As a table", table));
  section.append(label, figure);
  const chosen = (): ReliabilityGroup => groups[Math.max(0, select.selectedIndex)];
  const describe = (): void => {
    host.setAttribute("aria-label", descriptionOf(chosen()));
    table.replaceChildren(binsTable(chosen()));
  };
  describe();
  const chart = showDiagram(host, chosen);
  select.addEventListener("change", () => {
    describe();
    chart.redraw();
  });
}

function groupField(groups: readonly ReliabilityGroup[]) {
  const label = make("label", "field", "Model ");
  const select = make("select");
  groups.forEach(({ name }) => select.append(make("option", "", name)));
  label.append(select);
  return { label, select };
}

function descriptionOf(group: ReliabilityGroup): string {
  return (
    `Reliability diagram of ${group.name}: observed share of right answers against predicted probability, ` +
    `${binsOf(group).length} bins. A table follows.`
  );
}

function binsTable(group: ReliabilityGroup): HTMLElement {
  return tableOf(
    `Reliability of ${group.name}`,
    [
      { title: "predicted probability, mean", unit: "percent" },
      { title: "right answers, share", unit: "percent" },
      { title: "answers", unit: "count" },
    ],
    binsOf(group).map(({ predicted, observed, labels }) => [predicted, observed, labels]),
  );
}

/** The diagram of the group that `chosen` gives, now and at every redraw. */
function showDiagram(host: HTMLElement, chosen: () => ReliabilityGroup): Chart {
  return showChart(
    host,
    () => Math.min(420, Math.max(260, host.clientWidth * 0.8)),
    () => ({
      data: joined([{ x: [0, 1], y: [0, 1] }]),
      scales: { x: { time: false, range: () => [0, 1] }, y: { range: () => [0, 1] } },
      axes: [
        {
          ...axisStyle(),
          label: "predicted probability of a right answer",
          splits: () => linearSteps(0, 1, 5),
          values: (_, splits) => splits.map((value) => percent(value, 0)),
          size: 40,
        },
        percentAxis("right answers, observed", [0, 1]),
      ],
      series: [
        {},
        { stroke: () => colour("muted"), width: 1.5, dash: [6, 4], spanGaps: true, points: { show: false } },
      ],
      draw: (u, context) => drawBins(u, context, binsOf(chosen())),
    }),
  );
}

/** A dot for each bin, larger for more answers, with a line for its interval. */
function drawBins(u: uPlot, context: CanvasRenderingContext2D, bins: ReliabilityGroup["bins"]): void {
  const most = bins.reduce((high, { labels }) => Math.max(high, labels), 1);
  context.strokeStyle = context.fillStyle = colour("curve-front");
  context.lineWidth = 1.5 * pixel();
  for (const { predicted, observed, labels } of bins) {
    const x = u.valToPos(predicted, "x", true);
    const [low, high] = interval(observed, labels);
    context.beginPath();
    context.moveTo(x, u.valToPos(low, "y", true));
    context.lineTo(x, u.valToPos(high, "y", true));
    context.stroke();
    context.beginPath();
    const radius = (3 + 5 * Math.sqrt(labels / most)) * pixel();
    context.arc(x, u.valToPos(observed, "y", true), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

function binsOf({ bins }: ReliabilityGroup): ReliabilityGroup["bins"] {
  return bins.filter(({ labels }) => labels > 0);
}

/** Wilson's 95 % interval of a share. */
function interval(share: number, n: number): [number, number] {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
