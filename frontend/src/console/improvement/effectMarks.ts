import type { EffectMark, EffectWeek } from "@/api/improvement";
import type { Drawing } from "@/ui/xmr";

/** Where something that happened is drawn over a chart: at `x`, in a row of its own where several come close. */
export interface EffectSpot {
  mark: EffectMark;
  x: number;
  row: number;
}

/** A band of weeks that are set aside, from `x`, `width` pixels wide. */
export interface EffectBand {
  x: number;
  width: number;
}

const LETTER = 28; // pixels that a letter needs
const ROWS = 4;

/** The week that a day lies in; null where it comes before the chart. After the chart, its last week counts. */
function weekOf(weeks: readonly EffectWeek[], day: string): number | null {
  const found = weeks.findLastIndex(({ start }) => start <= day);
  return found < 0 ? null : found;
}

/** Lays what happened out so that no letter covers another, as far as there are rows. */
export function spots(marks: readonly EffectMark[], weeks: readonly EffectWeek[], plot: Pick<Drawing, "x">): EffectSpot[] {
  const taken: number[] = [];
  return marks.flatMap((mark) => {
    const week = weekOf(weeks, mark.on_day);
    if (week === null) return [];
    const x = plot.x(week);
    const free = taken.findIndex((end) => end <= x);
    const row = free >= 0 ? free : Math.min(taken.length, ROWS - 1);
    taken[row] = x + LETTER;
    return [{ mark, x, row }];
  });
}

/** Joins neighbouring weeks that are set aside into bands. */
export function bands(weeks: readonly EffectWeek[], plot: Pick<Drawing, "x" | "half">): EffectBand[] {
  const found: EffectBand[] = [];
  weeks.forEach(({ part }, i) => {
    if (part !== "set_aside") return;
    const last = found.at(-1);
    const x = plot.x(i) - plot.half;
    if (last && Math.abs(last.x + last.width - x) < 0.5) last.width += 2 * plot.half;
    else found.push({ x, width: 2 * plot.half });
  });
  return found;
}
