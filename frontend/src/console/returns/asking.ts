import type { LocationQuery, LocationQueryRaw } from "vue-router";
import type { ReturnAsk, ReturnPack } from "@/api/returns";

const text = (query: LocationQuery, name: string): string | null => {
  const given = query[name];
  return typeof given === "string" && given ? given : null;
};

/** The return that an address asks for: what it names, and else the first that may be seen, for the newest period that has ended. */
export function readAsk(query: LocationQuery, packs: readonly ReturnPack[], today: string): ReturnAsk | null {
  const usable = packs.filter(({ places, periods }) => places.length && periods.length);
  const pack = usable.find(({ id }) => id === text(query, "return")) ?? usable[0];
  if (!pack) return null;
  const place = pack.places.find(({ id }) => id === text(query, "place")) ?? pack.places[0];
  const ended = pack.periods.find(({ last }) => last < today) ?? pack.periods[0];
  const period = pack.periods.find(({ first }) => first === text(query, "period")) ?? ended;
  if (!place || !period) return null;
  return {
    pack: pack.id,
    org: place.id,
    period: period.first,
    sent: text(query, "sent"),
    exact: pack.may_send && text(query, "exact") === "true",
  };
}

/** The address of a return; another return, place or period is never asked for as it was sent. */
export function writeAsk(ask: ReturnAsk, some: Partial<ReturnAsk>): LocationQueryRaw {
  const moved = "pack" in some || "org" in some || "period" in some;
  const next = { ...ask, ...(moved ? { sent: null } : {}), ...some };
  return {
    return: next.pack,
    place: next.org,
    period: "pack" in some ? undefined : next.period,
    sent: next.sent ?? undefined,
    exact: next.exact ? "true" : undefined,
  };
}

/** Reads numbers as people type them; the names of those that are none come back as `wrong`. */
export function readTyped(typed: Readonly<Record<string, string>>): { values: Record<string, number | null>; wrong: string[] } {
  const values: Record<string, number | null> = {};
  const wrong: string[] = [];
  for (const [code, given] of Object.entries(typed)) {
    const plain = given.replace(/[\s,]/g, "");
    if (!plain) values[code] = null;
    else if (/^\d{1,8}$/.test(plain) && Number(plain) <= 10_000_000) values[code] = Number(plain);
    else wrong.push(code);
  }
  return { values, wrong };
}
