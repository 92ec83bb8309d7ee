import type { Day } from "@/api/types";

const NUMBER = new Intl.NumberFormat("en-GB");
const ONE_PLACE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
const SHORT_MOMENT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const LANGUAGES = new Intl.DisplayNames(["en-GB"], { type: "language" });

/** What stands for a count that would be of a few people only; null in the API's answers. */
export const TOO_FEW = "too few to say";

/** A count with its thousands set apart: 12,340. */
export function count(n: number | null): string {
  return n === null ? TOO_FEW : NUMBER.format(n);
}

/** A count and its noun, singular for one: "1 comment", "3 comments". */
export function counted(n: number | null, one: string, many = `${one}s`): string {
  return n === null ? `too few ${many} to say` : `${count(n)} ${n === 1 ? one : many}`;
}

/** A measure's value in its unit, with at most one place; a dash when there is none. */
export function value(n: number | null, unit: "count" | "percent"): string {
  if (n === null) return "–";
  return unit === "percent" ? `${ONE_PLACE.format(n)}%` : ONE_PLACE.format(n);
}

/** A percentage without places: "87%"; a dash when there is none. */
export function percent(n: number | null): string {
  return n === null ? "–" : `${Math.round(n)}%`;
}

/** A share between 0 and 1 as a percentage: .87 is "87%"; a dash when there is none. */
export function share(p: number | null): string {
  return percent(p === null ? null : p * 100);
}

function parsed(day: Day): Date | null {
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

function written(day: Day | null, format: Intl.DateTimeFormat): string {
  const date = day ? parsed(day) : null;
  return date ? format.format(date) : (day ?? "–");
}

/** A day in full: "4 March 2026". What is no day is given back as it came. */
export const longDay = (day: Day | null): string => written(day, DAY);

/** A day for the edge of a chart: "4 Mar". */
export const shortDay = (day: Day | null): string => written(day, SHORT_DAY);

/** A month for the edge of a chart: "Mar 2026". */
export const shortMonth = (day: Day | null): string => written(day, MONTH);

/** A moment where the reader is: "4 March 2026 at 14:20". */
export const longMoment = (moment: string): string => MOMENT.format(new Date(moment));

/** A moment of these days where the reader is: "4 Mar, 14:20". */
export const shortMoment = (moment: string): string => SHORT_MOMENT.format(new Date(moment));

/** A language's English name, or its code when it has none. */
export function languageName(code: string): string {
  try {
    return LANGUAGES.of(code) ?? code;
  } catch {
    return code;
  }
}

/** How a number moved against the period before. */
export interface Move {
  way: "up" | "down" | "same";
  text: string;
}

/**
 * Says how far `now` is from `before`, as a percentage of `before`.
 *
 * Small periods (before under 10) are compared in plain numbers, since a percentage of few misleads.
 */
export function move(now: number | null, before: number | null): Move {
  if (now === null || before === null) return { way: "same", text: TOO_FEW };
  const way = now > before ? "up" : now < before ? "down" : "same";
  if (way === "up" && before === 0) return { way, text: "none before" };
  if (way === "same") return { way, text: "no change" };
  const size = before >= 10 ? `${Math.round((Math.abs(now - before) / before) * 100)}%` : count(Math.abs(now - before));
  return { way, text: `${way} ${size}` };
}

/** How far a percentage moved, in percentage points. */
export function movePoints(now: number, before: number): Move {
  const points = Math.round(now) - Math.round(before);
  if (points === 0) return { way: "same", text: "no change" };
  const way = points > 0 ? "up" : "down";
  return { way, text: `${way} ${counted(Math.abs(points), "point")}` };
}
