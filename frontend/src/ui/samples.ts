import type { Funnel, FunnelPoint } from "@/api/quality";
import type { Comment, Org, SeriesPoint, Signal, SignalWeek } from "@/api/types";

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

/** A signal about an invented ward that nobody has yet, for tests. */
export function signal(id: string, extra: Partial<Signal> = {}): Signal {
  return {
    id,
    kind: "rise",
    meaning: "concern",
    mark: "C",
    sentence: `Negative comments on Ward ${id} have doubled since 3 March: 9 in two weeks where 4 were expected.`,
    org_id: `o-${id}`,
    org_name: `Ward ${id}`,
    org_level: "team",
    streams: ["patient"],
    measure: "theme_negative",
    measure_id: "theme:Discharge",
    label: "Discharge",
    about: "",
    since: "2026-03-03",
    until: "2026-03-16",
    observed: 9,
    expected: 4,
    ratio: 2.25,
    statistic: 3.2,
    weeks_between: 14,
    chance: "One alarm this strong every 14 weeks is expected by chance.",
    detector: "scan",
    detector_version: "1",
    state: "new",
    closed_reason: null,
    owner: null,
    revision: 1,
    going_on: true,
    raised_at: "2026-03-17T02:00:00Z",
    due_at: null,
    acknowledged_at: null,
    overdue: false,
    respondents: 9,
    words: ["waited"],
    comments: 9,
    comment_id: null,
    ...extra,
  };
}

/** A week of a signal's chart, for tests. */
export function week(n: number | null, extra: Partial<SignalWeek> = {}): SignalWeek {
  return { start: "2026-03-02", label: "2 Mar", n, exposure: 40, expected: 4, limit: 8, marked: false, ...extra };
}

/** An invented place of a funnel, for tests. */
export function place(name: string, n: number | null, value: number | null, where: FunnelPoint["where"] = "inside"): FunnelPoint {
  return { org_id: `o-${name}`, name, n, value, where };
}

/** A funnel with a ward far below, a ward as expected, and a ward that is too small to say, for tests. */
export const FUNNEL: Funnel = {
  kind: "funnel",
  id: "funnel",
  title: "Good or very good, by ward",
  sentence: "One ward lies outside what chance does.",
  overall: 80,
  points: [place("Ward Oak", 200, 60, "below_998"), place("Ward Elm", 50, 82), place("Ward Ash", null, null, "too_few")],
  limits: [
    { n: 10, low95: 55, high95: 100, low998: 41, high998: 100 },
    { n: 200, low95: 74.5, high95: 85.5, low998: 71.3, high998: 88.7 },
  ],
  opens: "/measures",
};
