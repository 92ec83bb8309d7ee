import type { Day, Stream } from "./types";

/** The nouns of speaking up: cases whose words only their handlers can open, and the keys that open them. */

export type Way = "open" | "confidential" | "anonymous";
export type CaseState = "new" | "open" | "closed";
export type HandOffKind = "pals" | "complaint" | "lfpse" | "safeguarding";
export type HandOffState = "draft" | "sent" | "withdrawn";
export type TextKind = "report" | "contact" | "reading" | "from_person" | "from_handler" | "note" | "hand_off" | "action" | "outcome";
/** Bytes as base64. */
export type Bytes64 = string;

/** Somebody who handles cases here. */
export interface Person {
  account_id: string;
  name: string;
}

/** The private key of a case, or of its notes, sealed to one of my key pairs. */
export interface Lock {
  pair_id: string;
  opens: "case" | "notes";
  sealed: Bytes64;
}

/** A case as the queue shows it. */
export interface CaseItem {
  id: string;
  reference: string;
  org_id: string;
  org_name: string;
  stream: Stream;
  way: Way;
  received_on: Day;
  /** Null until the computer has read the report, and where it could not. */
  risk: boolean | null;
  risk_kinds: string[];
  criticality: number | null;
  state: CaseState;
  version: number;
  owner: Person | null;
  deputy: Person | null;
  thanked_on: Day | null;
  thanks_overdue: boolean;
  owner_overdue: boolean;
  elements: string[];
  has_lock: boolean;
  unread: boolean;
  reading: Bytes64 | null;
  locks: Lock[];
}
