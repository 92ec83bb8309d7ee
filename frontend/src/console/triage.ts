import type { NewCorrection, ReviewItem, ReviewKind, ReviewReason } from "@/api/types";

/** What a person can say about a queued comment, with the key that says it; no correction means "I have looked at it". */
export interface Verdict {
  key: string;
  words: string;
  said: string;
  correction: NewCorrection | null;
}

const RISK: Verdict = {
  key: "r",
  words: "Yes, it is a risk",
  said: "Marked as a risk.",
  correction: { kind: "risk", present: true },
};
const NO_RISK: Verdict = {
  key: "n",
  words: "No, not a risk",
  said: "Marked as not a risk.",
  correction: { kind: "risk", present: false },
};
const RIGHT: Verdict = {
  key: "a",
  words: "All that is shown is right",
  said: "Marked as right.",
  correction: { kind: "checked" },
};
const LOOKED: Verdict = { key: "l", words: "I have looked at this", said: "Marked as looked at.", correction: null };
const ALSO_RISK: Verdict = { ...RISK, words: "It tells of immediate risk" };

/** The reasons for which the queue asks one thing only: is this a risk? */
const ABOUT_RISK: readonly ReviewReason[] = ["safety", "sample"];

/** The reasons for which the queue asks whether the reading is right. */
const UNSURE: readonly ReviewReason[] = ["uncertain_theme", "unsure"];

const asksAboutRisk = ({ reasons }: ReviewItem): boolean => reasons.some((reason) => ABOUT_RISK.includes(reason));

/**
 * What can be said about an item, the expected answer first.
 *
 * A possible risk is only ever answered with yes or no: a general "right" would clear it without an answer. What the
 * computer cannot read well is never "right", since that would teach it its own guess.
 */
export function verdicts(item: ReviewItem): Verdict[] {
  if (!item.comment) return [];
  if (asksAboutRisk(item)) return [RISK, NO_RISK];
  return item.reasons.every((reason) => UNSURE.includes(reason)) ? [RIGHT, LOOKED, ALSO_RISK] : [LOOKED, ALSO_RISK];
}

/** The question that the verdicts answer. */
export function question(item: ReviewItem): string {
  return asksAboutRisk(item) ? "Does it tell of immediate risk to someone?" : "Is it right, and does anyone need help?";
}

/** The reasons that each part of the queue stands for. */
const REASONS: Readonly<Record<ReviewKind, readonly ReviewReason[]>> = {
  person: ["language", "unreadable", "redaction", "empty"],
  safety: ["safety"],
  unsure: UNSURE,
  sample: ["sample"],
};

/** Whether an item is in this part of the queue. */
export const isOf = ({ reasons }: ReviewItem, kind: ReviewKind): boolean => reasons.some((one) => REASONS[kind].includes(one));

/** The next place in a queue that is not done yet: after `from` first, then from the beginning; -1 when all are done. */
export function nextOpen(items: readonly ReviewItem[], done: ReadonlySet<string>, from: number): number {
  const after = items.findIndex(({ id }, i) => i > from && !done.has(id));
  return after >= 0 ? after : items.findIndex(({ id }) => !done.has(id));
}
