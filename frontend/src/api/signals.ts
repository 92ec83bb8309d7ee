import type { Comment, Day, Stream } from "./types";

/** The nouns of early warning: signals, their life, their map, and what could be known when. */

export type SignalKind = "one_comment" | "co_signal" | "rise" | "silence" | "emerging" | "inequity" | "fall" | "praise";
export type Meaning = "concern" | "improvement" | "neutral";
export type SignalState = "new" | "acknowledged" | "watching" | "acted_on" | "closed" | "reopened";
export type SignalAction = "acknowledge" | "watch" | "act" | "close" | "reopen" | "own" | "release" | "undo";
/** Why a person closes a signal. */
export type CloseReason = "dealt_with" | "known" | "false_alarm";
/** A moment, ISO 8601 with its offset. */
export type Moment = string;

/** Something that changed more than chance explains, or one comment that may tell of risk. */
export interface Signal {
  id: string;
  kind: SignalKind;
  meaning: Meaning;
  mark: string;
  sentence: string;
  org_id: string;
  org_name: string;
  org_level: string;
  streams: Stream[];
  measure: string;
  measure_id: string | null;
  label: string;
  about: string;
  since: Day;
  until: Day;
  observed: number | null;
  expected: number | null;
  /** Observed over expected. */
  ratio: number | null;
  statistic: number | null;
  /** The mean number of weeks between two alarms this strong by chance. */
  weeks_between: number | null;
  chance: string;
  detector: string;
  detector_version: string;
  state: SignalState;
  closed_reason: string | null;
  owner: { id: string; name: string } | null;
  /** Goes back with a change, so that nobody overwrites what they have not seen. */
  revision: number;
  going_on: boolean;
  raised_at: Moment;
  due_at: Moment | null;
  acknowledged_at: Moment | null;
  overdue: boolean;
  respondents: number | null;
  words: string[];
  comments: number;
  comment_id: string | null;
}

export interface SignalList {
  items: Signal[];
  counts: {
    total: number;
    open: number;
    new: number;
    unowned: number;
    overdue: number;
    at_once: number;
    concerns: number;
    improvements: number;
  };
}

/** One week of a signal's series; `n` is null where no feed came. */
export interface SignalWeek {
  start: Day;
  label: string;
  n: number | null;
  exposure: number | null;
  expected: number | null;
  limit: number | null;
  marked: boolean;
}

export interface SignalSeries {
  name: string;
  weeks: SignalWeek[];
  sentence: string;
}

export interface DrivingWord {
  text: string;
  z: number;
  now: number | null;
  before: number | null;
}

export interface SignalEvent {
  at: Moment;
  what:
    | "raised" | "extended" | "faded" | "acknowledged" | "watching" | "acted_on" | "closed" | "reopened" | "owned" | "released"
    | "undone";
  by: string | null;
  note: string | null;
  text: string;
}

export interface Useful {
  yes: number;
  no: number;
  mine: boolean | null;
}

export interface SignalDetail {
  signal: Signal;
  chart: SignalSeries | null;
  words: DrivingWord[];
  evidence: { comment: Comment }[];
  related: Signal[];
  events: SignalEvent[];
  useful: Useful;
  may: SignalAction[];
}

export interface SignalChange {
  action: SignalAction;
  revision: number;
  reason?: CloseReason | null;
  note?: string | null;
}

/** A unit and a theme; the theme "" stands for all that is said. */
export interface MapCell {
  org_id: string;
  theme: string;
  n: number | null;
  mark: string;
  meaning: Meaning | null;
  state: SignalState | null;
  signal_id: string | null;
  signals: number;
  text: string;
}

/** Units by themes; cells come unit by unit, themes in the order given. */
export interface SignalMap {
  units: { org_id: string; name: string; level: string }[];
  themes: string[];
  cells: MapCell[];
}

export interface FoundThen {
  signal_id: string | null;
  kind: SignalKind;
  meaning: Meaning;
  org_id: string;
  org_name: string;
  streams: Stream[];
  since: Day;
  until: Day;
  observed: number | null;
  expected: number | null;
  sentence: string;
  chance: string;
}

/** What could be known on a day; without a recorded look until then, nothing could. */
export interface Known {
  on: Day;
  provider_id: string;
  provider_name: string;
  recorded: { as_of: Day; ran_at: Moment; budget: number; series: number; content_hash: string } | null;
  replay: { content_hash: string; equal: boolean; late: number } | null;
  found: FoundThen[];
  explanation: string;
  first_scan: Day | null;
  last_scan: Day | null;
}

/** How many false alarms a month a provider bears, and how soon a possible risk must be acknowledged. */
export interface SignalRules {
  provider_id: string;
  provider_name: string;
  false_alarms: number;
  acknowledge_hours: number;
  sentence: string;
  set_by: string | null;
  set_on: Day | null;
  may_change: boolean;
}

export interface NewSignalRules {
  false_alarms: number;
  acknowledge_hours: number;
}

export interface Precision {
  detector: string;
  kind: SignalKind;
  signals: number;
  useful: number;
  not_useful: number;
  unanswered: number;
  precision: number | null;
  low: number | null;
  high: number | null;
}

/** A signal to be drawn on a measure's chart. */
export interface ChartMark {
  signal_id: string;
  kind: SignalKind;
  meaning: Meaning;
  mark: string;
  since: Day;
  until: Day;
  sentence: string;
}

export interface TopSignal {
  signal: Signal;
  more: number;
}

export interface TopSignals {
  concerns: TopSignal[];
  improvements: TopSignal[];
  at_once: number;
  overdue: number;
  open: number;
}
