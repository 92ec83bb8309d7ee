import { computed, type ComputedRef } from "vue";
import { type LocationQueryRaw, useRoute, useRouter } from "vue-router";
import type { Query } from "@/api/client";
import { carried, commentsAsk, type Filters, readFilters, sharedAsk, today, type When, writeFilters } from "./filters";

/** The filters of the page in view and what follows from them. */
export interface InUse {
  filters: ComputedRef<Filters>;
  shared: ComputedRef<Query>;
  all: ComputedRef<Query>;
  /** Changes some filters; the address changes with them, so that "back" undoes it. */
  change: (some: Partial<Filters>) => void;
  /** A link's query that keeps organisation, dates and streams. */
  keep: (more?: Partial<Filters>, extra?: LocationQueryRaw) => LocationQueryRaw;
  /** A link's query with all filters, for pages of comments. */
  full: (more?: Partial<Filters>) => LocationQueryRaw;
}

const OWN = ["org", "when", "from", "to", "stream", "theme", "dimension", "cluster", "sentiment", "fft", "language", "needs_person", "safety", "q"];

/** Reads the filters from the address; `span` is this page's span of days when the address names none. */
export function useFilters(span: When = "12w"): InUse {
  const route = useRoute();
  const router = useRouter();
  const filters = computed(() => readFilters(route.query, span));
  const others = (): LocationQueryRaw => Object.fromEntries(Object.entries(route.query).filter(([name]) => !OWN.includes(name)));
  return {
    filters,
    shared: computed(() => sharedAsk(filters.value, today())),
    all: computed(() => commentsAsk(filters.value, today())),
    change: (some) => void router.push({ query: { ...others(), ...writeFilters({ ...filters.value, ...some }) } }),
    keep: (more = {}, extra = {}) => ({ ...carried(filters.value, more), ...extra }),
    full: (more = {}) => writeFilters({ ...filters.value, ...more }),
  };
}
