import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { Query } from "@/api/client";
import type { Meaning, SignalKind, SignalState } from "@/api/types";
import { KINDS, MEANINGS, STATES } from "./signalWords";

/** Which signals to list, beside the filters that all pages share; it lives in the page's address. */
export interface SignalFilters {
  kinds: SignalKind[];
  meanings: Meaning[];
  /** Empty for all that are not closed. */
  states: SignalState[];
  unowned: boolean;
}

function among<T extends string>(raw: LocationQuery[string] | undefined, allowed: readonly T[]): T[] {
  const given = Array.isArray(raw) ? raw : [raw];
  return allowed.filter((one) => given.includes(one));
}

/** Reads the filters of signals from an address; what it does not understand it leaves out. */
export function readSignalFilters(query: LocationQuery): SignalFilters {
  return {
    kinds: among(query["kind"], KINDS),
    meanings: among(query["meaning"], MEANINGS),
    states: query["state"] === "all" ? [...STATES] : among(query["state"], STATES),
    unowned: query["unowned"] === "true",
  };
}

const written = (values: readonly string[]): string[] | undefined => (values.length ? [...values] : undefined);

/** Writes the filters of signals into an address, so that `readSignalFilters` reads the same again. */
export function writeSignalFilters({ kinds, meanings, states, unowned }: SignalFilters): LocationQueryRaw {
  return {
    kind: written(kinds),
    meaning: written(meanings),
    state: states.length === STATES.length ? "all" : written(states),
    unowned: unowned ? "true" : undefined,
  };
}

/** What the API is asked for, beside the shared filters. */
export function signalAsk({ kinds, meanings, states, unowned }: SignalFilters): Query {
  return { kind: kinds, meaning: meanings, state: states, unowned };
}
