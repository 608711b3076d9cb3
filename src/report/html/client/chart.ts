import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colour, onColours } from "./colours.js";
import { costLabel, linearSteps, stepsOf, type CostScale } from "./scale.js";

/** The parts of a chart besides its data: series, scales and drawings on top. */
export interface ChartParts {
  scales: uPlot.Options["scales"];
  series: uPlot.Series[];
  axes: uPlot.Axis[];
  data: uPlot.AlignedData;
  bands?: uPlot.Band[];
  /** Draws on the canvas, in its own pixels, after the series. */
  draw: (u: uPlot, context: CanvasRenderingContext2D) => void;
  /** Called with a place 0 … 1 along the horizontal axis when it is clicked or dragged. */
  onPick?: (place: number) => void;
  /** The full name of what is at a point of the plot, in CSS pixels, shown on hover; empty for nothing. */
  nameAt?: (u: uPlot, x: number, y: number) => string;
}

export interface Chart {
  redraw(): void;
  /** Builds the chart anew. */
  rebuild(): void;
}

/** Shows a chart in an element and keeps it as wide as the element. */
export function showChart(host: HTMLElement, height: () => number, parts: () => ChartParts): Chart {
  let u: uPlot | undefined;
  const rebuild = (): void => {
    u?.destroy();
    u = build(host, height(), parts());
  };
  const redraw = (): void => u?.redraw(false, true);
  rebuild();
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    rebuild();
  }).observe(host);
  onColours(redraw);
  return { redraw, rebuild };
}

function build(host: HTMLElement, height: number, parts: ChartParts): uPlot {
  const { draw, data, onPick, nameAt, ...options } = parts;
  const u = new uPlot(
    {
      ...options,
      width: Math.max(200, host.clientWidth),
      height,
      padding: [12, 24, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      hooks: {
        draw: [
          (self) => {
            const { ctx, bbox } = self;
            ctx.save();
            ctx.beginPath();
            ctx.rect(bbox.left - 8, bbox.top - 8, bbox.width + 16, bbox.height + 16);
            ctx.clip();
            draw(self, ctx);
            ctx.restore();
          },
        ],
      },
    },
    data,
    host,
  );
  if (onPick !== undefined) listen(u.over, onPick);
  if (nameAt !== undefined) {
    u.over.addEventListener("pointermove", ({ clientX, clientY }) => {
      const { left, top } = u.over.getBoundingClientRect();
      u.over.title = nameAt(u, clientX - left, clientY - top);
    });
  }
  return u;
}

/** Clicks and drags with mouse, pen or finger; a finger that moves up or down still scrolls the page. */
function listen(over: HTMLElement, onPick: (place: number) => void): void {
  const pick = (event: PointerEvent): void => {
    const { left, width } = over.getBoundingClientRect();
    onPick(Math.min(1, Math.max(0, (event.clientX - left) / width)));
  };
  over.classList.add("pick");
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    pick(event);
  });
  over.addEventListener("pointermove", (event) => {
    if (event.buttons > 0) pick(event);
  });
}

const FONT = "12px system-ui, sans-serif";

/** Several curves as one table for uPlot, which needs one common column of x. */
export function joined(curves: readonly { x: readonly number[]; y: readonly number[] }[]): uPlot.AlignedData {
  return uPlot.join(curves.map(({ x, y }) => [[...x], [...y]]));
}

export function costAxis(scale: CostScale): uPlot.Axis {
  return {
    ...axisStyle(),
    label: "total cost, dollars",
    splits: (u) => stepsOf(scale, Math.max(2, Math.floor(u.width / 90))),
    values: (_, splits) => splits.map(costLabel),
    filter: (_, splits) => splits,
    size: 40,
  };
}

export function percentAxis(label: string, ends: readonly [number, number]): uPlot.Axis {
  return {
    ...axisStyle(),
    label,
    scale: "y",
    splits: () => linearSteps(ends[0], ends[1], 6),
    values: (_, splits) => {
      const digits = splits.length > 1 && splits[1] - splits[0] < 0.0099 ? 1 : 0;
      return splits.map((value) => `${(100 * value).toFixed(digits)} %`);
    },
    size: 56,
  };
}

export function axisStyle(): uPlot.Axis {
  return {
    stroke: () => colour("muted"),
    font: FONT,
    labelFont: FONT,
    labelSize: 18,
    labelGap: 2,
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { stroke: () => colour("grid"), width: 1, size: 4 },
  };
}

/** Canvas pixels of a CSS pixel. */
export function pixel(): number {
  return uPlot.pxRatio;
}

/** A vertical line at a place of the axis. */
export function drawBudget(u: uPlot, context: CanvasRenderingContext2D, place: number): void {
  const { left, top, width, height } = u.bbox;
  const x = Math.round(left + place * width);
  context.strokeStyle = colour("accent");
  context.lineWidth = 2 * pixel();
  context.setLineDash([4 * pixel(), 3 * pixel()]);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.stroke();
  context.setLineDash([]);
}
