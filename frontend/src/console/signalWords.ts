import type { LocationQueryRaw } from "vue-router";
import type { CloseReason, Meaning, Signal, SignalAction, SignalKind, SignalState } from "@/api/types";
import { count, shortMoment } from "@/ui/format";

/** The kinds of signals in a few words, most pressing first. */
export const KIND_WORDS: Readonly<Record<SignalKind, string>> = {
  one_comment: "One comment that may tell of risk",
  co_signal: "Staff and patients say the same",
  rise: "More complaints",
  silence: "Silence",
  emerging: "Something new",
  inequity: "A group complains more",
  fall: "Fewer complaints",
  praise: "More without a complaint",
};
export const KINDS = Object.keys(KIND_WORDS) as readonly SignalKind[];

export const MEANING_WORDS: Readonly<Record<Meaning, string>> = {
  concern: "Getting worse",
  improvement: "Getting better",
  neutral: "Changed",
};
export const MEANINGS = Object.keys(MEANING_WORDS) as readonly Meaning[];

export const STATE_WORDS: Readonly<Record<SignalState, string>> = {
  new: "New",
  reopened: "Open again",
  acknowledged: "Acknowledged",
  watching: "Being watched",
  acted_on: "Acted on",
  closed: "Closed",
};
export const STATES = Object.keys(STATE_WORDS) as readonly SignalState[];

export const REASON_WORDS: Readonly<Record<string, string>> = {
  dealt_with: "It has been dealt with",
  known: "We knew it already",
  false_alarm: "It was a false alarm",
  faded: "Nothing more was heard for eight weeks",
  comment_gone: "The comment is no longer there",
};
export const CLOSE_REASONS: readonly CloseReason[] = ["dealt_with", "known", "false_alarm"];

/** What can be done with a signal: the words of its button, its key in the list, and what is said when it is done. */
export const ACTION_WORDS: Readonly<Record<SignalAction, { key: string | null; words: string; said: string }>> = {
  acknowledge: { key: "a", words: "Acknowledge", said: "Acknowledged." },
  watch: { key: "w", words: "Watch it", said: "Being watched." },
  act: { key: null, words: "It was acted on", said: "Noted as acted on." },
  own: { key: "o", words: "Take it on", said: "It is yours now." },
  release: { key: null, words: "Hand it back", said: "Handed back." },
  close: { key: "c", words: "Close it", said: "Closed." },
  reopen: { key: null, words: "Open it again", said: "Open again." },
  undo: { key: "u", words: "Undo the last step", said: "Taken back." },
};

/** Whether a signal waits for somebody to say that they have seen it. */
export const waits = ({ state }: Signal): boolean => state === "new" || state === "reopened";

/** How much was heard against what was expected: "9 heard, 4 expected, 2.3 times"; null for one comment. */
export function strength({ kind, observed, expected, ratio }: Signal): string | null {
  if (kind === "one_comment") return null;
  const heard = observed === null ? "too few heard to say" : `${count(observed)} heard`;
  if (expected === null) return heard;
  const usual = expected < 10 ? expected.toFixed(1).replace(/\.0$/, "") : count(Math.round(expected));
  const times = ratio === null || ratio <= 1 ? "" : `, ${ratio.toFixed(1)} times as many`;
  return `${heard}, ${usual} expected${times}`;
}

/** By when a possible risk must be acknowledged; null where no clock runs. */
export function deadline(signal: Signal): string | null {
  if (!signal.due_at || !waits(signal)) return null;
  return signal.overdue
    ? `Overdue: somebody should have acknowledged it by ${shortMoment(signal.due_at)}`
    : `Acknowledge it by ${shortMoment(signal.due_at)}`;
}

/** What is counted in a theme's column of the map. */
export const columnName = (theme: string): string => theme || "All that is said";

const THEMED = ["theme", "theme_negative", "positive"];

/** The query of the page of comments that shows all that a signal is about. */
export function evidenceQuery({ org_id, since, until, streams, measure, label }: Signal): LocationQueryRaw {
  return {
    org: org_id,
    from: since,
    to: until,
    stream: [...streams],
    theme: THEMED.includes(measure) && !label.includes("|") ? label : undefined,
    cluster: measure === "cluster" ? label : undefined,
    sentiment: ["theme_negative", "negative"].includes(measure) ? ["4", "5"] : undefined,
    fft: measure === "fft_poor" ? ["4", "5"] : undefined,
  };
}

/** The letter of something that was found, as signals carry it. */
export function foundMark({ kind, meaning }: { kind: SignalKind; meaning: Meaning }): string {
  return kind === "one_comment" ? "!" : { concern: "C", improvement: "I", neutral: "N" }[meaning];
}
