import { type Query, request } from "./client";
import type { Day, Measure, SeriesPoint, Stream } from "./types";
import type { Moment } from "./signals";

/** The nouns of improvement: what was agreed, whether it helped, what worked, praise, and how closely places are watched. */

export type ActionState = "planned" | "under_way" | "finished" | "stopped";
export type Verdict = "unproven" | "improved" | "worse";
export type Wanted = "lower" | "higher";
export type Acted = "adopt" | "adapt" | "abandon";
export type ActionStep =
  | "made"
  | "changed"
  | "begun"
  | "finished"
  | "stopped"
  | "undone"
  | "cycle"
  | "rebased"
  | "unrebased"
  | "involved"
  | "judged"
  | "shared";

/** An agreed change with a measure; `version` goes back with each change to it. */
export interface ImprovementAction {
  id: string;
  org_id: string;
  org_name: string;
  streams: Stream[];
  title: string;
  what_we_heard: string;
  what_we_did: string;
  state: ActionState;
  owner_id: string | null;
  owner_name: string | null;
  due_on: Day | null;
  started_on: Day | null;
  closed_on: Day | null;
  overdue: boolean;
  themes: string[];
  measure_id: string | null;
  measure_name: string | null;
  wanted: Wanted | null;
  risk_reference: string;
  risk_address: string;
  version: number;
  made_by_name: string;
  made_on: Day;
  verdict: Verdict | null;
  verdict_sentence: string;
  looked_on: Day | null;
  signals: number;
  cycles: number;
}

export interface ActionList {
  items: ImprovementAction[];
  counts: Record<"open" | "overdue" | Verdict, number>;
}

/** A plan, do, study, act cycle. */
export interface Cycle {
  n: number;
  started_on: Day;
  ended_on: Day | null;
  plan: string;
  did: string;
  studied: string;
  acted: Acted | null;
  by_name: string;
}

export interface Rebase {
  on_day: Day;
  reason: string;
  by_name: string;
  said_on: Day;
}

export type Who =
  | "patients"
  | "carers"
  | "public"
  | "voluntary_sector"
  | "nursing"
  | "medical"
  | "allied_health"
  | "administrative"
  | "estates"
  | "students"
  | "other_staff";
export type How = "informed" | "consulted" | "involved" | "co_designed" | "led";

/** A group that was involved; never a person. */
export interface Involved {
  on_day: Day;
  who: Who;
  people: number | null;
  how: How;
  note: string;
  by_name: string;
}

export interface ActionDetail {
  action: ImprovementAction;
  cycles: Cycle[];
  rebases: Rebase[];
  involved: Involved[];
  signals: { id: string; sentence: string; state: string }[];
  events: { at: Moment; what: ActionStep; by: string | null; note: string; text: string }[];
  may_change: boolean;
  may_undo: boolean;
  may_share: boolean;
  shared: boolean;
}

export interface ActionChoices {
  owners: { id: string; name: string }[];
  who: { code: string; name: string }[];
  how: { code: string; name: string }[];
}

export interface ActionGiven {
  title: string;
  what_we_heard: string;
  what_we_did: string;
  state: ActionState;
  owner_id: string | null;
  due_on: Day | null;
  started_on: Day | null;
  themes: string[];
  measure_id: string | null;
  wanted: Wanted | null;
  risk_reference: string;
  risk_address: string;
}

export interface NewAction extends ActionGiven {
  org_id: string;
  signal_ids: string[];
}

export interface EffectWeek extends SeriesPoint {
  /** On which side of the change the week counts; null where it counts on neither. */
  part: "before" | "set_aside" | "after" | null;
}

export interface EffectMark {
  kind: "signal" | "begun" | "cycle" | "rebased" | "look";
  on_day: Day;
  letter: string;
  text: string;
}

/** Whether an action helped: its chart, what happened on it, and the looks at it. */
export interface Effect {
  measure: Measure | null;
  weeks: EffectWeek[];
  marks: EffectMark[];
  looks: { weeks: number; state: Verdict | null; sentence: string; looked_on: Day | null }[];
  verdict: Verdict | null;
  verdict_sentence: string;
  sentence: string;
  judged_by: string;
  set_aside: string;
  error_rate: number;
  error_sentence: string;
  small_numbers: boolean;
}

