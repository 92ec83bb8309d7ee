import { expect, it } from "vitest";
import type { WatchedUnit } from "@/api/alerts";
import { gapWords, watchersWords } from "./watchingWords";

const UNIT: WatchedUnit = {
  org_id: "1",
  name: "Ward Oak",
  level: "team",
  watchers: 2,
  nobody_for: [],
  in_part: [],
  urgent: true,
  state: "watched",
};

it("says what is missing at a unit, and nothing where nothing is", () => {
  expect(gapWords(UNIT)).toEqual([]);
  expect(gapWords({ ...UNIT, state: "nobody", urgent: false, nobody_for: ["patient"] })).toEqual([
    "Nobody is told of anything from here but immediate risk.",
  ]);
  expect(gapWords({ ...UNIT, state: "in_part", nobody_for: ["staff"], in_part: ["patient", "carer"], urgent: false })).toEqual([
    "Nobody is told of what staff say.",
    "Of what patients and carers say, only some things are told.",
    "Nobody is told at once of immediate risk.",
  ]);
});

it("counts people", () => {
  expect([0, 1, 2].map((watchers) => watchersWords({ ...UNIT, watchers }))).toEqual(["nobody", "1 person", "2 people"]);
});
