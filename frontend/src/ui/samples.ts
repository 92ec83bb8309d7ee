import type { Comment, Org, SeriesPoint } from "@/api/types";

/** An invented organisation, for tests. */
export function org(id: string, parent: string | null, name: string): Org {
  return {
    id,
    parent_id: parent,
    level: "team",
    code: `code-${id}`,
    ods_code: null,
    name,
    setting: null,
    invented: true,
    closed_on: null,
    successor_id: null,
  };
}

/** A small invented tree, for tests. */
export const TREE = [org("1", "outside", "Larkhill Trust"), org("2", "1", "Maternity"), org("3", "2", "Labour ward"), org("4", "1", "Moor End")];

/** A point of a chart with limits 4 above and below its mean, for tests. */
export function point(y: number | null, mean = 10, extra: Partial<SeriesPoint> = {}): SeriesPoint {
  return {
    start: "2026-01-05",
    label: "5 Jan",
    y,
    n: 20,
    mean,
    lpl: mean - 4,
    upl: mean + 4,
    special_cause_type: "Common Cause",
    point_type: "common_cause",
    ...extra,
  };
}

/** A comment by a carer that waits for a person, for tests. */
export const COMMENT: Comment = {
  id: "c-1",
  org_id: "o-1",
  org_name: "Labour ward",
  stream: "carer",
  question: "What could be better?",
  text: "[name 1] was kind. <img src=x onerror=alert(1)>",
  language: "pl",
  said_on: "2026-03-04",
  fft: 6,
  sentiment: 2,
  sentiment_p: 0.8,
  sentiment_by_person: false,
  sentences: [{ start: 0, end: 18, sentiment: 1 }],
  themes: [{ theme: "Staff manner", p: 0.873, words: [{ text: "kind", weight: 1.25, anchor: false }], by_person: false }],
  considered: [],
  cluster: null,
  needs_person: "language",
  snippet: null,
  bundle: "en-1",
  safety: [],
  risk_by_person: null,
  corrected: false,
};
