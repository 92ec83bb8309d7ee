import type { Chart, Figure, SilenceMap, Table } from "@/api/quality";

/** Invented blocks of a quality page, for tests. */

export const FIGURE: Figure = {
  kind: "figure",
  id: "positive",
  name: "Good or very good",
  value: 86,
  text: "86%",
  unit: "percent",
  compared: "84% in the year before",
  sentence: "About the same as before.",
  opens: "/measures?measure=fft_positive",
};

export const FEW: Figure = { ...FIGURE, id: "few", name: "Staff comments", value: null, text: "too few to say", compared: null };

export const CHART: Chart = {
  kind: "chart",
  id: "safe",
  title: "Comments about safety that were negative",
  sentence: "Getting better: lower than chance explains since June.",
  unit: "percent",
  points: [
    { start: "2026-05-04", value: 30, type: "common_cause" },
    { start: "2026-05-11", value: null, type: null },
    { start: "2026-05-18", value: 10, type: "special_cause_improvement" },
  ],
  mean: 28,
  lower: 15,
  upper: 41,
  variation: "special_cause_improvement",
  assurance: "inconsistent",
  opens: "/comments?dimension=cqc:safe",
};

export const TABLE: Table = {
  kind: "table",
  id: "groups",
  title: "Experience by group",
  sentence: "Carers answered less well than patients.",
  columns: [
    { key: "who", name: "Who", numeric: false },
    { key: "n", name: "Answers", numeric: true },
  ],
  rows: [
    { cells: [{ text: "Carers", number: null }, { text: "120", number: 120 }], opens: "/comments?stream=carer" },
    { cells: [{ text: "Staff", number: null }, { text: "too few to say", number: null }], opens: null },
  ],
};

export const MAP: SilenceMap = {
  kind: "map",
  id: "silence",
  title: "Heard from, week by week",
  sentence: "One ward has been silent for two weeks.",
  columns: ["2026-05-04", "2026-05-11"],
  rows: [{ org_id: "o-1", name: "Ward Oak", cells: ["heard", "silent"] }],
};
