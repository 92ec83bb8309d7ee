import type { Cadence, Moment } from "./alerts";
import { apiUrl, type Query, request } from "./client";
import type { Day } from "./types";

/** The nouns of mail: what was or will be sent to oneself, and what became of every mail. */

export type DigestCadence = Exclude<Cadence, "at_once">;
export type MailKind = DigestCadence | "alerts" | "notice";
export type MailState = "waiting" | "sending" | "sent" | "maybe_sent" | "refused" | "bounced";

/** A sentence, and the path that opens its evidence; `spark` is a row of bars, `spark_words` says the same. */
export interface DigestLine {
  text: string;
  path: string;
  numbers: string;
  spark: string;
  spark_words: string;
  quote: string | null;
}

export interface DigestSection {
  id: "praise" | "signals" | "overdue" | "changed";
  title: string;
  lines: DigestLine[];
  /** How many did not fit on one screen. */
  more: number;
  path: string;
}

/** How far a mail has come, since when, and why it came no further. */
export interface MailFate {
  state: MailState;
  why: string | null;
  since: Moment;
}

/** What somebody was told in one period; past ones are kept without quotes. */
export interface Digest {
  id: string | null;
  cadence: DigestCadence;
  subject: string;
  intro: string;
  period: Moment;
  since: Day;
  until: Day;
  places: string[];
  news: boolean;
  sections: DigestSection[];
  mail: MailFate | null;
}

export interface PastDigests {
  items: Pick<Digest & { id: string }, "id" | "cadence" | "period" | "subject" | "news" | "mail">[];
  /** Kinds of mail that one has ended. */
  stopped: MailKind[];
}

export interface DigestPreview {
  digest: Digest;
  text: string;
  subscribed: boolean;
  stopped: boolean;
  next_at: Moment | null;
}

/** A mail: to whom, of what kind and what became of it; never what it says. */
export interface Posted {
  id: string;
  name: string | null;
  address: string | null;
  kind: "alert" | "digest" | "notice";
  state: MailState;
  why: string | null;
  attempts: number;
  posted_at: Moment;
  due_at: Moment;
  tried_at: Moment | null;
  settled_at: Moment | null;
  may_send_again: boolean;
}

export interface Post {
  /** A mail server is set up; without one mails wait. */
  server: boolean;
  sender: string;
  counts: Record<MailState, number>;
  items: Posted[];
}

type Abort = AbortSignal | undefined;

export const digests = {
  past: (abort: Abort) => request<PastDigests>("/digests", { signal: abort }),
  one: (id: string, abort: Abort) => request<Digest>(`/digests/${encodeURIComponent(id)}`, { signal: abort }),
  preview: (cadence: DigestCadence, abort: Abort) => request<DigestPreview>("/digests/preview", { query: { cadence }, signal: abort }),
  /** The page that a frame shows. */
  previewPage: (cadence: DigestCadence) => apiUrl("/digests/preview/mail", { cadence }),
  want: (about: MailKind, wanted: boolean) => request<Pick<PastDigests, "stopped">>("/digests/mails", { method: "PUT", body: { about, wanted } }),
};

export const mail = {
  read: (query: Query, abort: Abort) => request<Post>("/post", { query, signal: abort }),
  sendAgain: (id: string) => request<Posted>(`/post/${encodeURIComponent(id)}/send-again`, { method: "POST" }),
};
