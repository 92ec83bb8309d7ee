import type { PublicationState, PublicationStep, PublicationVersion, PublicWords } from "@/api/publications";

/** What a version's state means for readers. */
export const STATE_WORDS: Readonly<Record<PublicationState, string>> = {
  draft: "Waits for approval",
  approved: "On the public page",
  replaced: "Replaced by a correction",
  withdrawn: "Taken off the public page",
};

const STEPS: Readonly<Record<PublicationStep["step"], string>> = {
  written: "wrote version",
  approved: "approved version",
  withdrawn: "took off version",
  undone: "took back the last step about version",
  recounted: "counted again, because something was erased, version",
};

/** A step in a sentence: "Ada approved version 2". */
export const stepWords = ({ step, n, by_name }: PublicationStep): string => `${by_name ?? "Earshot"} ${STEPS[step]} ${n}`;

/** Everything that readers read in one, for its reading age. */
export const wholeText = ({ title, heard, did, correction }: PublicWords): string => [title, heard, did, correction].join("\n");

/** A form's words out of a version, to begin a correction with: what was corrected last time is no longer new. */
export function wordsOf(version: PublicationVersion): PublicWords {
  const { title, heard, did, theme, since, until, changed_on, quote } = version;
  return { title, heard, did, theme, since, until, changed_on, quote, correction: version.state === "draft" ? version.correction : "" };
}

/** Says an age in a sentence: "Can be read from about 9 years of age". */
export const ageWords = (age: number | null): string =>
  age === null ? "The reading age of what you write in English stands here." : `People of about ${Math.ceil(age)} years and older can read it.`;
