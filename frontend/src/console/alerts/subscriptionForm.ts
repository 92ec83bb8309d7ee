import type { Cadence, Channel, NewSubscription } from "@/api/alerts";
import type { FieldError } from "@/api/client";
import type { SignalKind, Stream } from "@/api/types";

/** A subscription while it is typed: what may be left out is empty rather than missing. */
export interface SubscriptionForm {
  org: string | null;
  streams: Stream[];
  themes: string[];
  kinds: SignalKind[];
  least: string;
  channels: Channel[];
  webhook: string;
  cadence: Cadence;
  at: string;
  weekday: number;
  monthDay: number;
  zone: string;
  quiet: boolean;
  quietFrom: string;
  quietUntil: string;
  cap: string;
}

/** Where nothing else is said: the NHS's own zone. */
export const HOME_ZONE = "Europe/London";

/** A form to begin with: all that stands out, each day at eight, in Earshot and by e-mail, quiet at night. */
export function emptyForm(org: string | null): SubscriptionForm {
  return {
    org,
    streams: [],
    themes: [],
    kinds: [],
    least: "",
    channels: ["in_app", "mail"],
    webhook: "",
    cadence: "daily",
    at: "08:00",
    weekday: 1,
    monthDay: 1,
    zone: HOME_ZONE,
    quiet: true,
    quietFrom: "20:00",
    quietUntil: "07:00",
    cap: "20",
  };
}

const minutes = (time: string): string => time.slice(0, 5);

/** The form of a subscription that is there already. */
export function formOf(given: NewSubscription): SubscriptionForm {
  const empty = emptyForm(given.org_id);
  return {
    ...empty,
    streams: [...given.streams],
    themes: [...given.themes],
    kinds: [...given.kinds],
    least: given.least_ratio === null ? "" : String(given.least_ratio),
    channels: [...given.channels],
    webhook: given.webhook_url ?? "",
    cadence: given.cadence,
    at: minutes(given.at_time),
    weekday: given.weekday,
    monthDay: given.month_day,
    zone: given.time_zone,
    quiet: given.quiet_from !== null,
    quietFrom: minutes(given.quiet_from ?? empty.quietFrom),
    quietUntil: minutes(given.quiet_until ?? empty.quietUntil),
    cap: given.weekly_cap === null ? "" : String(given.weekly_cap),
  };
}

/** Whether somebody is told at an hour of their own. */
export const timed = (cadence: Cadence): boolean => ["daily", "weekly", "monthly"].includes(cadence);

const A_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const HTTPS = /^https:\/\/\S+$/;

/** What has to be put right before the form can be sent, field by field. */
export function wrongs(form: SubscriptionForm): FieldError[] {
  const found: FieldError[] = [];
  const say = (wrong: boolean, field: string, message: string): void => void (wrong && found.push({ field, message }));
  say(!form.org, "subscribe-org", "Choose an organisation");
  say(!form.channels.length, "subscribe-channel-in_app", "Choose how you want to be told");
  say(form.channels.includes("webhook") && !HTTPS.test(form.webhook.trim()), "subscribe-webhook", "Enter an address that begins with https://");
  say(form.channels.includes("webhook") && form.cadence !== "at_once", "subscribe-cadence", "Choose “At once”, or leave the other programme out");
  say(timed(form.cadence) && !A_TIME.test(form.at), "subscribe-at", "Enter a time, such as 08:00");
  say(form.quiet && !A_TIME.test(form.quietFrom), "subscribe-quiet-from", "Enter when it becomes quiet, such as 20:00");
  say(form.quiet && !A_TIME.test(form.quietUntil), "subscribe-quiet-until", "Enter when it ends to be quiet, such as 07:00");
  say(form.quiet && form.quietFrom === form.quietUntil, "subscribe-quiet-until", "Enter an end that differs from the beginning");
  say(form.cap !== "" && !(/^[1-9]\d{0,2}$/.test(form.cap) && Number(form.cap) <= 100), "subscribe-cap", "Enter a whole number from 1 to 100, or leave it empty");
  return found;
}

/** What the form asks for. Only a form without `wrongs` says all of it. */
export function asked(form: SubscriptionForm): NewSubscription {
  return {
    org_id: form.org ?? "",
    streams: form.streams,
    themes: form.themes,
    kinds: form.kinds,
    least_ratio: form.least === "" ? null : Number(form.least),
    channels: form.channels,
    cadence: form.cadence,
    at_time: form.at,
    weekday: form.weekday,
    month_day: form.monthDay,
    time_zone: form.zone,
    quiet_from: form.quiet ? form.quietFrom : null,
    quiet_until: form.quiet ? form.quietUntil : null,
    weekly_cap: form.cap === "" ? null : Number(form.cap),
    webhook_url: form.channels.includes("webhook") ? form.webhook.trim() : null,
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();

/** Whether somebody has a subscription to the same things of the same place, however it is told to them. */
export function taken(wanted: NewSubscription, mine: readonly NewSubscription[]): boolean {
  return mine.some((one) => one.org_id === wanted.org_id && one.cadence === wanted.cadence && same(one.kinds, wanted.kinds) && same(one.themes, wanted.themes));
}
