import { type Query, request } from "./client";
import type { Day, Meaning, SignalKind, SignalState, Stream } from "./types";

/** The nouns of being told: what somebody wants to know of, what they were told, and who answers when nobody does. */

export type Channel = "in_app" | "mail" | "webhook" | "calendar" | "atom";
export type Cadence = "at_once" | "hourly" | "daily" | "weekly" | "monthly";
/** A moment with its zone, as ISO 8601 writes it. */
export type Moment = string;

/** What somebody wants to be told of, how, and when; empty lists stand for everything. */
export interface NewSubscription {
  org_id: string;
  streams: Stream[];
  themes: string[];
  kinds: SignalKind[];
  /** How many times what was expected at the least; null for anything. */
  least_ratio: number | null;
  channels: Channel[];
  cadence: Cadence;
  /** HH:MM at `time_zone`. */
  at_time: string;
  /** 1 Monday … 7 Sunday. */
  weekday: number;
  month_day: number;
  time_zone: string;
  quiet_from: string | null;
  quiet_until: string | null;
  weekly_cap: number | null;
  webhook_url: string | null;
}

export interface Subscription extends NewSubscription {
  id: string;
  org_name: string;
  /** Whether one's roles still reach there. */
  in_sight: boolean;
  snoozed_until: Moment | null;
  made_on: Day;
  ended_on: Day | null;
  next_due: Moment | null;
  sentence: string;
}

/** A subscription that was made; the secret is shown this once. */
export interface MadeSubscription extends Subscription {
  webhook_secret: string | null;
}

/** A subscription that fits one's roles, and why. */
export interface SuggestedSubscription {
  title: string;
  why: string;
  subscription: NewSubscription;
}

interface Choice<T extends string = string> {
  id: T;
  name: string;
}

export interface SubscriptionChoices {
  streams: Choice<Stream>[];
  themes: Choice[];
  kinds: Choice<SignalKind>[];
  channels: Choice<Channel>[];
  cadences: Choice<Cadence>[];
  time_zones: string[];
  webhook_hosts: string[];
  suggested: SuggestedSubscription[];
  feed_made_on: Day | null;
}

/** Where one's own calendar and feed can be read without signing in; shown this once. */
export interface FeedAddresses {
  calendar: string;
  atom: string;
}

/** One way that an alert went, and what became of it. */
export interface Delivery {
  channel: Channel;
  state: "waiting" | "delivered" | "failed";
  fallback: boolean;
  at: Moment;
  sentence: string;
}

export interface Alert {
  id: string;
  signal_id: string;
  kind: SignalKind;
  meaning: Meaning;
  mark: string;
  sentence: string;
  org_id: string;
  org_name: string;
  since: Day;
  until: Day;
  state: SignalState;
  /** Nobody has taken it up yet. */
  open: boolean;
  urgent: boolean;
  why: "subscribed" | "deputy" | "role";
  why_sentence: string;
  made_at: Moment;
  told_at: Moment | null;
  seen_at: Moment | null;
  due_at: Moment | null;
  overdue: boolean;
  deliveries: Delivery[];
  path: string;
}

export interface AlertCount {
  unseen: number;
  urgent: number;
}

export interface AlertList {
  items: Alert[];
  counts: AlertCount;
}

/** Who subscribes to what, without addresses; `whole` where nothing limits it to some things. */
export interface Watcher {
  name: string;
  org_id: string;
  org_name: string;
  streams: Stream[];
  themes: string[];
  kinds: SignalKind[];
  least_ratio: number | null;
  channels: Channel[];
  cadence: Cadence;
  snoozed: boolean;
  whole: boolean;
  sentence: string;
}

export type WatchState = "watched" | "in_part" | "nobody";

export interface WatchedUnit {
  org_id: string;
  name: string;
  level: string;
  watchers: number;
  nobody_for: Stream[];
  in_part: Stream[];
  urgent: boolean;
  state: WatchState;
}

export interface Watching {
  org_id: string;
  org_name: string;
  streams: Stream[];
  watchers: Watcher[];
  units: WatchedUnit[];
  unwatched: number;
  unreached: { signal_id: string; org_name: string; since: Moment; path: string }[];
  sentence: string;
}

export interface DeputyChoice {
  id: string;
  name: string;
  roles: string[];
}
export type EscalationRole = "administrator" | "guardian" | "pals" | "manager" | "quality_lead";

/** Who answers for urgent warnings of a place; `from_id` is the place whose rule holds there. */
export interface Escalation {
  org_id: string;
  org_name: string;
  own: boolean;
  from_id: string | null;
  from_name: string | null;
  deputy: DeputyChoice | null;
  role: EscalationRole;
  deputy_minutes: number;
  delivery_minutes: number;
  acknowledge_hours: number;
  steps: string[];
  people: DeputyChoice[];
  roles: Choice[];
  may_change: boolean;
  recent: {
    at: Moment;
    signal_id: string;
    org_name: string;
    step: "subscribers" | "deputy" | "role" | "nobody";
    why: "raised" | "nobody_subscribed" | "not_acknowledged" | "not_delivered";
    told: number;
    sentence: string;
  }[];
}

export interface NewEscalation {
  deputy_id: string | null;
  role: EscalationRole;
  deputy_minutes: number;
  delivery_minutes: number;
}

type Abort = AbortSignal | undefined;
const post = <T>(path: string, body?: unknown): Promise<T> => request<T>(path, { method: "POST", body });
const own = (id: string): string => `/subscriptions/${encodeURIComponent(id)}`;

export const subscriptions = {
  all: (abort: Abort) => request<Subscription[]>("/subscriptions", { signal: abort }),
  choices: (abort: Abort) => request<SubscriptionChoices>("/subscriptions/choices", { signal: abort }),
  make: (body: NewSubscription) => post<MadeSubscription>("/subscriptions", body),
  change: (id: string, body: NewSubscription) => request<Subscription>(own(id), { method: "PUT", body }),
  end: (id: string) => request<null>(own(id), { method: "DELETE" }),
  restore: (id: string) => post<Subscription>(`${own(id)}/restore`),
  dropFeed: () => request<null>("/subscriptions/feed", { method: "DELETE" }),
  makeFeed: () => post<FeedAddresses>("/subscriptions/feed"),
  snooze: (id: string, until: Moment | null) => post<Subscription>(`${own(id)}/snooze`, { until }),
};

export const alerts = {
  list: (query: Query, abort: Abort) => request<AlertList>("/alerts", { query, signal: abort }),
  count: (abort?: Abort) => request<AlertCount>("/alerts/count", { signal: abort }),
  seen: (id: string) => post<Alert>(`/alerts/${encodeURIComponent(id)}/seen`),
  allSeen: () => post<AlertCount>("/alerts/seen-all"),
};

export const watching = {
  read: (query: Query, abort: Abort) => request<Watching>("/watching", { query, signal: abort }),
  escalation: (org: string, abort: Abort) => request<Escalation>(`/escalation/${encodeURIComponent(org)}`, { signal: abort }),
  setEscalation: (org: string, body: NewEscalation) =>
    request<Escalation>(`/escalation/${encodeURIComponent(org)}`, { method: "PUT", body }),
  dropEscalation: (org: string) => request<Escalation>(`/escalation/${encodeURIComponent(org)}`, { method: "DELETE" }),
};
