import type { Sentence, Sentiment, WeighedWord } from "@/api/types";

/** A stretch of a comment that is drawn in one way. */
export interface Piece {
  text: string;
  /** The kind of thing that was taken out ("name 1"), when this stretch stands for it. */
  redacted: string | null;
  /** How much this word counted towards the chosen theme, 0 when it did not. */
  weight: number;
  /** Whether the search found this word. */
  hit: boolean;
  /** Whether this stretch made the computer think of immediate risk. */
  risk: boolean;
}

/** One sentence of a comment, with its sentiment when it has one. */
export interface Line {
  sentiment: Sentiment | null;
  pieces: Piece[];
}

/** A stretch of a text, from `start` up to but not including `end`. */
export interface Range {
  start: number;
  end: number;
}

/** What the language library writes where it took something out. */
const KINDS =
  "name|phone|nhs number|e-mail|postcode|date of birth|address|hospital number|national insurance number|vehicle plate|handle|bank details|number|web address|redacted";
const REDACTED = new RegExp(`\\[((?:${KINDS})(?: \\d+)?)\\]`, "gi");

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
}

/** The words that weighed at least a quarter as much as the heaviest: the rest would only be noise in the text. */
export function telling(words: readonly WeighedWord[]): WeighedWord[] {
  const most = Math.max(0, ...words.map(({ weight }) => weight));
  return words.filter(({ weight }) => weight > 0 && weight >= most / 4);
}

/** Every place where `word` stands as a whole word, without regard to case. */
export function findWord(text: string, word: string): Range[] {
  const needle = word.trim();
  if (!needle) return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(needle)}(?![\\p{L}\\p{N}])`, "giu");
  return [...text.matchAll(pattern)].map((found) => ({ start: found.index, end: found.index + found[0].length }));
}

/** Turns offsets counted in characters (as the server counts) into offsets in a JavaScript string. */
function unitOffsets(text: string): number[] {
  const offsets = [0];
  for (const character of text) offsets.push((offsets.at(-1) ?? 0) + character.length);
  return offsets;
}

/** The words at an offset range that counts characters as the server does. */
export function wordsAt(text: string, { start, end }: Range): string {
  return [...text].slice(start, end).join("");
}

const IN_A_WORD = /^[\p{L}\p{N}]{2}$/u;

/**
 * Whether a range (in characters, as the server counts) begins and ends between words, and outside what was taken out.
 *
 * After words were taken out, the ranges of the older reading do not, until the computer has read the comment again.
 */
export function fits(text: string, { start, end }: Range): boolean {
  const characters = [...text];
  const gone = [...text.matchAll(REDACTED)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }));
  const cuts = (at: number): boolean => {
    const unit = characters.slice(0, at).join("").length;
    const around = characters.slice(Math.max(0, at - 1), at + 1).join("");
    return IN_A_WORD.test(around) || gone.some((one) => one.start < unit && unit < one.end);
  };
  return !cuts(start) && !cuts(end);
}

/** Sentences as ranges over the whole text, with the gaps between them as ranges of their own. */
function lineRanges(text: string, sentences: readonly Sentence[]): (Range & { sentiment: Sentiment | null })[] {
  const at = unitOffsets(text);
  const place = (offset: number): number => at[Math.min(Math.max(offset, 0), at.length - 1)] ?? text.length;
  const lines: (Range & { sentiment: Sentiment | null })[] = [];
  let done = 0;
  for (const sentence of [...sentences].sort((a, b) => a.start - b.start)) {
    const start = Math.max(place(sentence.start), done);
    const end = place(sentence.end);
    if (end <= start) continue;
    if (start > done) lines.push({ start: done, end: start, sentiment: null });
    lines.push({ start, end, sentiment: sentence.sentiment });
    done = end;
  }
  if (done < text.length) lines.push({ start: done, end: text.length, sentiment: null });
  return lines;
}

const covers = (range: Range, start: number, end: number): boolean => range.start <= start && end <= range.end;

function piecesOf(text: string, line: Range, marks: Marks): Piece[] {
  const all: Range[] = [...marks.redacted, ...marks.words, ...marks.hits, ...marks.risks];
  const cuts = new Set([line.start, line.end]);
  for (const { start, end } of all) {
    for (const cut of [start, end]) if (cut > line.start && cut < line.end) cuts.add(cut);
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, i) => {
    const end = edges[i + 1] ?? line.end;
    return {
      text: text.slice(start, end),
      redacted: marks.redacted.find((one) => covers(one, start, end))?.kind ?? null,
      weight: Math.max(0, ...marks.words.filter((one) => covers(one, start, end)).map((one) => one.weight)),
      hit: marks.hits.some((one) => covers(one, start, end)),
      risk: marks.risks.some((one) => covers(one, start, end)),
    };
  });
}

interface Marks {
  redacted: (Range & { kind: string })[];
  words: (Range & { weight: number })[];
  hits: Range[];
  risks: Range[];
}

/**
 * Cuts a comment into sentences and pieces that are ready to draw.
 *
 * `words` are those that mattered for the theme in view, `hits` the words that a search found, `risks` the stretches (in
 * characters, as the server counts) that told of risk; none changes the text: the pieces put together are the comment again.
 */
export function highlight(
  text: string,
  sentences: readonly Sentence[],
  words: readonly WeighedWord[] = [],
  hits: readonly string[] = [],
  risks: readonly Range[] = [],
): Line[] {
  const at = unitOffsets(text);
  const marks: Marks = {
    redacted: [...text.matchAll(REDACTED)].map((found) => ({
      start: found.index,
      end: found.index + found[0].length,
      kind: found[1] ?? "",
    })),
    words: words.flatMap(({ text: word, weight }) => findWord(text, word).map((range) => ({ ...range, weight }))),
    hits: hits.flatMap((hit) => findWord(text, hit)),
    risks: risks.filter((risk) => fits(text, risk)).map(({ start, end }) => ({ start: at[start] ?? text.length, end: at[end] ?? text.length })),
  };
  const whole = sentences.every((sentence) => fits(text, sentence));
  return lineRanges(text, whole ? sentences : []).map((line) => ({
    sentiment: line.sentiment,
    pieces: piecesOf(text, line, marks),
  }));
}
