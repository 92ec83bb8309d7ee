import type { Subscription } from "@/api/alerts";
import type { DigestCadence, MailFate, MailKind, MailState, Posted } from "@/api/post";
import { longMoment, shortMoment } from "@/ui/format";

/** What can become of a mail, most pressing first. */
export const MAIL_STATE_WORDS: Readonly<Record<MailState, { name: string; hint: string }>> = {
  refused: { name: "Refused", hint: "The mail server would not take it." },
  bounced: { name: "Came back", hint: "The other side sent it back." },
  maybe_sent: { name: "Perhaps sent", hint: "The line broke before the answer came. It is not sent twice by itself." },
  waiting: { name: "Waiting", hint: "It is tried again by itself." },
  sending: { name: "Being sent", hint: "A mail server has it in hand." },
  sent: { name: "Sent", hint: "The mail server took it." },
};
export const MAIL_STATES = Object.keys(MAIL_STATE_WORDS) as readonly MailState[];

export const MAIL_KIND_WORDS: Readonly<Record<Posted["kind"], string>> = { alert: "Alert", digest: "Digest", notice: "Notice" };

export const DIGEST_WORDS: Readonly<Record<DigestCadence, string>> = {
  hourly: "Hourly",
  daily: "Daily",
  weekly: "Weekly",
  monthly: "Monthly",
};
export const DIGEST_CADENCES = Object.keys(DIGEST_WORDS) as readonly DigestCadence[];

/** Which digest somebody sees first: one that they get by e-mail, or else the weekly one. */
export function firstDigest(own: readonly Pick<Subscription, "cadence" | "channels" | "ended_on">[]): DigestCadence {
  const mailed = own.filter((one) => one.ended_on === null && one.channels.includes("mail"));
  return DIGEST_CADENCES.find((cadence) => mailed.some((one) => one.cadence === cadence)) ?? "weekly";
}

/** Kinds of mail that one can stop, as they stand inside a sentence. */
export const MAIL_WORDS: Readonly<Record<MailKind, string>> = {
  alerts: "mails about single signals",
  hourly: "the hourly digest",
  daily: "the daily digest",
  weekly: "the weekly digest",
  monthly: "the monthly digest",
  notice: "the daily reminder for guardians",
};

/** What became of a digest's mail, in a sentence; nothing was sent where there is no mail. */
export function fateWords(mail: MailFate | null): string {
  if (!mail) return "Not sent by e-mail.";
  const words = `${MAIL_STATE_WORDS[mail.state].name}: ${longMoment(mail.since)}.`;
  return mail.why ? `${words} ${mail.why}` : words;
}

/** What became of a mail lately: "Since 22 Nov, 08:00, tried 3 times, again at 22 Nov, 09:00". */
export function wayWords({ state, posted_at, due_at, settled_at, attempts }: Posted, now = new Date()): string {
  const tried = attempts > 1 ? `tried ${attempts} times` : attempts ? "tried once" : "not tried yet";
  if (state === "sent" && settled_at) return shortMoment(settled_at);
  const next = state === "waiting" && attempts && new Date(due_at) > now ? `again at ${shortMoment(due_at)}` : "";
  return [`Since ${shortMoment(posted_at)}`, tried, next].filter(Boolean).join(", ");
}
