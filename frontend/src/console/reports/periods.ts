import type { LocationQuery } from "vue-router";
import type { Day } from "@/api/types";
import { longDay } from "@/ui/format";

/** A span of whole months that a report may be of. */
export interface Months {
  key: "month" | "quarter" | "year" | "dates";
  words: string;
  since: Day;
  until: Day;
}

/** The first day of the month that lies `back` months before that of `day`. */
function monthStart(day: Day, back: number): Day {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 10);
}

function dayBefore(day: Day): Day {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}

/** The spans on offer: the last whole month, the last whole quarter of the year, the last twelve whole months. */
export function spans(today: Day): Months[] {
  const until = dayBefore(monthStart(today, 0));
  const intoQuarter = (Number(today.slice(5, 7)) - 1) % 3;
  const quarterUntil = dayBefore(monthStart(today, intoQuarter));
  return [
    { key: "quarter", words: "Last whole quarter", since: monthStart(today, intoQuarter + 3), until: quarterUntil },
    { key: "month", words: "Last whole month", since: monthStart(today, 1), until },
    { key: "year", words: "Last 12 whole months", since: monthStart(today, 12), until },
  ];
}

/** Which span the pages of quality had in view, as near as whole months come to it. */
const NEAR: Readonly<Record<string, Months["key"]>> = { "4w": "month", "12w": "quarter", year: "year", all: "year" };

const first = (raw: LocationQuery[string] | undefined): string => (Array.isArray(raw) ? raw[0] : raw) ?? "";

/** Reads a span from an address: two days, a span by name, or the quarter. */
export function readMonths(query: LocationQuery, today: Day): Months {
  const [from, to] = [first(query["from"]), first(query["to"])];
  const A_DAY = /^\d{4}-\d{2}-\d{2}$/;
  if (A_DAY.test(from) && A_DAY.test(to)) return { key: "dates", words: "Choose dates …", since: from, until: to };
  const all = spans(today);
  const key = NEAR[first(query["when"])] ?? first(query["period"]);
  return all.find((one) => one.key === key) ?? (all[0] as Months);
}

/** The days of a span, as people read them. */
export function daysWords({ since, until }: Pick<Months, "since" | "until">): string {
  return `${longDay(since)} to ${longDay(until)}`;
}
