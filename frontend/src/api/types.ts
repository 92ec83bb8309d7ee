/**
 * The nouns of the console's API, as `/api` answers them.
 *
 * `npm run api` writes `schema.gen.ts` from the server's OpenAPI document; pages import from here only.
 */

export type Stream = "patient" | "carer" | "staff";
/** 1 very positive … 5 very negative, as in the labelled data. */
export type Sentiment = 1 | 2 | 3 | 4 | 5;
/** A calendar day, YYYY-MM-DD. */
export type Day = string;

export interface Me {
  account_id: string;
  name: string;
  email: string;
  roles: { role: string; org_id: string; org_name: string }[];
  streams: Stream[];
  may: Action[];
  home_org_id: string | null;
  /** What the session still lacks; until then it may do nothing. */
  need: "nothing" | "second_step" | "enrolment";
  /** The second steps that are set up. */
  ways: ("code" | "passkey" | "recovery_code")[];
}
export type Action =
  | "comments" | "measures" | "themes" | "import" | "forms" | "work" | "discover" | "export" | "review" | "learn" | "signals"
  | "triage" | "budget" | "cases" | "keys" | "escrow" | "audit" | "retention" | "people" | "second_look"
  | "returns" | "subscribe" | "watching" | "escalation" | "post" | "quality" | "improvements" | "improve" | "publish" | "reports"
  | "feeds";

export interface Org {
  id: string;
  parent_id: string | null;
  level: string;
  code: string;
  ods_code: string | null;
  name: string;
  setting: string | null;
  invented: boolean;
  closed_on: Day | null;
  successor_id: string | null;
}

export type Variation =
  | "common_cause"
  | "special_cause_improvement"
  | "special_cause_concern"
  | "special_cause_neutral_high"
  | "special_cause_neutral_low";
export type Assurance = "consistent_pass" | "consistent_fail" | "inconsistent";
/** The rule by which a point stands out. */
export type SpecialCause =
  | "Common Cause"
  | "Above UCL"
  | "Below LCL"
  | "7 Point Trend (Increasing)"
  | "7 Point Trend (Decreasing)"
  | "2 in 3 Above CL"
  | "2 in 3 Below CL"
  | "7 Points Above CL"
  | "7 Points Below CL";
export type Direction = "increase" | "decrease" | "neutral";

export interface WeekCount {
  week_start: Day;
  /** Null where only a few members of staff were heard: too few to say. */
  n: number | null;
}

export interface Change {
  theme: string;
  n: number;
  previous: number | null;
  expected: number;
  direction: "up" | "down";
  kind: "concern" | "improvement" | "neutral";
  sentence: string;
}

export interface UnitRow {
  org_id: string;
  name: string;
  level: string;
  comments: number | null;
  previous: number | null;
  positive_percent: number | null;
  variation: Variation | null;
}

export interface Overview {
  from: Day;
  to: Day;
  previous_from: Day;
  previous_to: Day;
  heard: {
    comments: number | null;
    responses: number | null;
    previous_comments: number | null;
    previous_responses: number | null;
    by_stream: { stream: Stream; comments: number | null; previous: number | null }[];
  };
  fft: { positive_percent: number | null; previous: number | null; responses: number | null };
  sentiment: { label: Sentiment; n: number | null; previous: number | null }[];
  needs_person: number | null;
  weekly: { week_start: Day; comments: number | null }[];
  changes: Change[];
  units: UnitRow[];
  first_day: Day | null;
  last_day: Day | null;
}

export interface WeighedWord {
  text: string;
  weight: number;
}

/** What spoke for a theme of a comment: a word, or (an anchor) an example sentence that the comment is like. */
export interface Reason extends WeighedWord {
  anchor: boolean;
}

export interface ThemeScore {
  theme: string;
  p: number;
  words: Reason[];
  /** A person added this theme: it has no probability of its own. */
  by_person: boolean;
}

export type RiskKind =
  | "self_harm"
  | "abuse_or_neglect"
  | "person_at_risk"
  | "threat_to_others"
  | "danger_now"
  | "retaliation";

