import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Query } from "@/api/client";
import type { Day, Sentiment, Stream } from "@/api/types";
import { SENTIMENTS, STREAMS } from "@/ui/words";

/** A span of days by name, or "dates" when the two days are given. */
export type When = "4w" | "12w" | "year" | "all" | "dates";

/** What the person chose to look at; it lives in the page's address. */
export interface Filters {
  org: string | null;
  when: When;
  from: Day | null;
  to: Day | null;
  streams: Stream[];
  theme: string | null;
  /** A CQC key question or dimension of quality, such as "cqc:safe". */
  dimension: string | null;
  cluster: string | null;
  sentiments: Sentiment[];
  fft: number[];
  language: string | null;
  needsPerson: boolean;
  safety: boolean;
  search: string | null;
}

export const SPANS: readonly { when: Exclude<When, "dates">; words: string }[] = [
  { when: "4w", words: "Last 4 weeks" },
  { when: "12w", words: "Last 12 weeks" },
  { when: "year", words: "Last year" },
  { when: "all", words: "All dates" },
];

/** The day the NHS began: no comment is older, so "all dates" starts here. */
export const EARLIEST: Day = "1948-07-05";
const SPAN_DAYS: Readonly<Record<string, number>> = { "4w": 28, "12w": 84, year: 364 };
const A_DAY = /^\d{4}-\d{2}-\d{2}$/;

type Raw = LocationQuery[string] | undefined;

function texts(raw: Raw): string[] {
  return (Array.isArray(raw) ? raw : [raw]).filter((one): one is string => typeof one === "string" && one !== "");
}

const text = (raw: Raw): string | null => texts(raw)[0] ?? null;

function day(raw: Raw): Day | null {
  const found = text(raw);
  return found && A_DAY.test(found) && !Number.isNaN(Date.parse(found)) ? found : null;
}

function among<T extends string | number>(raw: Raw, allowed: readonly T[]): T[] {
  const given = texts(raw);
  return allowed.filter((one) => given.includes(String(one)));
}

/** Reads filters from an address; what it does not understand it leaves out, and `span` is used when no dates are named. */
export function readFilters(query: LocationQuery, span: When = "12w"): Filters {
  const from = day(query["from"]);
  const to = day(query["to"]);
  const named = SPANS.find(({ when }) => when === text(query["when"]))?.when;
  return {
    org: text(query["org"]),
    when: from || to ? "dates" : (named ?? span),
    from,
    to,
    streams: among(query["stream"], STREAMS),
    theme: text(query["theme"]),
    dimension: text(query["dimension"]),
    cluster: text(query["cluster"]),
    sentiments: among(query["sentiment"], SENTIMENTS),
    fft: among(query["fft"], [1, 2, 3, 4, 5, 6]),
    language: text(query["language"]),
    needsPerson: text(query["needs_person"]) === "true",
    safety: text(query["safety"]) === "true",
    search: text(query["q"]),
  };
}

/** The part of the filters that every page shares. */
function sharedQuery(filters: Filters): LocationQueryRaw {
  return {
    org: filters.org ?? undefined,
    when: filters.when === "dates" ? undefined : filters.when,
    from: filters.when === "dates" ? (filters.from ?? undefined) : undefined,
    to: filters.when === "dates" ? (filters.to ?? undefined) : undefined,
    stream: filters.streams.length ? [...filters.streams] : undefined,
  };
}

/** Writes the shared filters only, for a link to another page. */
export function carried(filters: Filters, more: Partial<Filters> = {}): LocationQueryRaw {
  return tidy(sharedQuery({ ...filters, ...more }));
}

function tidy(query: LocationQueryRaw): LocationQueryRaw {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Writes filters into an address, so that `readFilters` reads the same again. */
export function writeFilters(filters: Filters): LocationQueryRaw {
  return tidy({
    ...sharedQuery(filters),
    theme: filters.theme ?? undefined,
    dimension: filters.dimension ?? undefined,
    cluster: filters.cluster ?? undefined,
    sentiment: filters.sentiments.length ? filters.sentiments.map(String) : undefined,
    fft: filters.fft.length ? filters.fft.map(String) : undefined,
    language: filters.language ?? undefined,
    needs_person: filters.needsPerson ? "true" : undefined,
    safety: filters.safety ? "true" : undefined,
    q: filters.search ?? undefined,
  });
}

function daysBefore(today: Day, days: number): Day {
  return new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
}

/** The first and last day of the filters, both inclusive; null where there is no end. */
export function span(filters: Filters, today: Day): { from: Day | null; to: Day | null } {
  if (filters.when === "dates") return { from: filters.from, to: filters.to };
  const days = SPAN_DAYS[filters.when];
  return { from: days === undefined ? EARLIEST : daysBefore(today, days - 1), to: today };
}

/** What every page asks the API for: organisation, dates, streams. */
export function sharedAsk(filters: Filters, today: Day): Query {
  return { org: filters.org, ...span(filters, today), stream: filters.streams };
}

/** What the comments pages and the exports ask the API for: all filters. */
export function commentsAsk(filters: Filters, today: Day): Query {
  return {
    ...sharedAsk(filters, today),
    theme: filters.theme,
    dimension: filters.dimension,
    cluster: filters.cluster,
    sentiment: filters.sentiments,
    fft: filters.fft,
    language: filters.language,
    needs_person: filters.needsPerson,
    safety: filters.safety,
    q: filters.search,
  };
}

/** Today's day where the person is. */
export function today(now: Date = new Date()): Day {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
