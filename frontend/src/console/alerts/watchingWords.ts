import type { WatchedUnit, WatchState } from "@/api/alerts";
import type { Stream } from "@/api/types";
import { counted } from "@/ui/format";
import { STREAM_WORDS } from "@/ui/words";

export const WATCH_WORDS: Readonly<Record<WatchState, string>> = {
  nobody: "Nobody watches it",
  in_part: "Watched in part",
  watched: "Watched",
};

const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });
const named = (streams: readonly Stream[]): string => LIST.format(streams.map((one) => STREAM_WORDS[one].many.toLowerCase()));

/** What is missing at a unit, in sentences; nothing where somebody watches all of it. */
export function gapWords({ state, nobody_for, in_part, urgent }: WatchedUnit): string[] {
  if (state === "nobody") return ["Nobody is told of anything from here but immediate risk."];
  return [
    nobody_for.length ? `Nobody is told of what ${named(nobody_for)} say.` : "",
    in_part.length ? `Of what ${named(in_part)} say, only some things are told.` : "",
    urgent ? "" : "Nobody is told at once of immediate risk.",
  ].filter(Boolean);
}

/** How many people are told of a unit. */
export const watchersWords = ({ watchers }: WatchedUnit): string => (watchers ? counted(watchers, "person", "people") : "nobody");
