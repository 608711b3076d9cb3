import type uPlot from "uplot";
import type { Curve, FrontData, Mark } from "../../data.js";
import { costAxis, drawBudget, joined, percentAxis, pixel, showChart, type Chart } from "./chart.js";
import { colour } from "./colours.js";
import { make } from "./dom.js";
import { accuracyEnds, placeOf, type CostScale } from "./scale.js";
import { dollars, percent } from "../../../text/amounts.js";
import { cut } from "../../../text/names.js";

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
        drawMarks(u, context, marks, view.scale);
        const x = u.bbox.left + placeOf(view.scale, view.budget) * u.bbox.width;
        drawShape(context, "budget", x, u.valToPos(view.accuracy, "y", true));
      },
      onPick,
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

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const LONGEST_NAME = 28;

/** Draws the marks, and their names where there is room. */
function drawMarks(
  u: uPlot,
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  scale: CostScale,
): void {
  const { left, top, width, height } = u.bbox;
  const placed = marks.map((mark) => ({
    ...mark,
    x: left + placeOf(scale, mark.cost) * width,
    y: u.valToPos(mark.accuracy, "y", true),
  }));
  placed.forEach(({ kind, x, y }) => drawShape(context, kind, x, y));
  const taken: Box[] = placed.map(({ x, y }) => boxAt(x, y, 6 * pixel(), 6 * pixel()));
  context.font = `${11 * pixel()}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const { name, x, y } of [...placed].reverse()) {
    const text = cut(name, LONGEST_NAME);
    const half = context.measureText(text).width / 2;
    const side = half + 11 * pixel();
    const box = [
      boxAt(x + side, y, half, 7 * pixel()),
      boxAt(x - side, y, half, 7 * pixel()),
      boxAt(x, y + 17 * pixel(), half, 7 * pixel()),
      boxAt(x, y - 17 * pixel(), half, 7 * pixel()),
    ].find(
      (one) =>
        one.left >= left &&
        one.right <= left + width &&
        one.top >= top &&
        one.bottom <= top + height &&
        !taken.some((other) => overlap(one, other)),
    );
    if (box === undefined) continue;
    taken.push(box);
    context.lineJoin = "round";
    context.lineWidth = 3 * pixel();
    context.strokeStyle = colour("card");
    context.strokeText(text, box.left, (box.top + box.bottom) / 2);
    context.fillStyle = colour("ink");
    context.fillText(text, box.left, (box.top + box.bottom) / 2);
  }
}

function boxAt(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

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
