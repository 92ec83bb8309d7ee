import type { FieldError } from "@/api/client";
import type { FeedMay, NewFeedKey } from "@/api/feeds";
import type { Day, Stream } from "@/api/types";

/** A new key as somebody is filling it in. */
export interface KeyForm {
  name: string;
  org: string | null;
  streams: Stream[];
  may: FeedMay[];
  period: "week" | "month";
  expires: Day;
}

/** What a key may do, in words. */
export const MAY_WORDS: Readonly<Record<FeedMay, string>> = { counts: "read counts", send: "send answers in (FHIR)" };

/** Where each field of the request stands on the page. */
export const FIELD_IDS: Readonly<Record<string, string>> = {
  name: "key-name",
  org_id: "key-org",
  streams: "key-streams",
  may: "key-may",
  period: "key-period",
  expires_on: "key-expires",
};

/** A year from a day: the longest that a key opens anything. */
export function yearFrom(day: Day): Day {
  return new Date(Date.parse(day) + 365 * 86_400_000).toISOString().slice(0, 10);
}

/** The request that a form makes, or what has to be put right first. */
export function asked(form: KeyForm): { wrong: FieldError[]; key: NewFeedKey | null } {
  const wrong: FieldError[] = [];
  if (!form.name.trim()) wrong.push({ field: "key-name", message: "Say which programme will use it" });
  if (!form.org) wrong.push({ field: "key-org", message: "Choose an organisation" });
  if (!form.streams.length) wrong.push({ field: "key-streams", message: "Choose whose counts it reads" });
  if (!form.may.length) wrong.push({ field: "key-may", message: "Choose what it may do" });
  if (!form.expires) wrong.push({ field: "key-expires", message: "Choose its last day" });
  const { org, streams, may, period } = form;
  const key = { name: form.name.trim(), org_id: org ?? "", streams, may, period, expires_on: form.expires };
  return { wrong, key: wrong.length ? null : key };
}
