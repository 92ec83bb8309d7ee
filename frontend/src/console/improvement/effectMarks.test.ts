import { describe, expect, it } from "vitest";
import type { EffectMark, EffectWeek } from "@/api/improvement";
import { bands, spots } from "./effectMarks";

const WEEKS = ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"].map(
  (start, i) => ({ start, part: i === 1 || i === 2 ? "set_aside" : null }) as EffectWeek,
);
const PLOT = { x: (i: number) => 100 + 20 * i, half: 10 };
const mark = (on_day: string): EffectMark => ({ kind: "begun", on_day, letter: "A", text: "" });

describe("what is drawn over the chart of an action", () => {
  it("stands at the week of its day, in a row of its own where two come close", () => {
    const found = spots([mark("2026-03-10"), mark("2026-03-16"), mark("2026-06-01")], WEEKS, PLOT);
    expect(found.map(({ x, row }) => [x, row])).toEqual([
      [120, 0],
      [140, 1],
      [160, 0],
    ]);
  });

  it("leaves out what comes before the chart", () => {
    expect(spots([mark("2026-01-01")], WEEKS, PLOT)).toEqual([]);
  });

  it("joins neighbouring weeks that are set aside", () => {
    expect(bands(WEEKS, PLOT)).toEqual([{ x: 110, width: 40 }]);
  });
});
