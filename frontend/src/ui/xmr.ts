import type { SeriesPoint, Variation } from "@/api/types";
import { linear, type Scale, type Spot, ticks } from "./scales";

/** The room around the drawing, in pixels. */
export const MARGIN = { top: 16, end: 58, bottom: 34, start: 46 } as const;

/** A point of the chart that has a value, with its place and its shape. */
export interface Dot {
  i: number;
  x: number;
  y: number;
  point: SeriesPoint;
  shape: string;
  kind: Variation;
}

/** Everything that the chart draws, in pixels. */
export interface Drawing {
  marks: number[];
  x: Scale;
  y: Scale;
  half: number;
  line: Spot[];
  mean: Spot[];
  lower: Spot[];
  upper: Spot[];
  dots: Dot[];
  rebases: number[];
}

type Limit = "mean" | "lpl" | "upl";

/** Each kind of point has a shape of its own, so that colour is never alone. Drawn around 0,0. */
const SHAPES: Readonly<Record<Variation, string>> = {
  common_cause: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
  special_cause_improvement: "M0-6.500 6.500 0 0 6.500-6.500 0Z",
  special_cause_concern: "M0-6.500 6.200 5H-6.200Z",
  special_cause_neutral_high: "M-4.700-4.700H4.700V4.700H-4.700Z",
  special_cause_neutral_low: "M-4.700-4.700H4.700V4.700H-4.700Z",
};

/** The shape for a kind of point, also for the key beside the chart. */
export function shapeOf(kind: Variation): string {
  return SHAPES[kind];
}

/** The values that the vertical axis must hold: points, limits and target; counts and percentages never fall below 0. */
export function domain(points: readonly SeriesPoint[], target: number | null, unit: "count" | "percent"): [number, number] {
  const all = points.flatMap(({ y, lpl, upl, mean }) => [y, lpl, upl, mean]).concat(target);
  const values = all.filter((one): one is number => one !== null);
  if (!values.length) return [0, 1];
  const low = Math.max(0, Math.min(...values));
  const high = Math.max(...values);
  const room = (high - low || 1) * 0.06;
  const top = unit === "percent" ? Math.min(100, high + room) : high + room;
  return [Math.max(0, low - room), Math.max(top, low + 1)];
}

/** The places (0-based) where the limits begin anew: the mean changes from one point to the next. */
export function rebaseAt(points: readonly SeriesPoint[]): number[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1]?.mean ?? null;
    return before !== null && point.mean !== null && Math.abs(before - point.mean) > 1e-9 ? [i] : [];
  });
}

/** Lays out an XmR chart of `width` × `height` pixels. */
export function drawing(
  points: readonly SeriesPoint[],
  target: number | null,
  unit: "count" | "percent",
  width: number,
  height: number,
): Drawing {
  const [low, high] = domain(points, target, unit);
  const marks = ticks(low, high, 5).filter((mark) => unit === "count" || mark <= 100);
  const y = linear(marks[0] ?? low, Math.max(marks.at(-1) ?? high, high), height - MARGIN.bottom, MARGIN.top);
  const half = (width - MARGIN.start - MARGIN.end) / Math.max(1, points.length) / 2;
  const x: Scale = (i) => MARGIN.start + half + i * 2 * half;
  const bounded = (value: number): number => y(Math.max(value, marks[0] ?? low));
  const spots = (of: Limit): Spot[] =>
    points.map((point, i) => ({ x: x(i), y: point[of] === null ? null : bounded(point[of]) }));
  return {
    marks,
    x,
    y,
    half,
    line: points.map((point, i) => ({ x: x(i), y: point.y === null ? null : y(point.y) })),
    mean: spots("mean"),
    lower: spots("lpl"),
    upper: spots("upl"),
    dots: points.flatMap((point, i) => {
      if (point.y === null) return [];
      const kind = point.point_type ?? "common_cause";
      return [{ i, x: x(i), y: y(point.y), point, kind, shape: SHAPES[kind] }];
    }),
    rebases: rebaseAt(points).map((i) => x(i) - half),
  };
}
