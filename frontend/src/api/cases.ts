import type { Day, Stream } from "./types";

/** The nouns of speaking up: cases whose words only their handlers can open. Bytes travel as base64. */

export type Way = "open" | "confidential" | "anonymous";
export type CaseState = "new" | "open" | "closed";
export type HandOffKind = "pals" | "complaint" | "lfpse" | "safeguarding";
export type HandOffState = "draft" | "sent" | "withdrawn";
export type WorkerGroup =
  | "clinical_services" | "scientific_technical" | "administrative" | "allied_health" | "estates" | "healthcare_science"
  | "medical_dental" | "nursing_midwifery" | "students" | "other" | "not_known";
export type Seniority = "worker" | "manager" | "senior_leader" | "not_disclosed";
export type Outcome = "action_taken" | "resolved" | "no_action_needed" | "handed_on" | "not_enough_known" | "withdrawn";
export type Learning = "shared" | "not_shared" | "nothing_new";
export type SealedKind =
  | "report" | "contact" | "reading" | "from_person" | "from_handler" | "note" | "hand_off" | "action" | "outcome";

/** The private key of a case, or of its notes, sealed to one of my own key pairs. */
export interface Lock {
  pair_id: string;
  opens: "case" | "notes";
  sealed: string;
}

export interface CaseRef {
  id: string;
  reference: string;
}

/** A case as the queue shows it; `reading` and `lock` are null where I hold no key to it. */
export interface CaseItem {
  id: string;
  reference: string;
  org_id: string;
  org_name: string;
  stream: Stream;
  way: Way;
  received_on: Day;
  sealed_by: "browser" | "server";
  read_on: Day | null;
  /** Null until the computer has read the report, and where it could not: a person must look. */
  risk: boolean | null;
  risk_kinds: string[];
  criticality: number | null;
  must_look: boolean;
  state: CaseState;
  version: number;
  owner: { id: string; name: string } | null;
  deputy: { id: string; name: string } | null;
  owned_on: Day | null;
  thanked_on: Day | null;
  thanks_overdue: boolean;
  owner_overdue: boolean;
  hand_off_due: Day | null;
  triaged_on: Day | null;
  elements: string[];
  worker_group: WorkerGroup | null;
  seniority: Seniority | null;
  suggestion: "accepted" | "corrected" | null;
  same_as: string | null;
  closed_on: Day | null;
  outcome: Outcome | null;
  learning: Learning | null;
  legal_hold: boolean;
  unread: number;
  awaits_answer: boolean;
  has_lock: boolean;
  lock: Lock | null;
  reading: string | null;
}

export interface CaseQueue {
  items: CaseItem[];
  counts: {
    total: number;
    new: number;
    open: number;
    closed: number;
    must_look: number;
    thanks_overdue: number;
    owner_overdue: number;
    mine: number;
    unread: number;
    locked: number;
  };
}

export interface SealedText {
  n: number;
  kind: SealedKind;
  on_day: Day;
  by: string | null;
  sealed: string;
}

export interface CaseStep {
  n: number;
  kind: string;
  on_day: Day;
  by: string | null;
  text: string;
}

/** A draft for somebody else, which a person sends; `text_n` is the newest draft among the texts. */
export interface HandOff {
  id: string;
  kind: HandOffKind;
  state: HandOffState;
  text_n: number;
  due_on: Day | null;
  overdue: boolean;
  made_on: Day;
  sent_on: Day | null;
  sent_by: string | null;
  about: Record<string, string>;
}

export interface CaseAction {
  id: string;
  text_n: number;
  made_on: Day;
  due_on: Day | null;
  done_on: Day | null;
}

export interface CaseFeedback {
  question: "again" | "detriment_30" | "detriment_90" | "detriment_180";
  answer: "yes" | "no" | "maybe" | "dont_know";
  on_day: Day;
}

/** Somebody who may handle a case; those whom it excludes are not told of. */
export interface Handler {
  account_id: string;
  name: string;
  role: "guardian" | "pals";
  pair_id: string;
  public: string;
  has_lock: boolean;
  has_notes: boolean;
}

export type GlassState = "waiting" | "agreed" | "opened" | "refused" | "over";

/** That two people opened, or asked to open, a case without its handlers' keys. */
export interface GlassMark {
  id: string;
  asked_by: string;
  asked_on: Day;
  reason: string;
  state: GlassState;
  agreed_by: string | null;
  on_day: Day | null;
}

export interface CaseDetail {
  case: CaseItem;
  public: string;
  notes_public: string | null;
  texts: SealedText[];
  locks: Lock[];
  steps: CaseStep[];
  hand_offs: HandOff[];
  actions: CaseAction[];
  feedback: CaseFeedback[];
  handlers: Handler[];
  break_glass: GlassMark[];
  same: CaseRef[];
  continues: CaseRef | null;
  continued_by: CaseRef[];
}

/** The codes that a case is triaged and closed with, and their words. */
export interface CaseChoices {
  elements: Record<string, string[]>;
  worker_groups: Record<string, string>;
  seniorities: Record<string, string>;
  outcomes: Record<string, string>;
  learnings: Record<string, string>;
}

/** What to change in a case; what is left out stays. */
export interface CaseChange {
  elements?: string[];
  worker_group?: WorkerGroup | null;
  seniority?: Seniority | null;
  suggestion?: "accepted" | "corrected";
  way?: Way;
  same_as?: string | null;
  state?: "open";
}

export interface NewNote {
  sealed: string;
  /** The first note brings the notes' key, and a lock for every handler. */
  notes_public?: string;
  locks?: Lock[];
}

export interface NewHandOff {
  kind: HandOffKind;
  sealed: string;
  about?: Record<string, string>;
}
