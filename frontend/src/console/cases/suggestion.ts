import { findWord, telling } from "@/ui/highlight";
import type { Suggested } from "./reading";

/** The elements that the computer suggests, surest first, among those that a person may choose. */
export function suggestedElements(suggested: readonly Suggested[], known: readonly string[]): readonly Suggested[] {
  return suggested.filter(({ label }) => known.includes(label)).toSorted((a, b) => b.p - a.p);
}

/** Whether what a person chose is what the computer suggested; null where it suggested nothing, so that nothing was judged. */
export function judged(chosen: readonly string[], suggested: readonly Suggested[]): "accepted" | "corrected" | null {
  if (!suggested.length) return null;
  const same = chosen.length === suggested.length && suggested.every(({ label }) => chosen.includes(label));
  return same ? "accepted" : "corrected";
}

/** Takes a name into a list, or out of it when it was there; the order is that of `known`. */
export function toggled(chosen: readonly string[], name: string, known: readonly string[]): string[] {
  const has = chosen.includes(name);
  return known.filter((one) => (one === name ? !has : chosen.includes(one)));
}

/**
 * What a suggestion went by, heaviest first and at most `most`: words of the text, or an example sentence that it is like.
 *
 * What weighed less than a quarter of the heaviest is left out.
 */
export function reasons({ words }: Suggested, text: string, most = 4): readonly string[] {
  return telling(words)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map((word) => (findWord(text, word.text).length ? word.text : `being like “${word.text}”`));
}
