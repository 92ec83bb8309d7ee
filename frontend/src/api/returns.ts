import { apiUrl, type Query, request } from "./client";
import type { Day } from "./types";

/** The nouns of returns: numbers that national collections ask for, small ones hidden unless they are to be sent. */

export interface ReturnPeriod {
  first: Day;
  last: Day;
  label: string;
  opens_on: Day;
  closes_on: Day;
}

export interface ReturnPlace {
  id: string;
  name: string;
  ods_code: string | null;
}

/** A return that one may see; periods newest first. */
export interface ReturnPack {
  id: string;
  title: string;
  version: string;
  about: string;
  kind: "month" | "quarter" | "year";
  may_send: boolean;
  periods: ReturnPeriod[];
  places: ReturnPlace[];
  sources: { what: string; address: string }[];
  /** What to compare with the live document before sending. */
  check: string[];
}

/** One number; null where it is hidden or where nobody knows it. */
export interface ReturnCell {
  code: string;
  value: number | null;
  hidden: boolean;
  typed: boolean;
  required: boolean;
}

export interface ReturnSection {
  code: string;
  title: string;
  about: string;
  columns: string[];
  rows: { code: string; label: string; cells: ReturnCell[] }[];
}

export interface ReturnSent {
  id: string;
  period: ReturnPeriod;
  n: number;
  sent_on: Day;
  by: string;
  hash: string;
}

/** An earlier quarter against what was sent for it; numbers are null where the difference is of a few people. */
export interface Reconciled {
  period: string;
  sent_on: Day | null;
  changes: { name: string; sent: number | null; now: number | null }[];
}

export interface ReturnNow {
  pack: string;
  title: string;
  place: ReturnPlace;
  period: ReturnPeriod;
  exact: boolean;
  may_send: boolean;
  sent: ReturnSent | null;
  sections: ReturnSection[];
  missing: string[];
  checks: { says: string; holds: boolean; where: string[] }[];
  reconciles: Reconciled[];
}

/** Which return: of whom, for when, as it was sent or as it stands now, and whether small numbers are shown. */
export interface ReturnAsk {
  pack: string;
  org: string;
  period: Day;
  sent: string | null;
  exact: boolean;
}

/** What can be noted of a complaint under one name: codes and their words. */
export interface ComplaintCodes {
  name: string;
  title: string;
  codes: Record<string, string>;
}

const asked = ({ org, period, sent, exact }: ReturnAsk): Query => ({ org, period, sent, exact });

export const returns = {
  complaintCodes: (signal: AbortSignal) => request<ComplaintCodes[]>("/returns/complaint-codes", { signal }),
  all: (signal: AbortSignal) => request<ReturnPack[]>("/returns", { signal }),
  one: (ask: ReturnAsk, signal: AbortSignal) => request<ReturnNow>(`/returns/${ask.pack}`, { query: asked(ask), signal }),
  sent: ({ pack, org }: ReturnAsk, signal: AbortSignal) => request<ReturnSent[]>(`/returns/${pack}/sent`, { query: { org }, signal }),
  typeIn: ({ pack, org, period }: ReturnAsk, values: Record<string, number | null>) =>
    request<null>(`/returns/${pack}/values`, { method: "PUT", body: { org, period, values } }),
  noteAsSent: ({ pack, org, period }: ReturnAsk) =>
    request<ReturnSent>(`/returns/${pack}/sent`, { method: "POST", body: { org, period } }),
  file: (ask: ReturnAsk, kind: "csv" | "xlsx") => apiUrl(`/returns/${ask.pack}/export.${kind}`, asked(ask)),
};
