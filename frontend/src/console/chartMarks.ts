import type { ChartMark, Day, SeriesPoint } from "@/api/types";
import type { Drawing } from "@/ui/xmr";

/** Where a signal is drawn over a chart: from `x`, `width` pixels long, in a row of its own where several overlap. */
export interface MarkSpot {
  mark: ChartMark;
  x: number;
  width: number;
  row: number;
}

const LETTER = 26; // pixels that a letter needs
const ROWS = 4;

/** The points of a chart that a signal spans; null where it lies outside. A point holds from its start to the next one's. */
export function spanOf(points: readonly SeriesPoint[], since: Day, until: Day): [number, number] | null {
  const first = points.findLastIndex(({ start }) => start <= since);
  const last = points.findLastIndex(({ start }) => start <= until);
  return last < 0 ? null : [Math.max(first, 0), last];
}

/** Lays the signals of a chart out so that no letter covers another, as far as there are rows. */
export function markSpots(marks: readonly ChartMark[], points: readonly SeriesPoint[], plot: Pick<Drawing, "x" | "half">): MarkSpot[] {
  const taken: number[] = [];
  return marks.flatMap((mark) => {
    const span = spanOf(points, mark.since, mark.until);
    if (!span) return [];
    const x = plot.x(span[0]) - plot.half;
    const width = Math.max(plot.x(span[1]) + plot.half - x, LETTER);
    const free = taken.findIndex((end) => end <= x);
    const row = free >= 0 ? free : Math.min(taken.length, ROWS - 1);
    taken[row] = x + width;
    return [{ mark, x, width, row }];
  });
}
