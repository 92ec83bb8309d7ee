// @vitest-environment jsdom
import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { week } from "./samples";
import { runs, weekDrawing } from "./weekChart";
import WeekChart from "./WeekChart.vue";

const WEEKS = [
  week(3, { start: "2026-03-02" }),
  week(null, { start: "2026-03-09" }),
  week(9, { start: "2026-03-16", marked: true }),
  week(12, { start: "2026-03-23", marked: true }),
];

describe("weekDrawing", () => {
  it("lifts the pen where there are no data, and marks the weeks of the signal", () => {
    const plot = weekDrawing(WEEKS, 454, 244);
    expect(plot.dots.map(({ i, marked }) => [i, marked])).toEqual([[0, false], [2, true], [3, true]]);
    expect(plot.line[1]?.y).toBeNull();
    expect(plot.marked).toEqual([{ x: 240, width: 200 }]);
    expect(plot.missing).toEqual([{ x: 140, width: 100 }]);
  });

  it("begins its axis at 0 and holds what was expected", () => {
    const { marks, y } = weekDrawing([week(1, { limit: 19.5 })], 454, 244);
    expect(marks[0]).toBe(0);
    expect(marks.at(-1)).toBeGreaterThanOrEqual(19.5);
    expect(y(0)).toBe(214);
  });

  it("finds runs", () => expect(runs([true, true, false, true])).toEqual([[0, 1], [3, 3]]));
});

describe("WeekChart", () => {
  const series = { name: "Negative comments", weeks: WEEKS, sentence: "More than usual." };
  const view = mount(WeekChart, { props: { series, meaning: "concern" } });

  it("says in words what it shows", () => {
    expect(view.get("svg[role=img]").attributes("aria-label")).toContain("More than usual.");
    expect(view.findAll("svg[role=img] .ear-weeks__dot.is-concern")).toHaveLength(2);
    expect(view.get("figcaption").text()).toContain("no data");
  });

  it("has the same numbers in a table, the newest first, and never 0 for no data", async () => {
    const rows = view.findAll("tbody tr").map((row) => row.findAll("th, td").map((cell) => cell.text()));
    expect(rows[0]).toEqual(["23 March 2026", "12", "40", "4.0", "8.0", "yes"]);
    expect(rows[2]?.[1]).toBe("no data");
    const button = view.get("button");
    expect(button.attributes("aria-expanded")).toBe("false");
    await button.trigger("click");
    expect(button.attributes("aria-expanded")).toBe("true");
  });
});
