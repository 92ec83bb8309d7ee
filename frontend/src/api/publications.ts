import { apiUrl, type Query, request } from "./client";
import type { Day } from "./types";

/** The nouns of the public page: what was heard, what was done, whether it helped. */

export type PublicationState = "draft" | "approved" | "replaced" | "withdrawn";
export type Whose = "patients" | "staff";
export type PublishedVerdict = "unproven" | "improved" | "worse";

export interface HardWord {
  word: string;
  syllables: number;
  instead: string | null;
}

export interface Reading {
  /** In years; null where there are no words. */
  age: number | null;
  plain: boolean;
  advised: [number, number];
  words: number;
  sentences: number;
  hard_words: HardWord[];
}

export interface Quote {
  comment_id: string;
  text: string;
}

/** What a person writes. */
export interface PublicWords {
  title: string;
  heard: string;
  did: string;
  theme: string | null;
  since: Day;
  until: Day;
  changed_on: Day | null;
  correction: string;
  quote: Quote | null;
}

export interface NewPublication extends PublicWords {
  org_id: string;
  whose: Whose;
  improvement_id: string | null;
}

export interface PublicationVersion extends PublicWords {
  n: number;
  state: PublicationState;
  /** Null counts are too few to say. */
  numbers: { since: Day; until: Day; about: number | null; heard: number | null }[];
  counts: string[];
  recounted_on: Day | null;
  verdict: PublishedVerdict | null;
  helped: string;
  verdict_words: string;
  error_rate: number | null;
  reading: Reading;
  writers: string[];
  written_on: Day;
  approved_by: string | null;
  approved_on: Day | null;
  withdrawn_on: Day | null;
  withdrawn_because: string;
}

export interface PublicationStep {
  n: number;
  step: "written" | "approved" | "withdrawn" | "undone" | "recounted";
  by_name: string | null;
  on_day: Day;
}

export interface PublicationRow {
  id: string;
  org_id: string;
  org_name: string;
  title: string;
  state: PublicationState;
  public: boolean;
  verdict: PublishedVerdict | null;
  writers: string[];
  written_on: Day;
  reading_age: number | null;
  mine: boolean;
}

export interface Publication {
  id: string;
  org_id: string;
  org_name: string;
  whose: Whose;
  improvement_id: string | null;
  revision: number;
  address: string;
  proof_changed: boolean;
  may_edit: boolean;
  may_approve: boolean;
  may_withdraw: boolean;
  may_undo: boolean;
  versions: PublicationVersion[];
  steps: PublicationStep[];
}

export interface Quotables {
  fewest: number;
  items: { id: string; text: string; said_on: Day }[];
}

export interface Suggestion {
  org_id: string;
  whose: Whose;
  improvement_id: string | null;
  title: string;
  heard: string;
  did: string;
  theme: string | null;
  since: Day;
  until: Day;
  changed_on: Day | null;
}

type Abort = AbortSignal | undefined;
const at = (id: string): string => `/publications/${encodeURIComponent(id)}`;

/** What may be done with a publication as it stood when it was seen. */
type Seen = Pick<Publication, "id" | "revision">;

export const publications = {
  all: (query: Query, abort: Abort) => request<PublicationRow[]>("/publications", { query, signal: abort }),
  one: (id: string, abort: Abort) => request<Publication>(at(id), { signal: abort }),
  begin: (body: NewPublication) => request<Publication>("/publications", { method: "POST", body }),
  change: (seen: Seen, body: PublicWords) => request<Publication>(at(seen.id), { method: "PUT", body, ifMatch: seen.revision }),
  discard: (seen: Seen) => request<null>(`${at(seen.id)}/draft`, { method: "DELETE", ifMatch: seen.revision }),
  approve: (seen: Seen) => request<Publication>(`${at(seen.id)}/approve`, { method: "POST", ifMatch: seen.revision }),
  withdraw: (seen: Seen, because: string) =>
    request<Publication>(`${at(seen.id)}/withdraw`, { method: "POST", body: { because }, ifMatch: seen.revision }),
  undo: (seen: Seen) => request<Publication>(`${at(seen.id)}/undo`, { method: "POST", ifMatch: seen.revision }),
  read: (text: string, abort: Abort) => request<Reading>("/publications/reading-age", { method: "POST", body: { text }, signal: abort }),
  quotes: (query: Query, abort: Abort) => request<Quotables>("/publications/quotes", { query, signal: abort }),
  suggestion: (query: Query, abort: Abort) => request<Suggestion>("/publications/suggestion", { query, signal: abort }),
  preview: (id: string) => apiUrl(`${at(id)}/preview`),
};
