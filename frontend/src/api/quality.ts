import { type Query, request } from "./client";
import type { Assurance, Day, Variation } from "./types";

/** The nouns of the quality pages: one page is a list of blocks, the same for the console, the report and the feeds. */

/** One number with its name; `text` is how it is written, also where there are too few to say it. */
export interface Figure {
  kind: "figure";
  id: string;
  name: string;
  value: number | null;
  text: string;
  unit: string;
  compared: string | null;
  sentence: string;
  /** The address in the console of what is behind it. */
  opens: string | null;
}

export interface ChartPoint {
  start: Day;
  value: number | null;
  type: Variation | null;
}

/** A run of values with the limits of chance. */
export interface Chart {
  kind: "chart";
  id: string;
  title: string;
  sentence: string;
  unit: string;
  points: ChartPoint[];
  mean: number | null;
  lower: number | null;
  upper: number | null;
  variation: Variation | null;
  assurance: Assurance | null;
  opens: string | null;
}

export interface Cell {
  text: string;
  number: number | null;
}

export interface Table {
  kind: "table";
  id: string;
  title: string;
  sentence: string;
  columns: { key: string; name: string; numeric: boolean }[];
  rows: { cells: Cell[]; opens: string | null }[];
}

/** Where a place lies among a funnel's limits. */
export type Where = "inside" | "above_95" | "below_95" | "above_998" | "below_998" | "too_few";

/** A place in a funnel. */
export interface FunnelPoint {
  org_id: string;
  name: string;
  n: number | null;
  value: number | null;
  where: Where;
}

/** What chance alone does at `n` answers: 95 and 99.8 of 100 places lie between the two limits. */
export interface FunnelLimit {
  n: number;
  low95: number;
  high95: number;
  low998: number;
  high998: number;
}

export interface Funnel {
  kind: "funnel";
  id: string;
  title: string;
  sentence: string;
  overall: number | null;
  points: FunnelPoint[];
  limits: FunnelLimit[];
  opens: string | null;
}

/** What a place was in one week. */
export type Silence = "heard" | "fewer" | "silent" | "no_data";

/** Which places were heard from in which week. */
export interface SilenceMap {
  kind: "map";
  id: string;
  title: string;
  sentence: string;
  columns: Day[];
  rows: { org_id: string; name: string; cells: Silence[] }[];
}

export type QualityPageId =
  | "overview"
  | "safe"
  | "effective"
  | "experience"
  | "cqc"
  | "speaking-up"
  | "response"
  | "funnel"
  | "triangulation"
  | "silence";

export type Block = Figure | Chart | Table | Funnel | SilenceMap;

export interface QualityPage {
  id: QualityPageId;
  title: string;
  org_id: string | null;
  org_name: string;
  since: Day;
  until: Day;
  period: "week" | "month";
  /** How the days were widened to whole weeks or months. */
  note: string;
  blocks: Block[];
  /** How small numbers are hidden, said once for the whole page. */
  small_numbers: string;
}

export interface QualityPageName {
  id: QualityPageId;
  title: string;
  about: string;
}

export const quality = {
  pages: (signal: AbortSignal) => request<QualityPageName[]>("/quality", { signal }),
  page: (page: string, query: Query, signal: AbortSignal) =>
    request<QualityPage>(`/quality/${encodeURIComponent(page)}`, { query, signal }),
};
