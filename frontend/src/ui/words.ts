import type { Assurance, Direction, RiskKind, Sentiment, Stream, Variation } from "@/api/types";

/** Who spoke, as people see it. */
export const STREAM_WORDS: Readonly<Record<Stream, { one: string; many: string }>> = {
  patient: { one: "Patient", many: "Patients" },
  carer: { one: "Carer", many: "Carers" },
  staff: { one: "Staff", many: "Staff" },
};

export const STREAMS: readonly Stream[] = ["patient", "carer", "staff"];

export const SENTIMENTS: readonly Sentiment[] = [1, 2, 3, 4, 5];

export const SENTIMENT_WORDS: Readonly<Record<Sentiment, string>> = {
  1: "Very positive",
  2: "Positive",
  3: "Neither",
  4: "Negative",
  5: "Very negative",
};

/** Kinds of immediate risk, each as a sentence that claims no more than the computer knows. */
export const RISK_WORDS: Readonly<Record<RiskKind, string>> = {
  self_harm: "Someone may harm themselves",
  abuse_or_neglect: "Someone may be abused or neglected",
  person_at_risk: "A child or an adult may be at risk",
  threat_to_others: "Someone may hurt other people",
  danger_now: "Something may be dangerous right now",
  retaliation: "Someone may be treated badly for speaking up",
};

/** The six answers of the Friends and Family Test, by their number. */
export const FFT_WORDS: Readonly<Record<number, string>> = {
  1: "Very good",
  2: "Good",
  3: "Neither good nor poor",
  4: "Poor",
  5: "Very poor",
  6: "Don’t know",
};

export const ASSURANCE_WORDS: Readonly<Record<Assurance, { letter: string; text: string }>> = {
  consistent_pass: { letter: "P", text: "The target will be met if nothing changes." },
  consistent_fail: { letter: "F", text: "The target will not be met unless something changes." },
  inconsistent: { letter: "?", text: "The target will be met at some times and missed at others." },
};

const HIGH = /above|increasing/i;
const LOW = /below|decreasing/i;

/** How a variation icon is drawn and read aloud. */
export interface VariationLook {
  kind: "common" | "improvement" | "concern" | "neutral" | "none";
  letter: "H" | "L" | "";
  text: string;
}

function letterOf(variation: Variation, direction: Direction, cause: string | null): "H" | "L" | "" {
  if (variation === "special_cause_neutral_high") return "H";
  if (variation === "special_cause_neutral_low") return "L";
  if (cause && HIGH.test(cause)) return "H";
  if (cause && LOW.test(cause)) return "L";
  if (direction === "neutral") return "";
  const good = variation === "special_cause_improvement";
  return good === (direction === "increase") ? "H" : "L";
}

/**
 * Gives a variation its letter, shape and sentence (NHS Making Data Count).
 *
 * `cause` is the last point's rule ("Above UCL"); without it the letter follows from the direction that is an improvement.
 */
export function variationLook(
  variation: Variation | null,
  direction: Direction = "increase",
  cause: string | null = null,
): VariationLook {
  if (variation === null) return { kind: "none", letter: "", text: "Not enough points yet to tell a change from chance." };
  if (variation === "common_cause") return { kind: "common", letter: "", text: "No real change: common cause variation." };
  const letter = letterOf(variation, direction, cause);
  const way = { H: "higher", L: "lower", "": "different" }[letter];
  if (variation === "special_cause_improvement")
    return { kind: "improvement", letter, text: `Getting better: ${way} than chance explains.` };
  if (variation === "special_cause_concern")
    return { kind: "concern", letter, text: `Getting worse: ${way} than chance explains.` };
  return { kind: "neutral", letter, text: `Changed: ${way} than chance explains.` };
}

const LEVELS: Readonly<Record<string, string>> = { icb: "Integrated care board" };

/** A level of the organisation tree as a word. */
export function levelWord(level: string): string {
  return LEVELS[level] ?? level.charAt(0).toUpperCase() + level.slice(1);
}

/** Why a comment is waiting for a person, in plain words; an unknown reason is shown as it came. */
export function reasonWords(reason: string): string {
  const known: Readonly<Record<string, string>> = {
    language: "it may not be in English",
    unreadable: "the computer could not open it",
    redaction: "names could not be taken out safely",
    empty: "nothing was left to read",
    safety: "it may tell of immediate risk",
    uncertain_theme: "the computer is not sure of a theme",
    unsure: "the computer found no theme in it",
    sample: "it was picked by chance, to check what the computer misses",
  };
  return known[reason] ?? reason.replaceAll("_", " ");
}

/** The steps that a submission goes through, named for people. */
export function stageWords(entrypoint: string): string {
  const known: Readonly<Record<string, string>> = {
    deidentify: "Remove names and numbers",
    analyse: "Find themes and feeling",
    rollup: "Count",
    discover: "Discover themes",
    learn: "Learn from corrections",
    read_again: "Read older comments again",
    drift: "Watch for drift",
    scan: "Look for signals",
    raise_one: "Raise single comments as signals",
    demonstration_look: "Show what people of the demonstration looked at",
    import: "Import files",
    route_signals: "Tell people of signals",
    alert_round: "Look after urgent alerts",
    call_webhook: "Tell other programmes of signals",
    send_mail: "Send mails",
    mail_round: "Look after waiting mails",
    digest_round: "See whose digest is due",
    digest: "Write digests",
    remind_guardians: "Remind guardians",
    remeasure: "Measure again whether changes helped",
    praise: "Take praise to the teams it names",
    library: "Read what worked elsewhere",
    statistics: "Make statistics for other programmes",
    reports_late: "Look for late data of reports",
    demonstration_loop: "Show a whole story of the demonstration",
  };
  return known[entrypoint] ?? entrypoint.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
}
