import type { BeforeAfter, DriftMeasure, DriftWeek, LearntLabel, Sentiment, Version, VersionState } from "@/api/types";
import { percent, share } from "@/ui/format";
import { SENTIMENT_WORDS } from "@/ui/words";

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

/** One thing that a model learned, in words for people. */
export interface LearnedPart {
  title: string;
  label: string;
  learnedFrom: number;
  heldOut: number;
  used: boolean;
  figures: (BeforeAfter & { words: string })[];
  labels: LearntLabel[];
}

/** What a model learned about themes and about feelings; a part about which too little was said is left out. */
export function learnedParts({ scores, sentiment }: Version): LearnedPart[] {
  const told = (one: NonNullable<Version["scores"] | Version["sentiment"]>) => ({
    learnedFrom: one.learned_from,
    heldOut: one.held_out,
    used: one.used,
  });
  const themes: LearnedPart[] = !scores
    ? []
    : [
        {
          ...told(scores),
          title: "Themes",
          label: "Theme",
          figures: [
            { words: "All themes count the same", ...scores.macro_f1 },
            { words: "All comments count the same", ...scores.micro_f1 },
          ],
          labels: scores.labels,
        },
      ];
  if (!sentiment) return themes;
  const feelings: LearnedPart = {
    ...told(sentiment),
    title: "Feelings",
    label: "Feeling",
    figures: [
      { words: "Comments with exactly the right feeling", ...sentiment.accuracy },
      { words: "Positive, neither and negative count the same", ...sentiment.macro_f1 },
    ],
    labels: sentiment.labels.map((one) => ({ ...one, label: SENTIMENT_WORDS[Number(one.label) as Sentiment] })),
  };
  return [...themes, feelings];
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
