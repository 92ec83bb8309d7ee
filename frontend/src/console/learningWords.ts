import type { DriftMeasure, DriftWeek, VersionState } from "@/api/types";
import { percent, share } from "@/ui/format";

/** What became of a set of weights. */
export const VERSION_WORDS: Readonly<Record<VersionState, string>> = {
  active: "In use",
  candidate: "Ready to use",
  refused: "Refused",
  rolled_back: "Rolled back",
  replaced: "Used before",
};

/** How well two people agree beyond chance, in plain words (Altman, Practical Statistics for Medical Research, 1991, p. 404). */
export function kappaBand(kappa: number | null): string {
  if (kappa === null) return "cannot be told";
  if (kappa < 0.2) return "poor";
  if (kappa < 0.4) return "fair";
  if (kappa < 0.6) return "moderate";
  return kappa < 0.8 ? "good" : "very good";
}

/** A score between 0 and 1 moving from before to after, in percentage points with its sign: "+3 points". */
export function gain(before: number, after: number): string {
  const points = Math.round(after * 100) - Math.round(before * 100);
  if (points === 0) return "no change";
  return `${points > 0 ? "+" : "−"}${Math.abs(points)} ${Math.abs(points) === 1 ? "point" : "points"}`;
}

const TWO_PLACES = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** What is watched for drift, each with its name and how its figures are written. */
export const DRIFT: readonly { id: DriftMeasure; words: string; write: (n: number | null) => string }[] = [
  { id: "not_assigned", words: "Comments that fit no theme", write: share },
  { id: "mean_p", words: "How sure the computer is of its themes", write: share },
  { id: "not_english", words: "Comments not in English", write: share },
  { id: "unknown_words", words: "Words that the computer does not know", write: share },
  { id: "shift", words: "How far the talk has moved (0 is not at all)", write: (n) => (n === null ? percent(null) : TWO_PLACES.format(n)) },
];

/** The weeks' figures for one measure, oldest first; weeks without one are left out. */
export function figures(weeks: readonly DriftWeek[], measure: DriftMeasure): number[] {
  return weeks.map((week) => week[measure]).filter((n): n is number => n !== null);
}
