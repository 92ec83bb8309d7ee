import type { Block, Chart, Figure, Table } from "@/api/quality";
import type { Day, Direction, Series } from "@/api/types";
import { shortDay, shortMonth } from "@/ui/format";

/** Figures that follow one another stand side by side, and so do tables; every other block stands alone. */
export type Piece = { kind: "figures"; figures: Figure[] } | { kind: "tables"; tables: Table[] } | Exclude<Block, Figure | Table>;

/** The blocks with only those ways to what is behind them that `open` leaves. */
export function opened(blocks: readonly Block[], open: (opens: string | null) => string | null): Block[] {
  return blocks.map((block) => {
    if (block.kind === "map") return block;
    if (block.kind === "table") return { ...block, rows: block.rows.map((row) => ({ ...row, opens: open(row.opens) })) };
    return { ...block, opens: open(block.opens) };
  });
}

/** Puts a page's blocks together as they are shown. */
export function pieces(blocks: readonly Block[]): Piece[] {
  const found: Piece[] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (block.kind === "figure") {
      if (last?.kind === "figures") last.figures.push(block);
      else found.push({ kind: "figures", figures: [block] });
    } else if (block.kind === "table") {
      if (last?.kind === "tables") last.tables.push(block);
      else found.push({ kind: "tables", tables: [block] });
    } else found.push(block);
  }
  return found;
}

/** Whether more is better, as far as the points that stand out tell. */
function directionOf(chart: Chart): Direction {
  const telling = chart.points.find(
    ({ value, type }) => value !== null && chart.mean !== null && (type?.endsWith("improvement") || type?.endsWith("concern")),
  );
  if (!telling) return "neutral";
  const above = (telling.value ?? 0) >= (chart.mean ?? 0);
  return above === telling.type?.endsWith("improvement") ? "increase" : "decrease";
}

/** A limit of percentages lies between 0 and 100, whatever the arithmetic says. */
function limit(value: number | null, unit: string): number | null {
  return value === null || unit !== "percent" ? value : Math.min(100, Math.max(0, value));
}

/** A quality page's chart as the house's own chart draws it. */
export function seriesOf(chart: Chart, period: "week" | "month"): Series {
  return {
    measure: {
      id: chart.id,
      name: chart.title,
      unit: chart.unit === "percent" ? "percent" : "count",
      improvement_direction: directionOf(chart),
    },
    points: chart.points.map(({ start, value, type }) => ({
      start,
      label: period === "month" ? shortMonth(start) : shortDay(start),
      y: value,
      n: null,
      mean: chart.mean,
      lpl: limit(chart.lower, chart.unit),
      upl: limit(chart.upper, chart.unit),
      special_cause_type: null,
      point_type: type,
    })),
    variation: chart.variation,
    assurance: chart.assurance,
    target: null,
    warnings: [],
    sentence: chart.sentence,
  };
}

const YEARS = 5; // a page that goes back further is refused

/** The first day that a page may be asked about. */
export function oldest(today: Day): Day {
  return new Date(Date.parse(today) - YEARS * 365 * 86_400_000).toISOString().slice(0, 10);
}
