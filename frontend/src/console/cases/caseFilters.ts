import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Query } from "@/api/client";
import type { CaseState } from "@/api/cases";
import type { Stream } from "@/api/types";
import { STREAMS } from "@/ui/words";

/** Which cases to list; it lives in the page's address. */
export interface CaseFilters {
  /** Null for all that are not closed. */
  state: CaseState | null;
  mine: boolean;
  org: string | null;
  stream: Stream | null;
}

export const CASE_STATES: readonly CaseState[] = ["new", "open", "closed"];

const text = (raw: LocationQuery[string] | undefined): string | null => (Array.isArray(raw) ? raw[0] : raw) || null;

/** Reads the filters from an address; what it does not understand it leaves out. */
export function readCaseFilters(query: LocationQuery): CaseFilters {
  return {
    state: CASE_STATES.find((state) => state === text(query["state"])) ?? null,
    mine: text(query["mine"]) === "true",
    org: text(query["org"]),
    stream: STREAMS.find((stream) => stream === text(query["stream"])) ?? null,
  };
}

/** Writes the filters into an address, so that `readCaseFilters` reads the same again. */
export function writeCaseFilters({ state, mine, org, stream }: CaseFilters): LocationQueryRaw {
  return { state: state ?? undefined, mine: mine ? "true" : undefined, org: org ?? undefined, stream: stream ?? undefined };
}

/** What the API is asked for. */
export function caseAsk({ state, mine, org, stream }: CaseFilters): Query {
  return { state, mine, org_id: org, stream };
}
