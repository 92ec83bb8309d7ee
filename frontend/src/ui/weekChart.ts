import type { SignalWeek } from "@/api/types";
import { linear, type Scale, type Spot, ticks } from "./scales";

/** The room around the drawing, in pixels. */
export const ROOM = { top: 14, end: 14, bottom: 30, start: 40 } as const;

/** A run of weeks from one edge to the other, in pixels. */
export interface Band {
  x: number;
  width: number;
}

/** Everything that the chart of a signal draws, in pixels. */
export interface WeekDrawing {
  marks: number[];
  x: Scale;
  y: Scale;
  half: number;
  line: Spot[];
  expected: Spot[];
  limit: Spot[];
  dots: { i: number; x: number; y: number; marked: boolean }[];
  /** The weeks of the signal. */
  marked: Band[];
  /** Weeks of which nothing is known. */
  missing: Band[];
}

/** Lays out weekly counts with what was expected, in `width` × `height` pixels. The axis begins at 0. */
export function weekDrawing(weeks: readonly SignalWeek[], width: number, height: number): WeekDrawing {
  const values = weeks.flatMap(({ n, expected, limit }) => [n, expected, limit]).filter((one): one is number => one !== null);
  const marks = ticks(0, Math.max(4, ...values), 5).filter(Number.isInteger);
  const y = linear(0, marks.at(-1) ?? 4, height - ROOM.bottom, ROOM.top);
  const half = (width - ROOM.start - ROOM.end) / Math.max(1, weeks.length) / 2;
  const x: Scale = (i) => ROOM.start + half + i * 2 * half;
  const spots = (of: "n" | "expected" | "limit"): Spot[] =>
    weeks.map((week, i) => ({ x: x(i), y: week[of] === null ? null : y(week[of]) }));
  const bands = (is: (week: SignalWeek) => boolean): Band[] =>
    runs(weeks.map(is)).map(([first, last]) => ({ x: x(first) - half, width: (last - first + 1) * 2 * half }));
  return {
    marks,
    x,
    y,
    half,
    line: spots("n"),
    expected: spots("expected"),
    limit: spots("limit"),
    dots: weeks.flatMap(({ n, marked }, i) => (n === null ? [] : [{ i, x: x(i), y: y(n), marked }])),
    marked: bands(({ marked }) => marked),
    missing: bands(({ n }) => n === null),
  };
}

/** The first and last place of each run of `true`. */
export function runs(flags: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  flags.forEach((flag, i) => {
    const last = found.at(-1);
    if (flag && last?.[1] === i - 1) last[1] = i;
    else if (flag) found.push([i, i]);
  });
  return found;
}
