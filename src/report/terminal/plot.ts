/** Points by rising x. */
export interface PlotCurve {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

export interface PlotMark {
  /** One character. */
  symbol: string;
  x: number;
  y: number;
}

export interface PlotOptions {
  /** Cells; default 60 × 15. */
  width?: number;
  height?: number;
  /** Labels for the ends of the axes. */
  xText: (x: number) => string;
  yText: (y: number) => string;
  /** Adds colours; default: none. */
  paint?: (part: "curve" | "mark", text: string) => string;
}

/** The axis is logarithmic where the largest x is at least this many times the smallest. */
const LOG_FROM = 20;

/**
 * A curve in Braille dots, two by four in each cell, with marks on top; later marks cover earlier ones. One line of text
 * for each row, then the axis.
 */
export function plot(curve: PlotCurve, marks: readonly PlotMark[], options: PlotOptions): string {
  const { width = 60, height = 15, xText, yText, paint = (_, text) => text } = options;
  const xs = [...Array.from(curve.x), ...marks.map(({ x }) => x)];
  const ys = [...Array.from(curve.y), ...marks.map(({ y }) => y)];
  const [xLow, xHigh] = endsOf(xs);
  const [yLow, yHigh] = endsOf(ys);
  const isLog = xLow > 0 && xHigh / xLow >= LOG_FROM;
  const scale = isLog ? Math.log : (x: number): number => x;
  const column = (x: number, most: number): number =>
    Math.round(most * share(scale(x), scale(xLow), scale(xHigh)));
  const row = (y: number, most: number): number => Math.round(most * (1 - share(y, yLow, yHigh)));

  const cells = new Uint8Array(width * height);
  const [right, bottom] = [2 * width - 1, 4 * height - 1];
  for (let k = 0; k < curve.x.length; k++) {
    const from = Math.max(0, k - 1);
    drawLine(
      [column(curve.x[from], right), row(curve.y[from], bottom)],
      [column(curve.x[k], right), row(curve.y[k], bottom)],
      (x, y) => (cells[(y >> 2) * width + (x >> 1)] |= DOTS[y & 3][x & 1]),
    );
  }
  const symbols = new Map<number, string>();
  for (const { symbol, x, y } of marks) {
    symbols.set(row(y, height - 1) * width + column(x, width - 1), symbol);
  }

  const labels = [yText(yHigh), yText(yLow)];
  const margin = Math.max(...labels.map((label) => label.length));
  let text = "";
  for (let r = 0; r < height; r++) {
    const label = r === 0 ? labels[0] : r === height - 1 ? labels[1] : "";
    text += `${label.padStart(margin)} ${label === "" ? "│" : "┤"}`;
    for (let c = 0; c < width; c++) {
      const symbol = symbols.get(r * width + c);
      const dots = cells[r * width + c];
      if (symbol !== undefined) text += paint("mark", symbol);
      else text += dots === 0 ? " " : paint("curve", String.fromCharCode(BLANK + dots));
    }
    text += "\n";
  }
  const ends = [xText(xLow), isLog ? "(logarithmic)" : "", xText(xHigh)];
  const room = Math.max(2, width - ends.join("").length);
  const left = Math.floor(room / 2);
  text += `${" ".repeat(margin)} └${"─".repeat(width)}\n`;
  text += `${" ".repeat(margin + 2)}${ends[0]}${" ".repeat(left)}${ends[1]}${" ".repeat(room - left)}${ends[2]}\n`;
  return text.replace(/ +$/gm, "");
}

/** The Braille pattern without a dot. */
const BLANK = 0x2800;
/** Bits of the dots of a Braille cell: rows × columns. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

function endsOf(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** The place of a value between two ends, 0 … 1; ½ where they are equal. */
function share(value: number, low: number, high: number): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}

function drawLine(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  dot: (x: number, y: number) => void,
): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let s = 0; s <= steps; s++) {
    dot(Math.round(x0 + ((x1 - x0) * s) / steps), Math.round(y0 + ((y1 - y0) * s) / steps));
  }
}
