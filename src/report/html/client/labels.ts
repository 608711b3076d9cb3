/** Names beside points of a chart, placed where they cover neither each other, nor points, nor lines. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A point with the size of its name, in pixels. */
export interface Named {
  x: number;
  y: number;
  halfWidth: number;
}

/** A line as corners in pixels. */
export type Line = readonly (readonly [x: number, y: number])[];

/** What names must not leave or cover. `unit`: canvas pixels of a CSS pixel. */
export interface Surroundings {
  area: Box;
  lines: readonly Line[];
  unit: number;
}

/** Half the height of a name, and the least distance from its point, in CSS pixels. */
const HALF_HEIGHT = 7;
const DISTANCE = 11;

/** A place for each name, in their order; undefined where there is no room. The first names are placed first. */
export function placeNames(
  points: readonly Named[],
  { area, lines, unit }: Surroundings,
): (Box | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => boxAt(x, y, 6 * unit, 6 * unit));
  return points.map(({ x, y, halfWidth }) => {
    const box = offsets(halfWidth, unit)
      .map(([dx, dy]) => boxAt(x + dx, y + dy, halfWidth, HALF_HEIGHT * unit))
      .find(
        (one) =>
          isInside(one, area) &&
          !taken.some((other) => overlap(one, other)) &&
          !lines.some((line) => crosses(line, one)),
      );
    if (box !== undefined) taken.push(box);
    return box;
  });
}

/** Right, left, below, above, then the corners, each near and farther away. */
function offsets(halfWidth: number, unit: number): [number, number][] {
  return [1, 2].flatMap((far): [number, number][] => {
    const side = halfWidth + far * DISTANCE * unit;
    const up = (6 + far * DISTANCE) * unit;
    return [[side, 0], [-side, 0], [0, up], [0, -up], [side, up], [side, -up], [-side, up], [-side, -up]]; // prettier-ignore
  });
}

function boxAt(x: number, y: number, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function isInside(one: Box, area: Box): boolean {
  return one.left >= area.left && one.right <= area.right && one.top >= area.top && one.bottom <= area.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Whether some part of a line lies in a box. */
function crosses(line: Line, box: Box): boolean {
  return line.some((to, k) => k > 0 && segmentCrosses(line[k - 1], to, box));
}

/** Liang and Barsky's clipping: the part of a segment that lies in a box is not empty. */
function segmentCrosses([x0, y0]: Line[number], [x1, y1]: Line[number], box: Box): boolean {
  let [from, to] = [0, 1];
  for (const [step, room] of [
    [x0 - x1, x0 - box.left],
    [x1 - x0, box.right - x0],
    [y0 - y1, y0 - box.top],
    [y1 - y0, box.bottom - y0],
  ]) {
    if (step === 0) {
      if (room < 0) return false;
    } else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  return from <= to;
}