/** One kind of immediate risk that a comment may tell of, and where its words stand (in code points). */
export interface Risk {
  kind: RiskKind;
  p: number;
  start: number;
  end: number;
}

export interface Sentence {
  start: number;
  end: number;
  sentiment: Sentiment;
}

export interface Comment {
  id: string;
  org_id: string;
  org_name: string;
  stream: Stream;
  question: string;
  text: string;
  language: string | null;
  said_on: Day;
  fft: number | null;
  sentiment: Sentiment | null;
  sentiment_p: number | null;
  sentiment_by_person: boolean;
  sentences: Sentence[];
  themes: ThemeScore[];
  /** Themes that the computer was not sure enough of to claim; they are counted nowhere. */
  considered: { theme: string; p: number }[];
  cluster: { id: string; name: string } | null;
  needs_person: string | null;
  snippet: { text: string; hit: boolean }[] | null;
  bundle: string | null;
  safety: Risk[];
  /** Whether it tells of immediate risk, by a person's word; null when nobody has said. */
  risk_by_person: boolean | null;
  /** A person corrected something that is shown here. */
  corrected: boolean;
}

export interface CommentPage {
  items: Comment[];
  next: string | null;
  total: number;
}

export interface ThemeRow {
  theme: string;
  group: string;
  n: number | null;
  previous: number | null;
  share: number | null;
  negative_share: number | null;
  weekly: WeekCount[];
}

export interface FrameworkThemes {
  id: string;
  name: string;
  version: string;
  note: string;
  themes: ThemeRow[];
  not_assigned: number | null;
}

/** What was heard, by the framework that reads whoever spoke. */
export interface Themes {
  frameworks: FrameworkThemes[];
}

/** One CQC key question or dimension of quality; the id is written `mapping:dimension`. */
export interface Dimension {
  id: string;
  name: string;
  description: string;
}

interface Sourced {
  id: string;
  version: string;
  name: string;
  source: string;
  note: string;
}

/** A way to sort themes into somebody else's dimensions. */
export interface ThemeMapping extends Sourced {
  dimensions: Dimension[];
}

export interface Framework extends Sourced {
  streams: Stream[];
  themes: { name: string; group: string; description: string; polarity: "good" | "bad" | "none"; dimensions: string[] }[];
}

export interface Frameworks {
  frameworks: Framework[];
  mappings: ThemeMapping[];
}

export interface ThemeDetail {
  theme: string;
  description: string;
  weekly: WeekCount[];
  units: { org_id: string; name: string; n: number | null; share: number | null }[];
  exemplars: Comment[];
  words: WeighedWord[];
}

export interface Cluster {
  id: string;
  number: number;
  name: string;
  stream: Stream;
  words: string[];
  /** Null where there are too few members of staff to say. */
  size: number | null;
  n: number | null;
  first_seen_on: Day;
  last_seen_on: Day;
  is_new: boolean;
  weekly: WeekCount[];
  exemplars: { id: string; text: string; said_on: Day }[];
  /** Steps of the last weeks, newest first. */
  history: ClusterStep[];
}

export interface ClusterStep {
  kind: "split" | "merged";
  number: number;
  name: string;
  /** The part of the other group's comments that came along, 0 to 1; null where it could tell of a few members of staff. */
  share: number | null;
  noted_on: Day;
}

export interface EndedCluster {
  number: number;
  name: string;
  /** The group that took it in. */
  into: string | null;
  ended_on: Day;
}

export interface Clusters {
  discovery: {
    state: "none" | "waiting" | "running" | "done" | "failed";
    asked_on: Day | null;
    comments: number | null;
    clusters: number | null;
  };
  clusters: Cluster[];
  ended: EndedCluster[];
}

export interface Measure {
  id: string;
  name: string;
  unit: "count" | "percent";
  improvement_direction: Direction;
}

export interface SeriesPoint {
  start: Day;
  label: string;
  y: number | null;
  n: number | null;
  mean: number | null;
  lpl: number | null;
  upl: number | null;
  special_cause_type: SpecialCause | null;
  point_type: Variation | null;
}

