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

/** The words that weighed most, at most `most` of them, heaviest first. */
export function reasons({ words }: Suggested, most = 4): readonly string[] {
  return words
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ text }) => text);
}
