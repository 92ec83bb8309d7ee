/** The fewest characters of a passphrase, as of a password. */
export const LEAST = 15;

const LETTERS = new Intl.Segmenter("en-GB", { granularity: "grapheme" });

/** How many characters a person sees in a text, in the form that is locked with (NFKC). */
export function characters(text: string): number {
  return [...LETTERS.segment(text.normalize("NFKC"))].length;
}

/** What is wrong with a new passphrase and its repetition; null where nothing is. */
export function wrongWith(passphrase: string, again: string): { field: "passphrase" | "again"; message: string } | null {
  if (characters(passphrase) < LEAST) return { field: "passphrase", message: `Use at least ${LEAST} characters: four or five words are good` };
  if (new Set(passphrase).size < 5) return { field: "passphrase", message: "Use more than a few different characters" };
  if (passphrase.normalize("NFKC") !== again.normalize("NFKC")) return { field: "again", message: "The two passphrases are not the same" };
  return null;
}
