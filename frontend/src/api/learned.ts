import type { Day, Stream } from "./types";

/** The nouns of learning from people: models, agreement between readers, and drift. */

export interface BeforeAfter {
  before: number;
  after: number;
}

export interface LearntLabel extends BeforeAfter {
  label: string;
  n: number;
}

export type VersionState = "candidate" | "active" | "refused" | "rolled_back" | "replaced";

/** One set of weights that was learned from corrections, measured on corrections that were held out. */
export interface Version {
  id: string;
  parent: string | null;
  state: VersionState;
  reason: string;
  made_on: Day;
  made_by_name: string | null;
  scores: {
    learned_from: number;
    held_out: number;
    macro_f1: BeforeAfter;
    micro_f1: BeforeAfter;
    labels: LearntLabel[];
    used: boolean;
  } | null;
  /** What people felt: the labels are the ratings "1" to "5". */
  sentiment: {
    learned_from: number;
    held_out: number;
    accuracy: BeforeAfter;
    macro_f1: BeforeAfter;
    labels: LearntLabel[];
    used: boolean;
  } | null;
}

export interface Learning {
  active: string | null;
  waiting: boolean;
  corrections: number;
  needed: number;
  since: number;
  versions: Version[];
}

export interface ThemeAgreement {
  theme: string;
  n: number;
  agreement: number;
  kappa: number | null;
  low: number | null;
  high: number | null;
}

export interface Agreement {
  comments: number;
  coders: { name: string; n: number }[];
  alpha: number | null;
  pair: { names: string[]; comments: number } | null;
  themes: ThemeAgreement[];
  sentence: string;
}

export interface ThemeChoice {
  name: string;
  group: string;
  description: string;
}

/** The next comment to code blind: nothing of what the machine found comes with it. */
export interface NextCoding {
  comment: { id: string; question: string; text: string; stream: Stream; org_name: string } | null;
  done: number;
  left: number;
  themes: ThemeChoice[];
}

export type DriftMeasure = "not_assigned" | "mean_p" | "not_english" | "shift" | "unknown_words";

export interface DriftWeek {
  week_start: Day;
  comments: number;
  not_assigned: number;
  mean_p: number | null;
  not_english: number;
  shift: number | null;
  unknown_words: number | null;
  moved: DriftMeasure[];
}

export interface Drift {
  providers: {
    org_id: string;
    org_name: string;
    stream: Stream;
    sentence: string;
    weeks: DriftWeek[];
    bands: { measure: DriftMeasure; low: number; high: number }[];
  }[];
}
