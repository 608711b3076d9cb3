import type uPlot from "uplot";
import type { Curve, FrontData, Mark } from "../../data.js";
import { costAxis, drawBudget, joined, percentAxis, pixel, showChart, type Chart } from "./chart.js";
import { colour } from "./colours.js";
import { make } from "./dom.js";
import { placeNames } from "./labels.js";
import { accuracyEnds, placeOf, type CostScale } from "./scale.js";
import { dollars, percent } from "../../../text/amounts.js";
import { distinctNames } from "../../../text/names.js";

/** The parts that change: the axis and the budget. */
export interface View {
  scale: CostScale;
  budget: number;
  /** The accuracy that the front has there. */
  accuracy: number;
}

const DASH: Record<Curve["kind"], number[]> = {
  front: [],
  promised: [6, 4],
  other: [2, 3],
  zero: [10, 4],
  oracle: [10, 3, 2, 3],
  method: [],
};
const CURVE_COLOURS: Record<Exclude<Curve["kind"], "method">, string> = {
  front: "curve-front",
  promised: "curve-front",
  other: "curve-other",
  zero: "curve-zero",
  oracle: "curve-oracle",
};

function colourOf({ kind, colour: number }: Curve): string {
  if (kind !== "method") return colour(CURVE_COLOURS[kind]);
  return colour(number === undefined ? "curve-other" : `model-${number}`);
}

/** Methods are drawn as dots, every other one hollow. */
function isHollow({ colour: number }: Curve): boolean {
  return (number ?? 0) % 2 === 1;
}

export function showFront(
  host: HTMLElement,
  front: FrontData,
  view: View,
  onPick: (place: number) => void,
): Chart {
  const { curves, marks } = front;
  const ends = accuracyEnds([...curves.flatMap(({ accuracy }) => accuracy), ...marks.map((m) => m.accuracy)]);
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", describe(front));
  return showChart(
    host,
    () => Math.min(540, Math.max(300, 0.66 * host.clientWidth)),
    () => ({
      data: joined(curves.map(({ cost, accuracy }) => ({ x: cost, y: accuracy }))),
      scales: {
        x: { time: false, distr: view.scale.isLog ? 3 : 1, range: () => [view.scale.min, view.scale.max] },
        y: { range: () => [...ends] },
      },
      axes: [costAxis(view.scale), percentAxis(front.accuracyTitle, ends)],
      series: [{}, ...curves.map(seriesOf)],
      draw: (u, context) => {
        drawBudget(u, context, placeOf(view.scale, view.budget));
        drawMarks(u, context, front, view);
        const x = u.bbox.left + placeOf(view.scale, view.budget) * u.bbox.width;
        drawShape(context, "budget", x, u.valToPos(view.accuracy, "y", true));
      },
      onPick,
      nameAt: (u, x, y) => markNear(u, marks, view.scale, x, y),
    }),
  );
}

function seriesOf(curve: Curve): uPlot.Series {
  const stroke = (): string => colourOf(curve);
  if (curve.kind !== "method") {
    const width = curve.kind === "front" ? 3 : 2;
    return { stroke, width, dash: DASH[curve.kind], spanGaps: true, points: { show: false } };
  }
  const fill = (): string => (isHollow(curve) ? colour("card") : colourOf(curve));
  return { stroke, paths: () => null, points: { show: true, size: 6, width: 1.5, stroke, fill } };
}

type Shape = Mark["kind"] | "budget";

const SHAPE_COLOURS: Record<Shape, string> = {
  single: "mark-single",
  chosen: "mark-chosen",
  knee: "mark-knee",
  budget: "accent",
};

/** A circle for a single model, a diamond for a chosen allocation, a triangle for the knee, a ring for the budget. */
function drawShape(context: CanvasRenderingContext2D, shape: Shape, x: number, y: number): void {
  const r = (shape === "single" ? 5 : 7) * pixel();
  context.beginPath();
  if (shape === "chosen") polygon(context, [x, y - r, x + r, y, x, y + r, x - r, y]);
  else if (shape === "knee") polygon(context, [x, y - r, x + r, y + 0.8 * r, x - r, y + 0.8 * r]);
  else context.arc(x, y, r, 0, 2 * Math.PI);
  context.lineWidth = (shape === "budget" ? 3 : 1.5) * pixel();
  context.fillStyle = colour(SHAPE_COLOURS[shape]);
  context.strokeStyle = shape === "budget" ? colour("accent") : colour("card");
  if (shape !== "budget") context.fill();
  context.stroke();
}

function polygon(context: CanvasRenderingContext2D, points: number[]): void {
  context.moveTo(points[0], points[1]);
  for (let k = 2; k < points.length; k += 2) context.lineTo(points[k], points[k + 1]);
  context.closePath();
}

const LONGEST_NAME = 28;

/** A mark with its place on the canvas. */
type Placed = Mark & { x: number; y: number };

