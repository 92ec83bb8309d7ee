/** A word of a text, or what stands between two words; offsets count characters as the server does. */
export interface Span {
  text: string;
  start: number;
  end: number;
  word: boolean;
}

const PARTS = /\[[^[\]]{1,40}\]|[^\s[\]]+|\s+|[[\]]/gu;
const TAKEN_OUT = /^\[[^[\]]{1,40}\]$/;

/**
 * Cuts a text into words and gaps that put together are the text again.
 *
 * What was taken out before ("[name 1]") is a gap: it can not be chosen again.
 */
export function wordSpans(text: string): Span[] {
  let at = 0;
  return [...text.matchAll(PARTS)].map(([part]) => {
    const start = at;
    at += [...part].length;
    return { text: part, start, end: at, word: /[\p{L}\p{N}]/u.test(part) && !TAKEN_OUT.test(part) };
  });
}

/** The range from one word to another, whichever comes first, without the punctuation around it. */
export function between(one: Span, other: Span): { start: number; end: number } {
  const [first, last] = one.start <= other.start ? [one, other] : [other, one];
  const lead = /^[^\p{L}\p{N}]*/u.exec(first.text)?.[0] ?? "";
  const tail = /[^\p{L}\p{N}]*$/u.exec(last.text)?.[0] ?? "";
  return { start: first.start + [...lead].length, end: last.end - [...tail].length };
}
