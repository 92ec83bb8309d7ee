import { request } from "./client";
import type { Day, Stream } from "./types";

/** What a key lets another programme do: read counts, or send answers in as FHIR. */
export type FeedMay = "counts" | "send";

/** A key for another programme, without its secret. */
export interface FeedKey {
  id: string;
  begins: string;
  name: string;
  org_id: string;
  org_name: string;
  streams: Stream[];
  may: FeedMay[];
  period: "week" | "month";
  made_by: string;
  made_on: Day;
  expires_on: Day;
  revoked_on: Day | null;
  last_used_on: Day | null;
  state: "live" | "expired" | "revoked";
}

export interface NewFeedKey {
  name: string;
  org_id: string;
  streams: Stream[];
  may: FeedMay[];
  period: "week" | "month";
  expires_on: Day;
}

/** A key just made, with its secret: this is the only time that it is shown. */
export interface MadeFeedKey extends FeedKey {
  secret: string;
}

export const feeds = {
  keys: (signal: AbortSignal) => request<FeedKey[]>("/feeds/keys", { signal }),
  make: (body: NewFeedKey) => request<MadeFeedKey>("/feeds/keys", { method: "POST", body }),
  revoke: (id: string) => request<null>(`/feeds/keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
};