function placed(u: uPlot, marks: readonly Mark[], scale: CostScale): Placed[] {
  const { left, width } = u.bbox;
  return marks.map((mark) => ({
    ...mark,
    x: left + placeOf(scale, mark.cost) * width,
    y: u.valToPos(mark.accuracy, "y", true),
  }));
}

/** Draws the marks, and their names where there is room; chosen allocations have the first choice. */
function drawMarks(
  u: uPlot,
  context: CanvasRenderingContext2D,
  { curves, marks }: FrontData,
  view: View,
): void {
  const { left, top, width, height } = u.bbox;
  const points = placed(u, marks, view.scale).reverse();
  [...points].reverse().forEach(({ kind, x, y }) => drawShape(context, kind, x, y));
  context.font = `${11 * pixel()}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const names = distinctNames(
    points.map(({ name }) => name),
    LONGEST_NAME,
  );
  const at = (cost: number, accuracy: number): [number, number] => [
    left + placeOf(view.scale, cost) * width,
    u.valToPos(accuracy, "y", true),
  ];
  const budget = left + placeOf(view.scale, view.budget) * width;
  const boxes = placeNames(
    points.map(({ x, y }, k) => ({ x, y, halfWidth: context.measureText(names[k]).width / 2 })),
    {
      area: { left, top, right: left + width, bottom: top + height },
      lines: [
        ...curves
          .filter(({ kind }) => kind !== "method")
          .map(({ cost, accuracy }) => cost.map((c, k) => at(c, accuracy[k]))),
        [
          [budget, top],
          [budget, top + height],
        ],
      ],
      unit: pixel(),
    },
  );
  boxes.forEach((box, k) => {
    if (box === undefined) return;
    context.fillStyle = colour("ink");
    context.fillText(names[k], box.left, (box.top + box.bottom) / 2);
  });
}

/** Names the mark near a point of the plot, in CSS pixels; empty where there is none. */
function markNear(u: uPlot, marks: readonly Mark[], scale: CostScale, x: number, y: number): string {
  const { left, top } = u.bbox;
  const near = placed(u, marks, scale).filter(
    (mark) => Math.hypot((mark.x - left) / pixel() - x, (mark.y - top) / pixel() - y) <= NEAR,
  );
  return near.map(({ name, cost, accuracy }) => `${name}: ${dollars(cost)}, ${percent(accuracy)}`).join("\n");
}

/** How near to a mark its name is shown, in CSS pixels. */
const NEAR = 12;

function describe({ curves, marks, accuracyTitle }: FrontData): string {
  const ends = ({ cost, accuracy }: Curve): string => {
    const last = cost.length - 1;
    return `${dollars(cost[0])}, ${percent(accuracy[0])} to ${dollars(cost[last])}, ${percent(accuracy[last])}`;
  };
  const lines = curves.map((curve) => `${curve.name}: ${ends(curve)}`);
  return `Line chart of ${accuracyTitle} against total cost. ${lines.join(". ")}. ${marks.length} marks. A table follows.`;
}

/** The meaning of each line and mark. */
export function frontLegend({ curves, marks }: FrontData): HTMLElement {
  const list = make("ul", "legend");
  const add = (text: string, draw: (context: CanvasRenderingContext2D) => void): void => {
    const item = make("li");
    const canvas = make("canvas", "swatch");
    canvas.setAttribute("aria-hidden", "true");
    canvas.width = 28 * pixel();
    canvas.height = 16 * pixel();
    draw(canvas.getContext("2d")!);
    item.append(canvas, make("span", "", text));
    list.append(item);
  };
  for (const curve of curves) {
    add(curve.name, (context) => {
      context.strokeStyle = context.fillStyle = colourOf(curve);
      context.beginPath();
      if (curve.kind === "method") {
        context.lineWidth = 1.5 * pixel();
        context.arc(14 * pixel(), 8 * pixel(), 3.5 * pixel(), 0, 2 * Math.PI);
        if (!isHollow(curve)) context.fill();
      } else {
        context.lineWidth = (curve.kind === "front" ? 3 : 2) * pixel();
        context.setLineDash(DASH[curve.kind].map((size) => size * pixel()));
        context.moveTo(0, 8 * pixel());
        context.lineTo(28 * pixel(), 8 * pixel());
      }
      context.stroke();
    });
  }
  const shapes: [Shape, string][] = [
    ["single", "a single model for all queries"],
    ["chosen", "chosen"],
    ["knee", "knee: beyond it, a dollar buys less accuracy than on average"],
    ["budget", "your budget"],
  ];
  for (const [shape, text] of shapes) {
    if (shape !== "budget" && !marks.some(({ kind }) => kind === shape)) continue;
    add(text, (context) => drawShape(context, shape, 14 * pixel(), 8 * pixel()));
  }
  return list;
}
