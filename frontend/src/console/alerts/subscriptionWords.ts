import type { Cadence, Channel, NewSubscription, Subscription } from "@/api/alerts";
import type { SignalKind } from "@/api/types";
import { count, longDay, shortMoment } from "@/ui/format";
import { STREAM_WORDS, STREAMS } from "@/ui/words";

/** The kinds of signals as they stand inside a sentence. */
export const KIND_IN_WORDS: Readonly<Record<SignalKind, string>> = {
  one_comment: "single comments that may tell of risk",
  co_signal: "what staff and patients both say",
  rise: "more complaints",
  silence: "silence",
  emerging: "something new",
  inequity: "a group that complains more",
  fall: "fewer complaints",
  praise: "more praise",
};

export const CHANNEL_WORDS: Readonly<Record<Channel, { name: string; hint: string; inWords: string }>> = {
  in_app: { name: "In Earshot", hint: "The bell at the top of every page", inWords: "here in Earshot" },
  mail: { name: "E-mail", hint: "To the address that you sign in with", inWords: "by e-mail" },
  webhook: { name: "Another programme", hint: "A signed message to an address; it holds nobody’s words", inWords: "to another programme" },
  calendar: { name: "Calendar", hint: "An address that your calendar can read", inWords: "in your calendar" },
  atom: { name: "News feed", hint: "An address for a feed reader (Atom)", inWords: "in a news feed" },
};
export const CHANNELS = Object.keys(CHANNEL_WORDS) as readonly Channel[];

export const CADENCE_WORDS: Readonly<Record<Cadence, string>> = {
  at_once: "At once",
  hourly: "Every hour",
  daily: "Every day",
  weekly: "Every week",
  monthly: "Every month",
};
export const CADENCES = Object.keys(CADENCE_WORDS) as readonly Cadence[];

/** Monday first, as ISO 8601 numbers them from 1. */
export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });
const listed = (words: readonly string[]): string => LIST.format(words);

/** A time of day as the NHS writes it: "8am", "8:30pm", "midday", "midnight". What is no time is given back as it came. */
export function clock(time: string): string {
  const found = /^(\d{1,2}):(\d{2})/.exec(time);
  if (!found) return time;
  const [hour, minute] = [Number(found[1]), Number(found[2])];
  if (!minute && hour % 12 === 0) return hour ? "midday" : "midnight";
  return `${hour % 12 || 12}${minute ? `:${found[2]}` : ""}${hour < 12 ? "am" : "pm"}`;
}

/** A day of the month: "1st", "22nd". */
export function nth(day: number): string {
  const ending = day % 100 > 10 && day % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${ending}`;
}

type When = Pick<NewSubscription, "cadence" | "at_time" | "weekday" | "month_day">;

/** When somebody is told: "Every Monday at 8am". */
export function whenWords({ cadence, at_time, weekday, month_day }: When): string {
  const at = `at ${clock(at_time)}`;
  if (cadence === "daily") return `Every day ${at}`;
  if (cadence === "weekly") return `Every ${WEEKDAYS[weekday - 1] ?? "week"} ${at}`;
  if (cadence === "monthly") return `On the ${nth(month_day)} of every month ${at}`;
  return CADENCE_WORDS[cadence];
}

/** What somebody is told of: "more complaints and silence, about Discharge". */
export function whatWords({ kinds, themes, least_ratio }: Pick<NewSubscription, "kinds" | "themes" | "least_ratio">): string {
  const what = kinds.length ? listed(kinds.map((kind) => KIND_IN_WORDS[kind])) : "everything that stands out";
  const about = themes.length ? `about ${listed(themes)}` : "";
  const least = least_ratio && least_ratio > 1 ? `at least ${count(least_ratio)} times what is usual` : "";
  return [what, about, least].filter(Boolean).join(", ");
}

/** Who spoke: nothing where it is everybody that one may read. */
export function whoWords(streams: NewSubscription["streams"]): string {
  if (!streams.length || streams.length === STREAMS.length) return "";
  return `from ${listed(STREAMS.filter((one) => streams.includes(one)).map((one) => STREAM_WORDS[one].many.toLowerCase()))}`;
}

/** How somebody is told: "by e-mail and here in Earshot". */
export function howWords(channels: readonly Channel[]): string {
  return listed(CHANNELS.filter((one) => channels.includes(one)).map((one) => CHANNEL_WORDS[one].inWords));
}

type Asked = When & Pick<NewSubscription, "kinds" | "themes" | "least_ratio" | "streams" | "channels"> & { org_name: string };

/** A subscription in one sentence: "Every day at 8am, tell me of more complaints at Ward Oak, from patients, by e-mail." */
export function sentenceOf(asked: Asked): string {
  const said = [whenWords(asked), `tell me of ${whatWords(asked)} at ${asked.org_name || "a place that you no longer see"}`, whoWords(asked.streams), howWords(asked.channels)];
  return `${said.filter(Boolean).join(", ")}.`;
}

type Limits = Pick<NewSubscription, "quiet_from" | "quiet_until" | "weekly_cap">;

/** What holds a subscription back, in sentences of their own. */
export function limitWords({ quiet_from, quiet_until, weekly_cap }: Limits): string[] {
  const quiet = quiet_from && quiet_until ? `Quiet from ${clock(quiet_from)} to ${clock(quiet_until)}, except for immediate risk.` : "";
  const cap = weekly_cap ? `At most ${count(weekly_cap)} a week, the most telling first.` : "";
  return [quiet, cap].filter(Boolean);
}

/** A zone as people name it: "London time" of "Europe/London". */
export const zoneWords = (zone: string): string => `${(zone.split("/").at(-1) ?? zone).replaceAll("_", " ")} time`;

/** What becomes of a subscription next: ended, asleep, or due. */
export function stateWords({ in_sight, ended_on, snoozed_until, next_due }: Subscription, now = new Date()): string {
  if (!in_sight) return "Nothing is told from there: your roles no longer reach it.";
  if (ended_on) return `Ended on ${longDay(ended_on)}.`;
  if (snoozed_until && new Date(snoozed_until) > now) return `Snoozed until ${shortMoment(snoozed_until)}.`;
  return next_due ? `Next: ${shortMoment(next_due)}.` : "";
}
