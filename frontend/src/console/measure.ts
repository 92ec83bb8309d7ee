import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Query } from "@/api/client";
import type { Day } from "@/api/types";

/** What is drawn on the page of measures; it lives in the address beside the filters. */
export interface MeasureAsk {
  measure: string | null;
  period: "week" | "month";
  target: number | null;
  rebase: Day[];
  screen: boolean;
}

function first(raw: LocationQuery[string] | undefined): string | null {
  return (Array.isArray(raw) ? raw[0] : raw) || null;
}

/** Reads the choice of a measure from an address; what it does not understand it leaves out. */
export function readMeasure(query: LocationQuery): MeasureAsk {
  const target = Number(first(query["target"]) ?? Number.NaN);
  const rebase = query["rebase"];
  return {
    measure: first(query["measure"]),
    period: first(query["period"]) === "month" ? "month" : "week",
    target: Number.isFinite(target) ? target : null,
    rebase: (Array.isArray(rebase) ? rebase : [rebase]).filter((one): one is string => /^\d{4}-\d{2}-\d{2}$/.test(one ?? "")),
    screen: first(query["screen"]) === "true",
  };
}

/** Writes the choice of a measure into an address, so that `readMeasure` reads the same again. */
export function writeMeasure(ask: MeasureAsk): LocationQueryRaw {
  return {
    measure: ask.measure ?? undefined,
    period: ask.period === "month" ? "month" : undefined,
    target: ask.target === null ? undefined : String(ask.target),
    rebase: ask.rebase.length ? [...ask.rebase] : undefined,
    screen: ask.screen ? "true" : undefined,
  };
}

/** What the API is asked for, beside the filters. */
export function measureQuery(ask: MeasureAsk): Query & { measure?: string | undefined } {
  return {
    measure: ask.measure ?? undefined,
    period: ask.period,
    target: ask.target,
    rebase: ask.rebase,
    screen: ask.screen,
  };
}