/** Something that worked, as text that people wrote. */
export interface Worked {
  id: string;
  source: string;
  title: string;
  what_we_heard: string;
  what_we_did: string;
  themes: string[];
  measure: string;
  result: string;
  weeks: number;
  finished_on: Day | null;
  imported: boolean;
  added_on: Day;
  near: number | null;
  why: string;
}

export interface Library {
  items: Worked[];
  waiting: number;
}

export interface ImportedLibrary {
  added: number;
  known: number;
  refused: { number: number; title: string; reason: string }[];
}

export interface Praise {
  org_id: string;
  org_name: string;
  stream: Stream;
  said_on: Day;
  words: string;
  full: boolean;
  named: boolean;
  comment_id: string | null;
}

export interface PraiseList {
  since: Day;
  until: Day;
  teams: { org_id: string; org_name: string; n: number }[];
  items: Praise[];
}

export interface AssuranceLevel {
  code: string;
  name: string;
  about: string;
  triggers: string[];
  does: string[];
  leaves_when: string[];
}

export interface AssuranceStep {
  org_id: string;
  org_name: string;
  level: string;
  level_name: string;
  reasons: string;
  review_on: Day | null;
  review_due: boolean;
  set_by_name: string | null;
  set_on: Day;
  pack: string;
}

/** How closely organisations are watched: the newest level of each, and the history, newest first. */
export interface AssuranceNow {
  pack: { id: string; title: string; version: string; about: string; levels: AssuranceLevel[]; check: string[] };
  now: AssuranceStep[];
  history: AssuranceStep[];
  may_set: boolean;
}

export interface NewAssurance {
  org_id: string;
  level: string;
  reasons: string;
  review_on: Day | null;
}

type Abort = AbortSignal | undefined;
type CycleGiven = Omit<Cycle, "n" | "by_name"> & { n: number | null };
const at = (id: string): string => `/actions/${encodeURIComponent(id)}`;
const post = (path: string, ifMatch: number, body?: unknown) => request<ImprovementAction>(path, { method: "POST", body, ifMatch });

export const actions = {
  list: (query: Query, abort: Abort) => request<ActionList>("/actions", { query, signal: abort }),
  one: (id: string, abort: Abort) => request<ActionDetail>(at(id), { signal: abort }),
  effect: (id: string, abort: Abort) => request<Effect>(`${at(id)}/effect`, { signal: abort }),
  choices: (org: string, abort: Abort) => request<ActionChoices>("/actions/choices", { query: { org }, signal: abort }),
  suggested: (query: Query, abort: Abort) => request<Worked[]>("/actions/suggested", { query, signal: abort }),
  agree: (body: NewAction) => request<ImprovementAction>("/actions", { method: "POST", body }),
  change: (id: string, version: number, body: ActionGiven) =>
    request<ImprovementAction>(at(id), { method: "PUT", body, ifMatch: version }),
  undo: (id: string, version: number) => post(`${at(id)}/undo`, version),
  cycle: (id: string, version: number, body: CycleGiven) => post(`${at(id)}/cycles`, version, body),
  rebase: (id: string, version: number, body: { on_day: Day; reason: string; take_back: boolean }) =>
    post(`${at(id)}/rebase`, version, body),
  involve: (id: string, version: number, body: Omit<Involved, "by_name">) => post(`${at(id)}/log`, version, body),
  share: (id: string, body: { title: string; what_we_heard: string; what_we_did: string; no_comment: true }) =>
    request<ActionDetail>(`${at(id)}/share`, { method: "POST", body }),
};

export const library = {
  all: (abort: Abort) => request<Library>("/library", { signal: abort }),
  take: (query: Query, file: unknown) => request<ImportedLibrary>("/library/import", { method: "POST", query, body: file }),
};

export const praise = (query: Query, abort: Abort) => request<PraiseList>("/praise", { query, signal: abort });

export const assurance = {
  read: (query: Query, abort: Abort) => request<AssuranceNow>("/assurance", { query, signal: abort }),
  give: (body: NewAssurance) => request<AssuranceNow>("/assurance", { method: "PUT", body }),
};
