import { type Query, request } from "./client";
import type { Day } from "./types";

/** The nouns of looking after the house: who did what, and what is kept how long. */

export interface AuditLine {
  on_day: Day;
  /** A dotted word for what was done: "case.read". */
  action: string;
  by_id: string | null;
  by_name: string | null;
  by_roles: string[];
  subject: string | null;
  subject_name: string | null;
  org_name: string | null;
}

export interface AuditPerson {
  id: string;
  name: string;
}

export interface Audit {
  lines: AuditLine[];
  total: number;
  page: number;
  pages: number;
  actions: string[];
  people: AuditPerson[];
}

export type RetentionKind = "cases_patients" | "cases_staff" | "responses" | "originals" | "uploads" | "sessions" | "work";
export type HoldReason = "claim" | "inquest" | "police" | "inquiry" | "complaint" | "access_request";

export interface KeptKind {
  kind: RetentionKind;
  name: string;
  counted_from: string;
  days: number;
  /** An organisation may set days of its own. */
  local: boolean;
  removes: string;
  source: string;
  /** Null where nobody has counted yet, or where only handlers of cases may know. */
  due: number | null;
  held: number | null;
  next_on: Day | null;
  counted_on: Day | null;
}

export interface KeptRule {
  org_id: string;
  org_name: string;
  kind: string;
  days: number;
  set_on: Day;
}

export interface Hold {
  id: string;
  org_id: string;
  org_name: string;
  reason: HoldReason;
  set_by: string | null;
  set_on: Day;
}

export interface Erased {
  subject: string;
  kind: "case" | "response";
  why: "asked" | "retention";
  by_name: string | null;
  on_day: Day;
}

export interface Retention {
  version: string;
  kinds: KeptKind[];
  rules: KeptRule[];
  holds: Hold[];
  erasures: Erased[];
}

export interface HeldCase {
  reference: string;
  org_name: string;
  state: string;
}

type Abort = AbortSignal | undefined;
const ruleOf = (org: string, kind: string): string => `/retention/rules/${encodeURIComponent(org)}/${encodeURIComponent(kind)}`;
const caseOf = (reference: string): string => `/retention/cases/${encodeURIComponent(reference)}`;

export const audit = (query: Query, signal: Abort) => request<Audit>("/audit", { query, signal });

export const retention = {
  read: (signal: Abort) => request<Retention>("/retention", { signal }),
  count: () => request<null>("/retention/dry-run", { method: "POST" }),
  setRule: (org: string, kind: string, days: number) => request<null>(ruleOf(org, kind), { method: "PUT", body: { days } }),
  dropRule: (org: string, kind: string) => request<null>(ruleOf(org, kind), { method: "DELETE" }),
  hold: (org_id: string, reason: HoldReason) => request<Hold>("/retention/holds", { method: "POST", body: { org_id, reason } }),
  lift: (id: string) => request<null>(`/retention/holds/${encodeURIComponent(id)}`, { method: "DELETE" }),
  erase: (comment_id: string) => request<null>("/retention/erasures", { method: "POST", body: { comment_id } }),
  heldCases: (signal: Abort) => request<HeldCase[]>("/retention/cases", { signal }),
  holdCase: (reference: string) => request<null>(`${caseOf(reference)}/hold`, { method: "PUT" }),
  releaseCase: (reference: string) => request<null>(`${caseOf(reference)}/hold`, { method: "DELETE" }),
  eraseCase: (reference: string) => request<null>(caseOf(reference), { method: "DELETE" }),
};
