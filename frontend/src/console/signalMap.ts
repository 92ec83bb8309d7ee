import type { MapCell, SignalMap } from "@/api/types";

/** A row of the map with its cells in the order of the themes shown. */
export interface MapRow {
  org_id: string;
  name: string;
  level: string;
  cells: MapCell[];
}

/** The map as a table; with `only`, units and themes without a signal are left out. */
export function mapTable(map: SignalMap, only: boolean): { themes: string[]; rows: MapRow[] } {
  const wide = map.themes.length;
  const rows = map.units.map((unit, i) => ({ ...unit, cells: map.cells.slice(i * wide, (i + 1) * wide) }));
  if (!only) return { themes: map.themes, rows };
  const kept = map.themes.map((_, column) => rows.some(({ cells }) => cells[column]?.signal_id));
  const at = <T>(values: readonly T[]): T[] => values.filter((_, column) => kept[column]);
  return {
    themes: at(map.themes),
    rows: rows.filter(({ cells }) => cells.some(({ signal_id }) => signal_id)).map((row) => ({ ...row, cells: at(row.cells) })),
  };
}

/** How a cell looks: its own signal's meaning, a possible risk, nothing unusual, or no data. */
export function cellKind({ meaning, mark }: MapCell): "risk" | "concern" | "improvement" | "neutral" | "quiet" | "unknown" {
  if (mark === "!") return "risk";
  return meaning ?? (mark === "–" ? "unknown" : "quiet");
}