export interface Series {
  measure: Measure;
  points: SeriesPoint[];
  variation: Variation | null;
  assurance: Assurance | null;
  target: number | null;
  warnings: string[];
  sentence: string;
}

export interface MeasureUnit {
  org_id: string;
  name: string;
  level: string;
  last: number | null;
  mean: number | null;
  variation: Variation | null;
  assurance: Assurance | null;
  points: number;
}

export interface Mapping {
  text: string[];
  source_id: string | null;
  respondent: string | null;
  date: string | null;
  default_date: Day | null;
  date_order: "auto" | "dmy" | "mdy" | "ymd";
  fft: string | null;
  fft_values: Record<string, number>;
  question: string | null;
  audience: string | null;
  default_audience: Stream;
  org: string[];
  org_code: string | null;
  create_orgs: boolean;
}

export interface Preview {
  file_name: string;
  columns: { name: string; samples: string[]; blank: number }[];
  rows: number;
  mapping: Mapping;
}

export interface RowIssue {
  line: number;
  outcome: "duplicate" | "blank" | "refused";
  field: string | null;
  reason: string;
}

export interface Report {
  rows: number;
  imported: number;
  duplicate: number;
  blank: number;
  refused: number;
  scores_only: number;
  notes: string[];
  issues: RowIssue[];
  new_orgs: string[];
}

export interface Import {
  id: string;
  file_name: string;
  state: "running" | "done" | "failed" | "undone";
  total: number | null;
  rows: number;
  imported: number;
  duplicate: number;
  blank: number;
  refused: number;
  notes: string[];
  created_on: Day;
  undone_on: Day | null;
  created_by_name: string | null;
}

export interface ImportDetail extends Import {
  issues: RowIssue[];
}

export interface Link {
  id: string;
  token: string;
  url: string;
  org_id: string;
  org_name: string;
  audience: Stream;
  label: string;
  created_on: Day;
  expires_on: Day | null;
  expired: boolean;
}

export interface NewLink {
  org_id: string;
  audience: Stream;
  label: string;
  expires_on: Day | null;
}

export interface Work {
  stages: { entrypoint: string; queued: number; picked: number; held: number; done_recently: number }[];
  held: { id: number; entrypoint: string; attempts: number; error: string | null; since: Day }[];
  waiting_comments: number;
  held_submissions: number;
  workers: number;
}

export type Identifier =
  | "name"
  | "phone"
  | "e-mail"
  | "address"
  | "postcode"
  | "date of birth"
  | "NHS number"
  | "hospital number"
  | "other";

/** What a person says about the machine's reading; `start` and `end` count code points of the text as shown. */
export type NewCorrection =
  | { kind: "theme"; theme: string; present: boolean }
  | { kind: "sentiment"; sentiment: Sentiment }
  | { kind: "risk"; present: boolean }
  | { kind: "redaction"; start: number; end: number; identifier: Identifier }
  | { kind: "checked" };

export interface Correction {
  id: string;
  comment_id: string;
  kind: NewCorrection["kind"];
  framework: string | null;
  theme: string | null;
  present: boolean | null;
  sentiment: Sentiment | null;
  identifier: Identifier | null;
  made_by_name: string;
  made_on: Day;
  ended_on: Day | null;
  may_be_undone: boolean;
}

export type ReviewKind = "person" | "safety" | "unsure" | "sample";
export type ReviewReason = "language" | "unreadable" | "redaction" | "empty" | "safety" | "uncertain_theme" | "unsure" | "sample";

/** Something to look at; a submission that could not be de-identified has no comment. */
export interface ReviewItem {
  id: string;
  comment: Comment | null;
  reasons: ReviewReason[];
  urgent: boolean;
  /** The probability of the likeliest immediate risk, 0 where none was heard. */
  risk: number;
  uncertainty: number;
  org_id: string;
  org_name: string;
  stream: Stream;
  said_on: Day;
  previous: string | null;
  next: string | null;
}

export interface ReviewQueue {
  items: ReviewItem[];
  next: string | null;
  total: number;
  counts: Record<ReviewKind | "held", number>;
}

export * from "./learned";
export * from "./signals";
