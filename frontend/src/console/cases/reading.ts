import type { Sentiment } from "@/api/types";

/** A word that counted towards what the computer suggests. */
export interface Telling {
  text: string;
  weight: number;
}

/** Something that the computer suggests, with how sure it is and what it went by. */
export interface Suggested {
  label: string;
  p: number;
  words: readonly Telling[];
}

/** What the worker made of a report: it was sealed to the case, so nobody else can know it. Offsets count characters. */
export interface Reading {
  text: string;
  identifiers: readonly string[];
  sentences: readonly { start: number; end: number; sentiment: Sentiment }[];
  themes: readonly Suggested[];
  elements: readonly Suggested[];
  sentiment: Sentiment | null;
  criticality: { label: number; p: number } | null;
  safety: readonly { kind: string; p: number; start: number; end: number }[];
  language: string | null;
  embedding: readonly number[] | null;
  /** True where the computer could not read the report: a person must look. */
  unreadable: boolean;
}
