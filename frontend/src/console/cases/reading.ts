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

const list = (raw: unknown): readonly never[] => (Array.isArray(raw) ? (raw as never[]) : []);

/** A reading from its opened document: what an older worker did not write is empty. */
export function asReading(document: Record<string, unknown>): Reading {
  const { text, language, sentiment, criticality, embedding } = document;
  return {
    text: typeof text === "string" ? text : "",
    identifiers: list(document["identifiers"]),
    sentences: list(document["sentences"]),
    themes: list(document["themes"]),
    elements: list(document["elements"]),
    sentiment: (sentiment as Sentiment | undefined) ?? null,
    criticality: (criticality as Reading["criticality"] | undefined) ?? null,
    safety: list(document["safety"]),
    language: typeof language === "string" ? language : null,
    embedding: Array.isArray(embedding) ? (embedding as number[]) : null,
    unreadable: document["unreadable"] === true,
  };
}
